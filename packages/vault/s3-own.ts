import { createHash } from 'node:crypto';
import type { GetObjectCommandOutput, HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { at, type S3Bucket, WRITTEN_BY } from './s3-bucket.ts';

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
    return await client.send(new HeadObjectCommand(at(bucket, name)), { abortSignal: signal });
  } catch (error) {
    if (bucket.connection.classify(error).meaning === 'missing') return undefined;
    throw error;
  }
};

/**
 * Whether the object is the one that was written here. An endpoint that keeps no metadata does not say so: then the contents are
 * compared, and another's object with the very same bytes counts as ours, which does no harm.
 */
export const isOwnObject = async (
  bucket: S3Bucket,
  { client, name, signal }: { client: S3Client; name: string; signal: AbortSignal },
  written: Written,
): Promise<boolean> => {
  const head = await headObject(bucket, { client, name, signal });
  if (head === undefined || head.ContentLength !== written.bytes) return false;
  const mark = head.Metadata?.[WRITTEN_BY];
  if (mark !== undefined) return mark === written.mark;
  const { GetObjectCommand } = await bucket.connection.sdk();
  const { Body } = await client.send(new GetObjectCommand(at(bucket, name)), { abortSignal: signal });
  const hash = createHash('sha256');
  for await (const chunk of streamOf(Body)) hash.update(chunk);
  return hash.digest('hex') === written.sha256;
};

/** Under Node, bodies are streams. */
export const streamOf = (body: GetObjectCommandOutput['Body']): AsyncIterable<Uint8Array> =>
  (body ?? []) as unknown as AsyncIterable<Uint8Array>;
