import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import type { BerthError } from '@berth/core';
import type { TargetObject } from './errors.ts';
import { retry, type RetryLimits } from './retry.ts';
import { asTargetError, classifyFailure, type S3Failure } from './s3-failure.ts';

export type S3Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

export type S3ConnectionOptions = {
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly pathStyle: boolean;
  /** A function is asked again after the keys were refused. */
  readonly credentials: S3Credentials | (() => Promise<S3Credentials>);
  readonly limits: RetryLimits;
};

/** The SDK behind a door: loaded when first used, retried by our rules, its errors free of secrets. */
export interface S3Connection {
  readonly sdk: () => Promise<typeof import('@aws-sdk/client-s3')>;
  /** Runs requests until they succeed, fail for good, or the time is up; throws what `fail` would make of it. */
  attempt<T>(use: (client: S3Client, signal: AbortSignal) => Promise<T>, options: AttemptOptions): Promise<T>;
  classify(error: unknown): S3Failure;
  fail(error: unknown, object: TargetObject): BerthError;
}

export type AttemptOptions = {
  readonly object: TargetObject;
  readonly signal: AbortSignal | undefined;
  /** Bytes that travel: large ones get longer. */
  readonly bytes?: number;
};

export const createS3Connection = (options: S3ConnectionOptions): S3Connection => {
  const { limits } = options;
  const secrets = new Set<string>();
  const secretsNow = (): string[] => [...secrets];
  let client: Promise<S3Client> | undefined;
  const connect = (): Promise<S3Client> => {
    client ??= openClient(options, secrets).catch((error: unknown) => {
      client = undefined;
      throw error;
    });
    return client;
  };
  const classify = (error: unknown): S3Failure => classifyFailure(error, secretsNow());
  const fail = (error: unknown, object: TargetObject): BerthError => asTargetError(error, object, secretsNow());

  return {
    sdk: () => import('@aws-sdk/client-s3'),
    classify,
    fail,
    async attempt(use, { object, signal, bytes = 0 }) {
      let mayRenew = typeof options.credentials === 'function';
      let maySetClock = CLOCK_SETTINGS;
      let used: S3Client | undefined;
      let offsetMs = 0;
      const attemptMs = limits.attemptMs + Math.ceil((bytes / SLOWEST_BYTES_PER_SECOND) * 1000);
      const retryAfterMs = (error: unknown): number | undefined => {
        const { meaning, retryAfterMs: asked } = classify(error);
        if (meaning === 'denied' && mayRenew) {
          mayRenew = false;
          client = undefined;
          return 0;
        }
        // An answer without a body, as to HEAD, does not say why it denies; but the SDK sets its clock by every answer.
        const wasSet = Math.abs((used?.config.systemClockOffset ?? 0) - offsetMs) > SKEW_MS;
        if ((meaning === 'skewed' || (meaning === 'denied' && wasSet)) && maySetClock > 0) {
          maySetClock -= 1;
          return 0;
        }
        return meaning === 'passing' ? asked : undefined;
      };
      try {
        const once = async (attemptSignal: AbortSignal) => {
          used = await connect();
          offsetMs = used.config.systemClockOffset;
          return use(used, attemptSignal);
        };
        return await retry(once, {
          limits: { ...limits, attemptMs },
          signal,
          retryAfterMs,
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw fail(error, object);
      }
    },
  };
};

/** More than once only where several machines with different clocks answer, each of which may take two. */
const CLOCK_SETTINGS = 20;
/** S3 allows 15 minutes. */
const SKEW_MS = 10 * 60 * 1000;
const SLOWEST_BYTES_PER_SECOND = 64 * 1024;

const openClient = async (options: S3ConnectionOptions, secrets: Set<string>): Promise<S3Client> => {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  const { endpoint, region, pathStyle } = options;
  const credentials = typeof options.credentials === 'function' ? await options.credentials() : options.credentials;
  for (const secret of [credentials.accessKeyId, credentials.secretAccessKey, credentials.sessionToken])
    if (secret !== undefined) secrets.add(secret);
  const client = new Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    region,
    credentials,
    forcePathStyle: pathStyle,
    // We know better what may be repeated, and for how long.
    maxAttempts: 1,
    // Chunked bodies with trailers are refused or stored with their frames by many endpoints.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 10_000 },
  });
  client.middlewareStack.add(
    (next, context) => (args) => {
      if (context.commandName === 'DeleteObjectsCommand') useContentMd5(args.request);
      return next(args);
    },
    // Behind the SDK's own checksums, and before the signature.
    { name: 'contentMd5ForDeletes', step: 'build', priority: 'low' },
  );
  return client;
};

/** Batches of deletes need a checksum; this is the one that all endpoints know. */
const useContentMd5 = (request: unknown): void => {
  if (!isRequest(request) || typeof request.body !== 'string') return;
  for (const name of Object.keys(request.headers)) if (/^x-amz-(?:sdk-)?checksum-/i.test(name)) delete request.headers[name];
  request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
};

type SignableRequest = { readonly headers: Record<string, string>; readonly body?: unknown };

const isRequest = (request: unknown): request is SignableRequest =>
  typeof request === 'object' && request !== null && 'headers' in request && typeof request.headers === 'object';
