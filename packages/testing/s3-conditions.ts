import type { S3Dialect } from './s3-answer.ts';
import type { S3Bucket, S3Object } from './s3-bucket.ts';
import { S3Error } from './s3-errors.ts';
import type { S3Request } from './s3-request.ts';

/** If-None-Match: * and If-Match on a write. To be asked in the same breath as the change. */
export const checkWriteConditions = (bucket: S3Bucket, { headers, key }: S3Request, { conditionalWrites }: S3Dialect): void => {
  const noneMatch = headers.get('if-none-match');
  const match = headers.get('if-match');
  if ((noneMatch === undefined && match === undefined) || conditionalWrites === 'ignored') return;
  if (conditionalWrites === 'not-implemented' || (noneMatch !== undefined && noneMatch !== '*'))
    throw new S3Error('NotImplemented', { Header: noneMatch === undefined ? 'If-Match' : 'If-None-Match' });
  const present = bucket.get(key);
  if (noneMatch === '*' && present !== undefined) throw new S3Error('PreconditionFailed', { Condition: 'If-None-Match' });
  if (match === undefined) return;
  if (present === undefined) throw new S3Error('NoSuchKey', { Key: key });
  if (!matches(match, present)) throw new S3Error('PreconditionFailed', { Condition: 'If-Match' });
};

/** `prefix` is empty for reads, and `x-amz-copy-source-` for the source of a copy. */
export const checkReadConditions = (object: S3Object, headers: ReadonlyMap<string, string>, prefix = ''): void => {
  const ask = (name: string): string | undefined => headers.get(prefix + name);
  const [match, noneMatch] = [ask('if-match'), ask('if-none-match')];
  const [modifiedSince, unmodifiedSince] = [ask('if-modified-since'), ask('if-unmodified-since')];
  const notModified = (): never => {
    throw new S3Error(prefix === '' ? 'NotModified' : 'PreconditionFailed');
  };
  // HTTP dates have no fractions.
  const modifiedAt = Math.floor(object.modifiedAt / 1000) * 1000;
  if (match !== undefined) {
    if (!matches(match, object)) throw new S3Error('PreconditionFailed', { Condition: 'If-Match' });
  } else if (unmodifiedSince !== undefined && modifiedAt > Date.parse(unmodifiedSince))
    throw new S3Error('PreconditionFailed', { Condition: 'If-Unmodified-Since' });
  if (noneMatch !== undefined) {
    if (matches(noneMatch, object)) notModified();
  } else if (modifiedSince !== undefined && modifiedAt <= Date.parse(modifiedSince)) notModified();
};

const matches = (tags: string, { etag }: S3Object): boolean =>
  tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replaceAll('"', '') === etag);
