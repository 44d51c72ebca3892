import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { S3Error } from './s3-errors.ts';
import type { S3Request } from './s3-request.ts';

export type S3Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** All buckets, unless these are named. */
  readonly buckets?: readonly string[];
};

/** Who signed a request, and what is needed to check the signatures inside its body. */
export type S3Signer = {
  readonly credentials: S3Credentials;
  /** The header x-amz-content-sha256, or what stands for it. */
  readonly contentSha256: string;
  readonly signature: string;
  readonly key: Buffer;
  readonly timestamp: string;
  readonly scope: string;
};

export type SignatureCheck = {
  readonly credentials: readonly S3Credentials[];
  readonly now: Date;
};

/** Verifies AWS Signature Version 4, in the header or in the query of a presigned URL. Throws what S3 answers to a wrong one. */
export const verifySignature = (request: S3Request, check: SignatureCheck): S3Signer => {
  if (request.query.has('X-Amz-Algorithm')) return verifyPresigned(request, check);
  const header = request.headers.get('authorization');
  if (header === undefined) throw new S3Error('AccessDenied');
  const match = /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(header);
  const [, credential = '', signedHeaders = '', signature = ''] = match ?? [];
  if (match === null) throw new S3Error('AuthorizationHeaderMalformed');
  const contentSha256 = request.headers.get('x-amz-content-sha256');
  if (contentSha256 === undefined) throw new S3Error('InvalidRequest', { Missing: 'x-amz-content-sha256' });
  const timestamp = request.headers.get('x-amz-date') ?? '';
  checkSkew(timestamp, check.now);
  return verify(request, { check, credential, signedHeaders, signature, timestamp, contentSha256 });
};

/** The signature over the string, by the key of a signer. */
export const sign = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('hex');

export const isSameSignature = (given: string, wanted: string): boolean =>
  given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));

const MAX_SKEW_MS = 15 * 60 * 1000;
const MAX_EXPIRY_SECONDS = 7 * 24 * 60 * 60;

const verifyPresigned = (request: S3Request, check: SignatureCheck): S3Signer => {
  const ask = (name: string): string => request.query.get(name) ?? '';
  const timestamp = ask('X-Amz-Date');
  const expires = Number(ask('X-Amz-Expires'));
  if (ask('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' || !Number.isInteger(expires) || expires < 1 || expires > MAX_EXPIRY_SECONDS)
    throw new S3Error('AuthorizationQueryParametersError');
  const signedAt = timeOf(timestamp);
  if (signedAt - check.now.getTime() > MAX_SKEW_MS) throw new S3Error('RequestTimeTooSkewed');
  if (check.now.getTime() > signedAt + expires * 1000) throw new S3Error('AccessDenied', { Reason: 'Request has expired' });
  return verify(request, {
    check,
    credential: ask('X-Amz-Credential'),
    signedHeaders: ask('X-Amz-SignedHeaders'),
    signature: ask('X-Amz-Signature'),
    timestamp,
    contentSha256: request.headers.get('x-amz-content-sha256') ?? (ask('X-Amz-Content-Sha256') || 'UNSIGNED-PAYLOAD'),
  });
};

type Claim = {
  check: SignatureCheck;
  credential: string;
  signedHeaders: string;
  signature: string;
  timestamp: string;
  contentSha256: string;
};

const verify = (request: S3Request, claim: Claim): S3Signer => {
  const { check, credential, signedHeaders, signature, timestamp, contentSha256 } = claim;
  const [accessKeyId = '', day = '', region = '', service = '', end = ''] = credential.split('/');
  if (service !== 's3' || end !== 'aws4_request' || !timestamp.startsWith(day)) throw new S3Error('AuthorizationHeaderMalformed');
  const credentials = check.credentials.find((known) => known.accessKeyId === accessKeyId);
  if (credentials === undefined) throw new S3Error('InvalidAccessKeyId', { AWSAccessKeyId: accessKeyId });
  const names = signedHeaders.split(';');
  // What is not signed could be changed on the way.
  const unsigned = [...request.headers.keys()].find((name) => name.startsWith('x-amz-') && !names.includes(name));
  if (!names.includes('host') || (unsigned !== undefined && !request.query.has('X-Amz-Algorithm')))
    throw new S3Error('AccessDenied', { HeadersNotSigned: unsigned ?? 'host' });

  const canonical = [
    request.method,
    request.path.split('/').map(encodeStrictly).join('/'),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${(request.headers.get(name) ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders,
    contentSha256,
  ].join('\n');
  const scope = `${day}/${region}/${service}/${end}`;
  const key = [day, region, service, end].reduce<Buffer>(
    (derived, part) => createHmac('sha256', derived).update(part).digest(),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
  const text = ['AWS4-HMAC-SHA256', timestamp, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  if (!isSameSignature(signature, sign(key, text)))
    throw new S3Error('SignatureDoesNotMatch', { AWSAccessKeyId: accessKeyId, StringToSign: text, CanonicalRequest: canonical });
  if (credentials.buckets !== undefined && request.bucket !== '' && !credentials.buckets.includes(request.bucket))
    throw new S3Error('AccessDenied');
  return { credentials, contentSha256, signature, key, timestamp, scope };
};

/** A path segment, as clients had to encode it before they signed; they may send less encoded than they sign. */
const encodeStrictly = (segment: string): string => encode(decodeURIComponent(segment));

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');

const checkSkew = (timestamp: string, now: Date): void => {
  if (Math.abs(timeOf(timestamp) - now.getTime()) > MAX_SKEW_MS)
    throw new S3Error('RequestTimeTooSkewed', { RequestTime: timestamp, ServerTime: now.toISOString() });
};

/** `20300101T000000Z` in milliseconds. */
const timeOf = (timestamp: string): number => {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (match === null) throw new S3Error('AccessDenied', { Reason: 'a valid Date or x-amz-date header is required' });
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
};
