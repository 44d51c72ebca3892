import type { S3Connection } from './s3-connection.ts';
import type { TargetObject } from './errors.ts';

/** What every request to one target needs to know. */
export type S3Bucket = {
  readonly connection: S3Connection;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly root: string;
  /** For messages. */
  readonly description: string;
  /** Bytes of a part of an upload, and the most that goes in one piece. */
  readonly partBytes: number;
  /** Without a byte for that long, a connection counts as broken. */
  readonly silenceMs: number;
  /** Reading that has brought no byte for that long is given up. */
  readonly fruitlessMs: number;
};

/** Bucket and key, as every request names them. */
export const at = ({ bucket, root }: S3Bucket, name: string): { Bucket: string; Key: string } => ({
  Bucket: bucket,
  Key: root + name,
});

export const objectOf = ({ description }: S3Bucket, name: string): TargetObject => ({ target: description, name });

/** Metadata of every object: who wrote it, so that a writer whose answer was lost knows its own. */
export const WRITTEN_BY = 'berth-put';
