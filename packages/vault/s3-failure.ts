import { BerthError } from '@berth/core';
import { targetDenied, targetError, type TargetObject } from './errors.ts';

/** What went wrong with a request, without anything secret. */
export type S3Failure = {
  readonly meaning:
    | 'exists'
    | 'missing'
    | 'full'
    | 'denied'
    | 'unsupported'
    | 'no-range'
    | 'no-upload'
    | 'skewed'
    | 'passing'
    | 'final';
  readonly text: string;
  /** From the header Retry-After; 0 without it. */
  readonly retryAfterMs: number;
};

/** `secrets` are hidden, wherever they come. */
export const classifyFailure = (error: unknown, secrets: readonly string[]): S3Failure => {
  // What is ours is decided already, and what is a mistake in a program is not mended by another attempt.
  const isFinal = error instanceof BerthError || error instanceof TypeError || error instanceof RangeError;
  const { code, status, message, retryAfterMs } = read(error);
  const text = hide([code, status === undefined ? undefined : `status ${status}`, message].filter(Boolean).join(', '), secrets);
  return { meaning: isFinal ? 'final' : meaningOf(code, status), text, retryAfterMs };
};

/** As the error that callers know. Errors of our own stay what they are. */
export const asTargetError = (error: unknown, object: TargetObject, secrets: readonly string[]): BerthError => {
  if (error instanceof BerthError) return error;
  const { meaning, text } = classifyFailure(error, secrets);
  switch (meaning) {
    case 'exists':
      return targetError('TARGET_EXISTS', object);
    case 'missing':
      return targetError('TARGET_OBJECT_MISSING', object);
    case 'full':
      return targetError('TARGET_FULL', object, text);
    case 'denied':
      return targetDenied(object, text);
    case 'unsupported':
    case 'no-range':
    case 'no-upload':
    case 'skewed':
    case 'passing':
    case 'final':
      return targetError('TARGET_FAILED', object, text);
  }
};

/** Something that another attempt may mend; the request itself was answered. */
export class PassingFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PassingFailure';
  }
}

const MEANINGS: Readonly<Record<string, S3Failure['meaning']>> = {
  PreconditionFailed: 'exists',
  NoSuchKey: 'missing',
  NotFound: 'missing',
  NoSuchUpload: 'no-upload',
  InvalidRange: 'no-range',
  NotImplemented: 'unsupported',
  MethodNotAllowed: 'unsupported',
  MissingContentMD5: 'unsupported',
  QuotaExceeded: 'full',
  InsufficientStorage: 'full',
  InsufficientCapacity: 'full',
  XMinioStorageFull: 'full',
  StorageFull: 'full',
  RequestTimeout: 'passing',
  RequestTimeTooSkewed: 'skewed',
  ConditionalRequestConflict: 'passing',
  OperationAborted: 'passing',
  SlowDown: 'passing',
  InternalError: 'passing',
  ServiceUnavailable: 'passing',
  // A body that did not arrive as it was sent.
  BadDigest: 'passing',
  IncompleteBody: 'passing',
  XAmzContentSHA256Mismatch: 'passing',
  NoSuchBucket: 'final',
};

const meaningOf = (code: string, status: number | undefined): S3Failure['meaning'] => {
  const known = MEANINGS[code];
  if (known !== undefined) return known;
  // No answer at all, or one that made no sense.
  if (status === undefined || status < 400) return 'passing';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'missing';
  if (status === 412) return 'exists';
  if (status === 416) return 'no-range';
  if (status === 501 || status === 405) return 'unsupported';
  if (status === 507) return 'full';
  return status >= 500 || status === 408 || status === 429 || status === 409 ? 'passing' : 'final';
};

type Read = { code: string; status: number | undefined; message: string; retryAfterMs: number };

const read = (error: unknown): Read => {
  if (!(error instanceof Error)) return { code: '', status: undefined, message: String(error), retryAfterMs: 0 };
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }) : {};
  const response = '$response' in error ? (error.$response as { headers?: Record<string, string> } | undefined) : undefined;
  const seconds = Number(response?.headers?.['retry-after'] ?? 0);
  const systemCode = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const code = error.name === 'Error' || error.name === 'AggregateError' ? (systemCode ?? error.name) : error.name;
  const retryAfterMs = Number.isFinite(seconds) ? Math.min(60, seconds) * 1000 : 0;
  return { code, status: metadata.httpStatusCode, message: error.message, retryAfterMs };
};

const hide = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((hidden, secret) => (secret === '' ? hidden : hidden.replaceAll(secret, '…')), text);
