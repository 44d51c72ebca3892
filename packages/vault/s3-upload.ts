import { randomUUID } from 'node:crypto';
import type { PutOptions } from '@berth/replicate';
import { targetError } from './errors.ts';
import { at, objectOf, type S3Bucket, WRITTEN_BY } from './s3-bucket.ts';
import { PassingFailure } from './s3-failure.ts';
import { headObject, writerOf } from './s3-own.ts';

export type Upload = {
  readonly name: string;
  /** Parts of equal size, but for the last. */
  readonly parts: AsyncIterator<Uint8Array>;
};

/**
 * Stores an object in parts, while the next one is being read: two of them are in memory. What was begun and fails is aborted, as
 * parts that lie around cost money.
 */
export const putInParts = async (bucket: S3Bucket, { name, parts }: Upload, options: PutOptions): Promise<void> => {
  const { connection } = bucket;
  const { ifAbsent = false, signal } = options;
  const object = objectOf(bucket, name);
  const sdk = await connection.sdk();
  const mark = randomUUID();

  const id = await connection.attempt(
    async (client, abortSignal) => {
      // Some endpoints honour the condition for whole objects only; this does for all but two at the same moment.
      if (ifAbsent && (await headObject(bucket, { client, name, signal: abortSignal })) !== undefined)
        throw targetError('TARGET_EXISTS', object);
      const command = new sdk.CreateMultipartUploadCommand({ ...at(bucket, name), Metadata: { [WRITTEN_BY]: mark } });
      const { UploadId } = await client.send(command, { abortSignal });
      if (UploadId === undefined) throw new PassingFailure('it gave no id for an upload');
      return UploadId;
    },
    { object, signal },
  );

  try {
    const { tags, bytes } = await uploadParts(bucket, { name, id, parts }, signal);
    await complete(bucket, { name, id, mark, tags, bytes }, options);
  } catch (error) {
    await parts.return?.();
    // What cannot be aborted now is left to the bucket's rule for incomplete uploads.
    await abort(bucket, name, id).catch(() => undefined);
    throw error;
  }
};

type Parts = { name: string; id: string; parts: AsyncIterator<Uint8Array> };

const uploadParts = async (
  bucket: S3Bucket,
  { name, id, parts }: Parts,
  signal: AbortSignal | undefined,
): Promise<{ tags: string[]; bytes: number }> => {
  const { connection } = bucket;
  const { UploadPartCommand } = await connection.sdk();
  const tags: string[] = [];
  let bytes = 0;
  const upload = async (body: Uint8Array, number: number): Promise<void> => {
    const object = objectOf(bucket, name);
    if (number > MOST_PARTS) throw targetError('TARGET_FAILED', object, `it has more than ${MOST_PARTS} parts`);
    tags.push(
      await connection.attempt(
        async (client, abortSignal) => {
          const part = { ...at(bucket, name), UploadId: id, PartNumber: number, Body: body, ContentLength: body.length };
          const { ETag } = await client.send(new UploadPartCommand(part), { abortSignal });
          if (ETag === undefined) throw new PassingFailure('it gave no tag for a part');
          return ETag;
        },
        { object, signal, bytes: body.length },
      ),
    );
    bytes += body.length;
  };
  let next = await parts.next();
  for (let number = 1; next.done !== true; number += 1) {
    const [following] = await Promise.all([parts.next(), upload(next.value, number)]);
    next = following;
  }
  return { tags, bytes };
};

type Completion = { name: string; id: string; mark: string; tags: readonly string[]; bytes: number };

const complete = async (
  bucket: S3Bucket,
  { name, id, mark, tags, bytes }: Completion,
  { ifAbsent = false, signal }: PutOptions,
): Promise<void> => {
  const { connection } = bucket;
  const { CompleteMultipartUploadCommand } = await connection.sdk();
  const object = objectOf(bucket, name);
  let mayBeDone = false;
  await connection.attempt(
    async (client, abortSignal) => {
      const look = () => headObject(bucket, { client, name, signal: abortSignal });
      try {
        const command = new CompleteMultipartUploadCommand({
          ...at(bucket, name),
          UploadId: id,
          MultipartUpload: { Parts: tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) },
          ...(ifAbsent ? { IfNoneMatch: '*' } : {}),
        });
        await client.send(command, { abortSignal });
      } catch (error) {
        const { meaning } = connection.classify(error);
        // The end of an upload whose answer was lost leaves no upload to end, and under the condition our own object in its way.
        const mayBeOurs = mayBeDone && (meaning === 'no-upload' || meaning === 'exists');
        if (mayBeOurs && writerOf(await look(), { mark, bytes }) === 'self') return;
        if (meaning === 'exists') throw targetError('TARGET_EXISTS', object);
        mayBeDone ||= meaning === 'passing';
        throw error;
      }
      mayBeDone = true;
      const writer = writerOf(await look(), { mark, bytes });
      if (writer === 'self' || writer === 'unknown') return;
      if (writer === 'other' && ifAbsent) throw targetError('TARGET_EXISTS', object);
      // The parts are gone with the upload: there is nothing to repeat here.
      throw targetError('TARGET_FAILED', object, 'it was acknowledged, and something else is there');
    },
    { object, signal },
  );
};

/** Not under the signal of the caller, which may be what ended the upload. */
const abort = async (bucket: S3Bucket, name: string, id: string): Promise<void> => {
  const { AbortMultipartUploadCommand } = await bucket.connection.sdk();
  await bucket.connection.attempt(
    async (client, abortSignal) => {
      await client.send(new AbortMultipartUploadCommand({ ...at(bucket, name), UploadId: id }), { abortSignal });
    },
    { object: objectOf(bucket, name), signal: AbortSignal.timeout(ABORT_MS) },
  );
};

const MOST_PARTS = 10_000;
const ABORT_MS = 10_000;
