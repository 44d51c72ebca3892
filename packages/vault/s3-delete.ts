import { at, objectOf, type S3Bucket } from './s3-bucket.ts';
import { PassingFailure } from './s3-failure.ts';

/** In batches; one by one where the endpoint has no batches. */
export const deleteObjects = async (
  bucket: S3Bucket,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> => {
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    if (batch.length === 1 || !(await deleteBatch(bucket, batch, signal)))
      for (const name of batch) await deleteOne(bucket, name, signal);
  }
};

/** The most that S3 takes at once. */
const BATCH = 1000;

/** False when there is no such thing as a batch. */
const deleteBatch = async (bucket: S3Bucket, names: readonly string[], signal: AbortSignal | undefined): Promise<boolean> => {
  const { connection } = bucket;
  const { DeleteObjectsCommand } = await connection.sdk();
  const object = objectOf(bucket, `${names[0] ?? ''} and ${names.length - 1} more`);
  let left = names;
  return connection.attempt(
    async (client, abortSignal) => {
      const Objects = left.map((name) => ({ Key: at(bucket, name).Key }));
      try {
        // Not quiet: anything else in XML would pass for an answer without errors.
        const command = new DeleteObjectsCommand({ Bucket: bucket.bucket, Delete: { Objects } });
        const { Deleted = [], Errors = [] } = await client.send(command, { abortSignal });
        const gone = new Set([...Deleted, ...Errors.filter(({ Code }) => Code === 'NoSuchKey')].map(({ Key }) => Key));
        left = left.filter((name) => !gone.has(at(bucket, name).Key));
        if (left.length === 0) return true;
        const { Code, Message = 'not all were said to be deleted' } = Errors.find(({ Key = '' }) => !gone.has(Key)) ?? {};
        // Named as the whole request would have failed for it.
        throw Object.assign(new PassingFailure(Message), Code === undefined ? {} : { name: Code });
      } catch (error) {
        if (connection.classify(error).meaning === 'unsupported') return false;
        throw error;
      }
    },
    { object, signal },
  );
};

const deleteOne = async (bucket: S3Bucket, name: string, signal: AbortSignal | undefined): Promise<void> => {
  const { connection } = bucket;
  const { DeleteObjectCommand } = await connection.sdk();
  await connection.attempt(
    async (client, abortSignal) => {
      try {
        await client.send(new DeleteObjectCommand(at(bucket, name)), { abortSignal });
      } catch (error) {
        if (connection.classify(error).meaning !== 'missing') throw error;
      }
    },
    { object: objectOf(bucket, name), signal },
  );
};
