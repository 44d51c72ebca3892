import { randomUUID } from 'node:crypto';
import { targetError, targetNotConditional } from './errors.ts';
import { at, objectOf, type S3Bucket } from './s3-bucket.ts';
import { headObject } from './s3-own.ts';
import { putWhole } from './s3-put.ts';
import type { ConditionalWrites } from './target-place.ts';

/** What has to be known before a write that must not replace anything. */
export interface ConditionGuard {
  /** Throws TARGET_NOT_CONDITIONAL where the endpoint cannot be trusted, and TARGET_EXISTS where it need not be asked. */
  beforeIfAbsent(name: string, signal: AbortSignal | undefined): Promise<void>;
  /** Whether the condition is to be sent along. */
  readonly sendsCondition: boolean;
}

export const createConditionGuard = (bucket: S3Bucket, mode: ConditionalWrites): ConditionGuard => {
  let probed: Promise<void> | undefined;
  return {
    sendsCondition: mode !== 'check-first',
    async beforeIfAbsent(name, signal) {
      if (mode === 'trust') return;
      if (mode === 'check-first') return requireAbsent(bucket, name, signal);
      probed ??= probe(bucket).catch((error: unknown) => {
        probed = undefined;
        throw error;
      });
      await untilAborted(probed, signal);
    },
  };
};

/** Begins with a dot, as no object may: it is never listed. */
const PROBE = '.probe-';

/** Writes an object twice, the second time only if absent, and wants to be refused. Four requests, once per process. */
const probe = async (bucket: S3Bucket): Promise<void> => {
  const { connection } = bucket;
  const name = `${PROBE}${randomUUID()}`;
  const body = Buffer.from('may be deleted');
  await putWhole(bucket, { name, body }, {});
  const { PutObjectCommand, DeleteObjectCommand } = await connection.sdk();
  const object = objectOf(bucket, name);
  try {
    const isRefused = await connection.attempt(
      async (client, abortSignal) => {
        try {
          await client.send(new PutObjectCommand({ ...at(bucket, name), Body: body, IfNoneMatch: '*' }), { abortSignal });
          return false;
        } catch (error) {
          const { meaning } = connection.classify(error);
          if (meaning === 'exists') return true;
          if (meaning === 'unsupported') return false;
          throw error;
        }
      },
      { object, signal: undefined },
    );
    if (!isRefused) throw targetNotConditional(bucket.description);
  } finally {
    await connection.attempt(
      async (client, abortSignal) => {
        await client.send(new DeleteObjectCommand(at(bucket, name)), { abortSignal });
      },
      { object, signal: undefined },
    );
  }
};

const requireAbsent = async (bucket: S3Bucket, name: string, signal: AbortSignal | undefined): Promise<void> => {
  const object = objectOf(bucket, name);
  const head = await bucket.connection.attempt(
    (client, abortSignal) => headObject(bucket, { client, name, signal: abortSignal }),
    { object, signal },
  );
  if (head !== undefined) throw targetError('TARGET_EXISTS', object);
};

/** The work goes on for the others that wait for it. */
const untilAborted = async (work: Promise<void>, signal: AbortSignal | undefined): Promise<void> => {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};
