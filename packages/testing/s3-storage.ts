import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDirectoryBlobs, createMemoryBlobs, type S3Blobs } from './s3-blobs.ts';
import { S3Bucket, type S3Object } from './s3-bucket.ts';
import { S3Error } from './s3-errors.ts';

/** Buckets, and where their bytes are. */
export interface S3Storage {
  readonly blobs: S3Blobs;
  readonly buckets: ReadonlyMap<string, S3Bucket>;
  /** Throws NoSuchBucket. */
  bucket(name: string): S3Bucket;
  createBucket(name: string, now: number): Promise<void>;
  deleteBucket(name: string): Promise<void>;
  /** After a change of the object in its bucket: keeps it, and lets go of the bytes of what was there before. */
  keep(bucket: S3Bucket, key: string, before: S3Object | undefined): Promise<void>;
}

export const createMemoryStorage = (): S3Storage => createStorage(createMemoryBlobs(), undefined);

/** Finds again what an earlier server left in the directory, but for uploads that were not complete. */
export const openDirectoryStorage = async (directory: string): Promise<S3Storage> => {
  const storage = createStorage(await createDirectoryBlobs(path.join(directory, 'blobs')), path.join(directory, 'buckets'));
  await mkdir(path.join(directory, 'buckets'), { recursive: true });
  for (const name of await readdir(path.join(directory, 'buckets'))) {
    await storage.createBucket(name, Date.now());
    const bucket = storage.bucket(name);
    for (const file of await readdir(path.join(directory, 'buckets', name))) {
      if (!file.endsWith('.json')) continue;
      bucket.set(JSON.parse(await readFile(path.join(directory, 'buckets', name, file), 'utf8')) as S3Object);
    }
  }
  return storage;
};

const createStorage = (blobs: S3Blobs, index: string | undefined): S3Storage => {
  const buckets = new Map<string, S3Bucket>();
  const get = (name: string): S3Bucket => {
    const bucket = buckets.get(name);
    if (bucket === undefined) throw new S3Error('NoSuchBucket', { BucketName: name });
    return bucket;
  };
  // One after the other, each writing what holds by then: two changes of one object cannot end in the wrong order.
  let writing: Promise<void> = Promise.resolve();
  const write = (bucket: S3Bucket, key: string): Promise<void> => {
    if (index === undefined) return Promise.resolve();
    const file = path.join(index, bucket.name, `${createHash('sha256').update(key).digest('hex')}.json`);
    const written = writing.then(async () => {
      const object = bucket.get(key);
      if (object === undefined) return rm(file, { force: true });
      await writeFile(`${file}.tmp`, JSON.stringify(object));
      await rename(`${file}.tmp`, file);
    });
    writing = written.catch(() => undefined);
    return written;
  };

  return {
    blobs,
    buckets,
    bucket: get,
    async createBucket(name, now) {
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) throw new S3Error('InvalidBucketName', { BucketName: name });
      if (buckets.has(name)) throw new S3Error('BucketAlreadyOwnedByYou', { BucketName: name });
      if (index !== undefined) await mkdir(path.join(index, name), { recursive: true });
      buckets.set(name, new S3Bucket(name, now));
    },
    async deleteBucket(name) {
      if (get(name).size > 0) throw new S3Error('BucketNotEmpty', { BucketName: name });
      buckets.delete(name);
      if (index !== undefined) await rm(path.join(index, name), { recursive: true, force: true });
    },
    async keep(bucket, key, before) {
      await write(bucket, key);
      if (before !== undefined) await blobs.remove(before.blobs);
    },
  };
};
