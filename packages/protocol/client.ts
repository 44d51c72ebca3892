/** A client of the HTTP API over its unix socket, typed by the contract. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  BY_HEADER,
  type Contract,
  contract,
  type EmptyRoute,
  ErrorResponse,
  type JsonRoute,
  type RouteBodyInput,
  type RouteHeaders,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type RouteResponse,
  type StreamRoute,
  type TextRoute,
} from './contract.ts';
import { answerNotUnderstood, connectionLost, platformUnreachable, receivedError } from './errors.ts';
import { readLines } from './ndjson.ts';
import type { RouteRow } from './routes/route.ts';

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };
type Given<Key extends string, Value> = Value extends undefined ? unknown : { readonly [K in Key]: Value };

/** What a call of a route takes. */
export type CallInput<N extends RouteName> = Given<'params', RouteParams<N>> &
  (RouteQuery<N> extends undefined ? unknown : { readonly query?: Loose<RouteQuery<N>> }) &
  (RouteHeaders<N> extends undefined ? unknown : { readonly headers: { readonly [K in keyof RouteHeaders<N>]: string } }) &
  (Contract[N]['sends'] extends 'json' ? { readonly body: RouteBodyInput<N> } : unknown) &
  (Contract[N]['sends'] extends 'binary' ? { readonly body: Readable | null } : unknown) & { readonly signal?: AbortSignal };

export type Client = {
  /** Asks once. A failed request throws the error that the daemon threw. */
  call<N extends JsonRoute>(route: N, input: CallInput<N>): Promise<RouteResponse<N>>;
  call<N extends EmptyRoute>(route: N, input: CallInput<N>): Promise<void>;
  call<N extends TextRoute>(route: N, input: CallInput<N>): Promise<string>;
  /** The answer line by line; leaving the loop or aborting the signal ends the request. */
  stream<N extends StreamRoute>(route: N, input: CallInput<N>): AsyncIterable<RouteResponse<N>>;
};

export type ClientOptions = {
  readonly socketPath: string;
  /** Who asks, see BY_HEADER. */
  readonly by: string;
};

export const createClient = ({ socketPath, by }: ClientOptions): Client => {
  const send = (route: RouteName, input: AnyInput): Promise<IncomingMessage> => {
    const row: RouteRow = contract[route];
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const req = request({
      socketPath,
      // A connection of its own for each request: one kept from before may have died with a daemon.
      agent: false,
      method: row.method,
      path: pathOf(row, input),
      // Not "close", which would make the daemon hang up on a client that is still sending when its answer is ready.
      headers: {
        host: 'berth',
        connection: 'keep-alive',
        [BY_HEADER]: headerSafe(by),
        ...contentHeaders(row, input),
        ...input.headers,
      },
      ...(input.signal && { signal: input.signal }),
    });
    req.once('response', resolve);
    // Stays for good: a request may also fail after its answer began, which the reader of the answer sees by itself.
    req.on('error', (cause) => reject(input.signal?.aborted ? input.signal.reason : requestError(socketPath, cause)));
    writeBody(req, row, input, reject);
    return promise;
  };

  const call = async (route: RouteName, input: AnyInput): Promise<unknown> => {
    const response = await send(route, input);
    const text = await readText(response, (cause) =>
      input.signal?.aborted ? input.signal.reason : connectionLost(socketPath, cause),
    );
    if (failed(response)) throw errorOf(route, response, text);
    const kind = contract[route].returns;
    return kind === 'json' ? parseJson(route, response, text) : kind === 'text' ? text : undefined;
  };

  const stream = async function* (route: StreamRoute, input: AnyInput): AsyncGenerator<unknown, void, undefined> {
    const response = await send(route, input);
    try {
      if (failed(response))
        throw errorOf(route, response, await readText(response, (cause) => connectionLost(socketPath, cause)));
      for await (const line of readLines(response)) {
        const item = parseJson(route, response, line);
        const broken = brokenOff(item);
        if (broken) throw broken;
        yield item;
      }
    } catch (thrown) {
      if (input.signal?.aborted) throw input.signal.reason;
      if (isBroken(thrown)) throw connectionLost(socketPath, thrown);
      throw thrown;
    } finally {
      response.destroy();
    }
  };

  // The overloads of Client say which input belongs to which route; inside, all routes are alike.
  return { call: call as Client['call'], stream: stream as Client['stream'] };
};

