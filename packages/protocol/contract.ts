/**
 * The whole HTTP API: one row per route. The daemon's router, the client, the OpenAPI document and its checks are all
 * derived from this table, so that a route exists everywhere or nowhere.
 */
import * as z from 'zod';
import { ErrorBody } from './error-body.ts';
import { activityRoutes } from './routes/activity.ts';
import { appsRoutes } from './routes/apps.ts';
import { configurationRoutes } from './routes/configuration.ts';
import { platformRoutes } from './routes/platform.ts';
import { protectionRoutes } from './routes/protection.ts';
import type { ResponseKind } from './routes/route.ts';

export const contract = {
  ...appsRoutes,
  ...configurationRoutes,
  ...protectionRoutes,
  ...activityRoutes,
  ...platformRoutes,
} as const;

export type Contract = typeof contract;
export type RouteName = keyof Contract;

/** Who asks, for journal and receipts; the CLI sends the name of the user at the keyboard. */
export const BY_HEADER = 'x-berth-by';

/** A failed request's body, and the last line of a stream that broke off. */
export const ErrorResponse = z.object({ error: ErrorBody });

type SchemaAt<Row, Key extends PropertyKey> = Row extends { readonly [K in Key]: infer S extends z.ZodType } ? S : undefined;
type InputAt<Row, Key extends PropertyKey> = SchemaAt<Row, Key> extends z.ZodType ? z.input<SchemaAt<Row, Key>> : undefined;
type OutputAt<Row, Key extends PropertyKey> = SchemaAt<Row, Key> extends z.ZodType ? z.output<SchemaAt<Row, Key>> : undefined;

/** What the daemon's handler of a route gets, checked. */
export type RouteParams<N extends RouteName> = OutputAt<Contract[N], 'params'>;
export type RouteQuery<N extends RouteName> = OutputAt<Contract[N], 'query'>;
export type RouteHeaders<N extends RouteName> = OutputAt<Contract[N], 'headers'>;
export type RouteBody<N extends RouteName> = OutputAt<Contract[N], 'body'>;
/** What comes back: the document, or for a stream one item of it. */
export type RouteResponse<N extends RouteName> = OutputAt<Contract[N], 'response'>;

/** What a client gives, as ordinary values: they are turned into text where the transport wants text. */
export type RouteBodyInput<N extends RouteName> = InputAt<Contract[N], 'body'>;

type RoutesReturning<K extends ResponseKind> = { [N in RouteName]: Contract[N]['returns'] extends K ? N : never }[RouteName];
export type JsonRoute = RoutesReturning<'json'>;
export type StreamRoute = RoutesReturning<'ndjson'>;
export type TextRoute = RoutesReturning<'text'>;
export type EmptyRoute = RoutesReturning<'empty'>;
