import type { PutOptions, Target } from '@berth/replicate';
import { targetError } from './errors.ts';
import { cutInParts } from './parts.ts';
import { type RetryLimits, RETRY_LIMITS } from './retry.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { createConditionGuard } from './s3-conditional.ts';
import { createS3Connection, type S3Credentials } from './s3-connection.ts';
import { deleteObjects } from './s3-delete.ts';
import { getObject } from './s3-get.ts';
import { listObjects } from './s3-list.ts';
import { putWhole } from './s3-put.ts';
import { putInParts } from './s3-upload.ts';
import { type ConditionalWrites, isObjectName } from './target-place.ts';

export type S3TargetOptions = {
  readonly bucket: string;
  /** What all names begin with; empty for the whole bucket. */
  readonly prefix?: string;
  /** Of AWS in the region, if nothing is said. */
  readonly endpoint?: string;
  readonly region?: string;
  /** A function is asked when they are needed first, and again after they were refused. */
  readonly credentials: S3Credentials | (() => Promise<S3Credentials>);
  /** With an endpoint of its own: yes, if nothing is said. */
  readonly pathStyle?: boolean;
  readonly conditionalWrites?: ConditionalWrites;
  readonly retry?: Partial<RetryLimits>;
  /** Bytes of a part, and the most that goes in one piece; S3 wants at least 5 MiB. */
  readonly partBytes?: number;
};

/**
 * Objects in a bucket of S3 or anything that speaks like it. Asks only for what all of them understand: signed bodies of known
 * length, no chunks and no trailers. Nothing is loaded or sent before the first request.
 */
export const createS3Target = (options: S3TargetOptions): Target => {
  const { endpoint, region = 'us-east-1', credentials, pathStyle = endpoint !== undefined } = options;
  const prefix = (options.prefix ?? '').replaceAll(/^\/+|\/+$/g, '');
  const { conditionalWrites = 'probe', partBytes = PART_BYTES } = options;
  const limits = { ...RETRY_LIMITS, ...options.retry };
  const host = endpoint === undefined ? region : new URL(endpoint).host;
  const bucket: S3Bucket = {
    connection: createS3Connection({ endpoint, region, credentials, pathStyle, limits }),
    bucket: options.bucket,
    root: prefix === '' ? '' : `${prefix}/`,
    description: `s3://${options.bucket}${prefix === '' ? '' : `/${prefix}`} (${host})`,
    partBytes,
    silenceMs: Math.min(SILENCE_MS, limits.attemptMs),
    fruitlessMs: limits.totalMs,
  };
  const guard = createConditionGuard(bucket, conditionalWrites);
  const requireName = (name: string): void => {
    if (!isObjectName(name)) throw targetError('TARGET_NAME_REFUSED', { target: bucket.description, name });
  };

  return {
    description: bucket.description,
    async put(name, body, { ifAbsent = false, signal }) {
      requireName(name);
      signal?.throwIfAborted();
      if (ifAbsent) await guard.beforeIfAbsent(name, signal);
      const conditions: PutOptions = { ifAbsent: ifAbsent && guard.sendsCondition, ...(signal === undefined ? {} : { signal }) };
      const parts = cutInParts(body, partBytes, signal);
      try {
        const first = await parts.next();
        const whole: Uint8Array = first.done === true ? Buffer.alloc(0) : first.value;
        const second = whole.length < partBytes ? { done: true as const, value: undefined } : await parts.next();
        if (second.done === true) await putWhole(bucket, { name, body: whole }, conditions);
        else await putInParts(bucket, { name, parts: resumed([whole, second.value], parts) }, conditions);
      } finally {
        await parts.return(undefined);
      }
    },
    async get(name, getOptions) {
      requireName(name);
      return getObject(bucket, name, getOptions);
    },
    list: (under, signal) => listObjects(bucket, under, signal),
    async delete(names, signal) {
      for (const name of names) requireName(name);
      await deleteObjects(bucket, names, signal);
    },
  };
};

const PART_BYTES = 16 * 1024 * 1024;
const SILENCE_MS = 30_000;

/** Those that were taken already, then the others. */
async function* resumed(taken: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* taken;
  yield* rest;
}
