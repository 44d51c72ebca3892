/** What was asked and what happened. */
import * as z from 'zod';
import { Event, LogLine, Operation } from '../resources.ts';
import { appName, AppParams, count, flag, operationId, OperationParams } from './parameters.ts';
import type { RouteRow } from './route.ts';

export const activityRoutes = {
  operations: {
    method: 'GET',
    path: '/v1/operations',
    summary: 'Operations, newest first',
    status: 200,
    sends: 'none',
    returns: 'json',
    query: z.object({ app: appName.optional(), limit: count.max(1_000).optional() }),
    response: z.object({ operations: z.array(Operation) }),
  },
  operation: {
    method: 'GET',
    path: '/v1/operations/:id',
    summary: 'One operation with its steps',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: OperationParams,
    response: Operation,
  },
  cancel: {
    method: 'POST',
    path: '/v1/operations/:id/cancel',
    summary: 'Ask for an operation to be undone; one that can no longer be undone goes on',
    status: 202,
    sends: 'none',
    returns: 'json',
    params: OperationParams,
    response: Operation,
  },
  events: {
    method: 'GET',
    path: '/v1/events',
    summary: 'What happened, oldest first; with `follow` also what happens from now on',
    status: 200,
    sends: 'none',
    returns: 'ndjson',
    query: z.object({
      since: z.coerce.number().int().min(0).optional(),
      app: appName.optional(),
      operation: operationId.optional(),
      follow: flag,
    }),
    response: Event,
  },
  logs: {
    method: 'GET',
    path: '/v1/apps/:app/logs',
    summary: "Log lines of an app's instances",
    status: 200,
    sends: 'none',
    returns: 'ndjson',
    params: AppParams,
    query: z.object({
      follow: flag,
      since: z.iso.datetime({ offset: true }).optional(),
      grep: z.string().min(1).max(1_000).optional(),
      level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
      instance: z.string().min(1).optional(),
      service: z.string().min(1).optional(),
      tail: count.optional(),
    }),
    response: LogLine,
  },
} as const satisfies Record<string, RouteRow>;
