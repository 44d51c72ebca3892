import type * as z from 'zod';

/** What comes back: one JSON document, one JSON document per line, plain text, or nothing. */
export type ResponseKind = 'json' | 'ndjson' | 'text' | 'empty';
/** What is sent: one JSON document, a stream of bytes, or nothing. */
export type RequestKind = 'json' | 'binary' | 'none';

export type RouteRow = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments that start with ":" are parameters. */
  readonly path: string;
  readonly summary: string;
  readonly status: 200 | 202 | 204;
  readonly sends: RequestKind;
  readonly returns: ResponseKind;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  /** For `sends: 'json'`. */
  readonly body?: z.ZodType;
  /** For `sends: 'binary'`. */
  readonly bodyType?: string;
  /** For `json` the document, for `ndjson` one line of it. */
  readonly response?: z.ZodType;
};