/** argv as the value of the header `x-berth-argv`: JSON, with everything outside ASCII escaped. */
export const argvHeader = (argv: readonly string[]): string =>
  JSON.stringify(argv).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

type AnyInput = {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

const pathOf = (row: RouteRow, input: AnyInput): string => {
  const path = row.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input.params?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== false) query.set(name, String(value));
  }
  return query.size > 0 ? `${path}?${query}` : path;
};

const contentHeaders = (row: RouteRow, input: AnyInput): Record<string, string> => {
  if (row.sends === 'json') return { 'content-type': 'application/json' };
  if (row.sends !== 'binary') return {};
  const type = { 'content-type': row.bodyType ?? 'application/octet-stream' };
  // An empty body is said in the header, so that a command without standard input does not wait for one.
  return input.body === null ? { ...type, 'content-length': '0' } : { ...type, 'transfer-encoding': 'chunked' };
};

const writeBody = (req: ClientRequest, row: RouteRow, input: AnyInput, reject: (reason: unknown) => void): void => {
  if (row.sends === 'json') req.end(JSON.stringify(input.body));
  else if (row.sends === 'none' || input.body === null) req.end();
  else {
    const body = input.body as Readable;
    // Before the request notices: its own error would be a mere "socket hang up".
    body.once('error', reject);
    // The answer may end before the body does (a full disk, a command that does not read its input): then nobody wants the
    // rest. That is no error of the body, and must not become one for whatever feeds it.
    req.once('response', (response) => response.once('close', () => body.destroy()));
    // Without this the headers wait for the first byte of a body that may never come.
    req.flushHeaders();
    pipeline(body, req).catch((cause: Error) => req.destroy(cause));
  }
};

const headerSafe = (text: string): string => text.replace(/[^\x21-\x7e]/g, '?').slice(0, 64);

const failed = (response: IncomingMessage): boolean => (response.statusCode ?? 0) >= 400;

const readText = async (response: IncomingMessage, onBreak: (cause: unknown) => unknown): Promise<string> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (cause) {
    throw onBreak(cause);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const parseJson = (route: RouteName, response: IncomingMessage, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw answerNotUnderstood(route, response.statusCode ?? 0, text.slice(0, 80));
  }
};

const errorOf = (route: RouteName, response: IncomingMessage, text: string): Error => {
  const parsed = ErrorResponse.safeParse(parseJson(route, response, text));
  return parsed.success
    ? receivedError(parsed.data.error)
    : answerNotUnderstood(route, response.statusCode ?? 0, text.slice(0, 80));
};

/** A stream that broke off says so in a last line that holds an error and nothing else. */
const brokenOff = (item: unknown): Error | undefined => {
  if (typeof item !== 'object' || item === null || Object.keys(item).join() !== 'error') return undefined;
  const parsed = ErrorResponse.safeParse(item);
  return parsed.success ? receivedError(parsed.data.error) : undefined;
};

const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);
const isBroken = (thrown: unknown): boolean =>
  thrown instanceof Error && BROKEN.has((thrown as NodeJS.ErrnoException).code ?? '');

/** Tells "nobody listens" from "broke off" from an error of the body that was being sent. */
const requestError = (socketPath: string, cause: NodeJS.ErrnoException): unknown => {
  if (cause.syscall === 'connect') return platformUnreachable(socketPath, cause.code ?? '', cause);
  return isBroken(cause) ? connectionLost(socketPath, cause) : cause;
};
