import { createHash, randomUUID } from 'node:crypto';
import type { PutOptions } from '@berth/replicate';
import { targetError } from './errors.ts';
import { at, objectOf, type S3Bucket, WRITTEN_BY } from './s3-bucket.ts';
import { PassingFailure } from './s3-failure.ts';
import { headObject, isOwnObject, writerOf } from './s3-own.ts';

/**
 * Stores an object in one request, and looks at what is there afterwards: what was acknowledged can still be lost. A refusal under
 * `ifAbsent` that follows an answer that never came may be about our own object, and is looked into.
 */
export const putWhole = async (
  bucket: S3Bucket,
  { name, body }: { readonly name: string; readonly body: Uint8Array },
  { ifAbsent = false, signal }: PutOptions,
): Promise<void> => {
  const { connection } = bucket;
  const { PutObjectCommand } = await connection.sdk();
  const written = { mark: randomUUID(), bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
  const object = objectOf(bucket, name);
  let mayBeDone = false;
  await connection.attempt(
    async (client, abortSignal) => {
      try {
        const command = new PutObjectCommand({
          ...at(bucket, name),
          Body: body,
          ContentLength: body.length,
          Metadata: { [WRITTEN_BY]: written.mark },
          ...(ifAbsent ? { IfNoneMatch: '*' } : {}),
        });
        await client.send(command, { abortSignal });
        mayBeDone = true;
      } catch (error) {
        const { meaning } = connection.classify(error);
        if (meaning === 'exists' && ifAbsent) {
          if (mayBeDone && (await isOwnObject(bucket, { client, name, signal: abortSignal }, written))) return;
          throw targetError('TARGET_EXISTS', object);
        }
        mayBeDone ||= meaning === 'passing';
        throw error;
      }
      const head = await headObject(bucket, { client, name, signal: abortSignal });
      const writer = writerOf(head, written);
      if (writer === 'self' || writer === 'unknown') return;
      // Ours was acknowledged and lost, and another has come since, or an older one is still there.
      if (writer === 'other' && ifAbsent) throw targetError('TARGET_EXISTS', object);
      throw new PassingFailure('it was acknowledged, and something else is there');
    },
    { object, signal, bytes: body.length },
  );
};
