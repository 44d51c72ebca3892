/** Request bodies, never larger than their limit. */
import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { bodyNotJson, bodyTooLarge } from './errors.ts';

/** Secrets and certificates are the largest documents; both are a few kilobytes. */
export const JSON_LIMIT_BYTES = 1024 * 1024;
/** A source tree, compressed. What an app downloads belongs into its build. */
export const SOURCE_LIMIT_BYTES = 2 * 1024 * 1024 * 1024;

/** An empty body is an empty object: `curl -X POST` without data asks for the defaults. */
export const readJson = async (req: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early must not destroy the request: its answer goes over the same connection.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > JSON_LIMIT_BYTES) throw bodyTooLarge(JSON_LIMIT_BYTES);
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw bodyNotJson((cause as Error).message);
  }
};

/**
 * The body as a stream of its own. Unlike `pipeline`, a failure at this end leaves the request readable, so that the
 * answer which explains it can still be sent.
 */
export const limitedBody = (req: IncomingMessage, limitBytes: number): Readable => {
  let bytes = 0;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limitBytes) done(bodyTooLarge(limitBytes));
      else done(null, chunk);
    },
  });
  req.once('error', (cause) => body.destroy(cause));
  req.once('close', () => {
    if (!req.complete) body.destroy(Object.assign(new Error('the client went away'), { code: 'ECONNRESET' }));
  });
  body.once('close', () => drain(req));
  return req.pipe(body);
};

/** Takes what the client still sends and forgets it: a client that is busy writing does not read its answer. */
export const drain = (req: IncomingMessage): void => {
  req.unpipe();
  req.resume();
};

/** Whether the client announced a body at all. */
export const hasBody = (req: IncomingMessage): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
