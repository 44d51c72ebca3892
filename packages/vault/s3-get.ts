import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { GetOptions } from '@berth/replicate';
import { targetError } from './errors.ts';
import { at, objectOf, type S3Bucket } from './s3-bucket.ts';
import { PassingFailure } from './s3-failure.ts';
import { headObject, streamOf } from './s3-own.ts';

/** An object or a part of it. A connection that breaks is taken up again where it broke, as long as the object is the same. */
export const getObject = async (
  bucket: S3Bucket,
  name: string,
  { from = 0, length, signal }: GetOptions,
): Promise<AsyncIterable<Uint8Array>> => {
  const end = length === undefined ? undefined : from + length;
  if (length === 0) {
    await requireObject(bucket, name, signal);
    return nothing();
  }
  const first = await request(bucket, { name, from, end, tag: undefined }, signal);
  if (first === undefined) return nothing();
  const chunks = readOn(bucket, { name, from, end, first }, signal);
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => chunks.next(),
      async return() {
        // A generator that never began does nothing at its end, and the connection would stay open.
        letGo(streamOf(first.Body));
        return chunks.return(undefined);
      },
    }),
  };
};

type Part = { readonly name: string; readonly from: number; readonly end: number | undefined };
type Request = Part & { readonly tag: string | undefined };

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Undefined when the part begins behind the end of the object. */
const request = (
  bucket: S3Bucket,
  { name, from, end, tag }: Request,
  signal: AbortSignal | undefined,
): Promise<GetObjectCommandOutput | undefined> => {
  const { connection } = bucket;
  const object = objectOf(bucket, name);
  const isPart = from > 0 || end !== undefined;
  return connection.attempt(
    async (client) => {
      const { GetObjectCommand } = await connection.sdk();
      // The time of an attempt is not that of reading the body; only the answer's beginning is waited for so long.
      using waiting = silenceTimer(bucket.silenceMs, signal);
      try {
        const answer = await client.send(
          new GetObjectCommand({
            ...at(bucket, name),
            ...(isPart ? { Range: `bytes=${from}-${end === undefined ? '' : end - 1}` } : {}),
            ...(tag === undefined ? {} : { IfMatch: tag }),
          }),
          { abortSignal: waiting.signal },
        );
        if (answer.ETag === undefined) {
          letGo(streamOf(answer.Body));
          throw new PassingFailure('it answered with something that is no object');
        }
        if (isPart && answer.ContentRange?.startsWith(`bytes ${from}-`) !== true)
          throw targetError('TARGET_FAILED', object, 'it gives no parts of objects');
        return answer;
      } catch (error) {
        const { meaning } = connection.classify(error);
        if (meaning === 'no-range') return undefined;
        if (meaning === 'exists' && tag !== undefined)
          throw targetError('TARGET_FAILED', object, 'it was replaced while it was read');
        throw error;
      }
    },
    { object, signal },
  );
};

async function* readOn(
  bucket: S3Bucket,
  { name, from, end, first }: Part & { readonly first: GetObjectCommandOutput },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const object = objectOf(bucket, name);
  const total = totalOf(first);
  const stop = Math.min(end ?? Number.POSITIVE_INFINITY, total ?? Number.POSITIVE_INFINITY);
  let position = from;
  let fruitless = 0;
  let progressAt = performance.now();
  for (let answer: GetObjectCommandOutput | undefined = first; answer !== undefined; ) {
    const before = position;
    try {
      for await (const chunk of withoutSilence(streamOf(answer.Body), { ms: bucket.silenceMs, signal })) {
        position += chunk.length;
        yield chunk;
        // Not before: whoever reads may take its time.
        progressAt = performance.now();
      }
      if (total === undefined || position >= stop) return;
      throw new PassingFailure(`it ended after ${position} of ${stop} bytes`);
    } catch (error) {
      signal?.throwIfAborted();
      // As long as bytes come, there is hope; each request has its own time.
      fruitless = position > before ? 0 : fruitless + 1;
      if (fruitless > FRUITLESS_MOST || performance.now() - progressAt > bucket.fruitlessMs)
        throw bucket.connection.fail(error, object);
    }
    answer = await request(bucket, { name, from: position, end, tag: first.ETag }, signal);
  }
}

const FRUITLESS_MOST = 5;

/** Bytes of the whole object, as far as the answer says. */
const totalOf = ({ ContentRange, ContentLength }: GetObjectCommandOutput): number | undefined => {
  const total = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
  return total === undefined ? ContentLength : Number(total);
};

async function* withoutSilence(
  body: AsyncIterable<Uint8Array>,
  { ms, signal }: { ms: number; signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      using waiting = silenceTimer(ms, signal);
      const next = await Promise.race([iterator.next(), rejection(waiting.signal)]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not waited for: a stream that is silent would not answer this either.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
    letGo(body);
  }
}

const silenceTimer = (ms: number, signal: AbortSignal | undefined): Disposable & { readonly signal: AbortSignal } => {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => controller.abort(new PassingFailure(`nothing came for ${ms / 1000} s`)), ms);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
};

const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    if (signal.aborted) reject(signal.reason as Error);
  });

const letGo = (body: object): void => {
  if ('destroy' in body && typeof body.destroy === 'function') body.destroy();
};

const requireObject = async (bucket: S3Bucket, name: string, signal: AbortSignal | undefined): Promise<void> => {
  const object = objectOf(bucket, name);
  const head = await bucket.connection.attempt(
    (client, abortSignal) => headObject(bucket, { client, name, signal: abortSignal }),
    { object, signal },
  );
  if (head === undefined) throw targetError('TARGET_OBJECT_MISSING', object);
};
