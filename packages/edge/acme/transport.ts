import { type IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { unreachable } from './errors.ts';

export type HttpAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

export type HttpRequest = { readonly method: 'GET' | 'HEAD' | 'POST'; readonly url: string; readonly body?: string };

/** One request. Throws ACME_UNREACHABLE when no answer came; one that says no is an answer. */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** node:https alone: the root of an authority of one's own can be given per request, and nothing is loaded for it. */
export const createTransport =
  ({ ca, timeoutMs, userAgent }: { ca: string | null; timeoutMs: number; userAgent: string }): Transport =>
  ({ method, url, body }, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const limit = AbortSignal.timeout(timeoutMs);
      const sent = request(
        url,
        {
          method,
          headers: { 'user-agent': userAgent, ...(body === undefined ? {} : { 'content-type': 'application/jose+json' }) },
          signal: AbortSignal.any([signal, limit]),
          ...(ca === null ? {} : { ca }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on('error', fail);
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes > ANSWER_BYTES) sent.destroy(new Error(`its answer is longer than ${ANSWER_BYTES} bytes`));
          });
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      function fail(cause: Error): void {
        if (signal.aborted) reject(signal.reason);
        else reject(unreachable(url, limit.aborted ? `no answer within ${timeoutMs / 1_000} s` : reasonOf(cause), { cause }));
      }
      sent.on('error', fail);
      sent.end(body);
    });

/** A certificate with its chain has less than 10 KB. */
const ANSWER_BYTES = 1024 * 1024;

/** An attempt at several addresses fails with the reasons of each and no message of its own. */
const reasonOf = (cause: Error): string =>
  cause instanceof AggregateError ? cause.errors.map((each: Error) => each.message).join(', ') : cause.message;
