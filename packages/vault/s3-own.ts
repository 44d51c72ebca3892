import { createHash } from 'node:crypto';
import type { GetObjectCommandOutput, HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { at, type S3Bucket, WRITTEN_BY } from './s3-bucket.ts';
import { PassingFailure } from './s3-failure.ts';

/** What a writer knows of what it wrote. */
export type Written = {
  /** Random, and kept with the object. */
  readonly mark: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
};

export const headObject = async (
  bucket: S3Bucket,
  { client, name, signal }: { client: S3Client; name: string; signal: AbortSignal },
): Promise<HeadObjectCommandOutput | undefined> => {
  const { HeadObjectCommand } = await bucket.connection.sdk();
  try {
    const head = await client.send(new HeadObjectCommand(at(bucket, name)), { abortSignal: signal });
    if (head.ETag === undefined) throw new PassingFailure('it answered with something that is no object');
    return head;
  } catch (error) {
    if (bucket.connection.classify(error).meaning === 'missing') return undefined;
    throw error;
  }
};

/** Who wrote the object that is there: unknown if the endpoint kept no mark. Undefined if there is none. */
export const writerOf = (
  head: HeadObjectCommandOutput | undefined,
  written: Pick<Written, 'mark' | 'bytes'>,
): Writer | undefined => {
  if (head === undefined) return undefined;
  const mark = head.Metadata?.[WRITTEN_BY];
  if (mark !== undefined) return mark === written.mark && head.ContentLength === written.bytes ? 'self' : 'other';
  return head.ContentLength === written.bytes ? 'unknown' : 'other';
};

export type Writer = 'self' | 'other' | 'unknown';

/**
 * Whether the object that is in the way is the one that was written here. Where the endpoint keeps no metadata the contents are
 * compared, and another's object with the very same bytes counts as ours, which does no harm.
 */
export const isOwnObject = async (
  bucket: S3Bucket,
  { client, name, signal }: { client: S3Client; name: string; signal: AbortSignal },
  written: Written,
): Promise<boolean> => {
  const writer = writerOf(await headObject(bucket, { client, name, signal }), written);
  if (writer === undefined) throw new PassingFailure('it was refused for an object that is not there');
  if (writer !== 'unknown') return writer === 'self';
  const { GetObjectCommand } = await bucket.connection.sdk();
  const { Body } = await client.send(new GetObjectCommand(at(bucket, name)), { abortSignal: signal });
  const hash = createHash('sha256');
  for await (const chunk of streamOf(Body)) hash.update(chunk);
  return hash.digest('hex') === written.sha256;
};

/** Under Node, bodies are streams. */
export const streamOf = (body: GetObjectCommandOutput['Body']): AsyncIterable<Uint8Array> =>
  (body ?? []) as unknown as AsyncIterable<Uint8Array>;
