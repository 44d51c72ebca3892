import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { S3_TEST_CREDENTIALS, type S3Server } from '@berth/testing';
import type { VaultAccess } from '@berth/vault';

/** A target that a test can take away and give back, with all that was on it. */
export type BreakableTarget = {
  readonly access: VaultAccess;
  /** From now on nothing can be written or read there. */
  break(): Promise<void>;
  repair(): Promise<void>;
};

/** A directory that becomes a file: what root may not do there either. `path` is made. */
export const breakableDirectory = async (path: string): Promise<BreakableTarget> => {
  await mkdir(path, { recursive: true });
  return {
    access: { name: nameOf(path), url: `dir:${path}`, dataKey: randomBytes(32) },
    async break() {
      await rename(path, `${path}.away`);
      await writeFile(path, 'the disk is not mounted');
    },
    async repair() {
      await rm(path);
      await rename(`${path}.away`, path);
    },
  };
};

/** A prefix in a bucket of a server of its own, which answers 500 while it is broken. */
export const breakableS3 = (server: S3Server, { bucket, prefix }: { bucket: string; prefix: string }): BreakableTarget => {
  let outage: Disposable | undefined;
  return {
    access: {
      name: prefix,
      url: `s3://${bucket}/${prefix}?endpoint=${server.endpoint}`,
      credentials: S3_TEST_CREDENTIALS,
      dataKey: randomBytes(32),
    },
    async break() {
      outage = server.faults.during({ fault: { kind: 'status', status: 500 } });
    },
    async repair() {
      outage?.[Symbol.dispose]();
    },
  };
};

const nameOf = (path: string): string => path.split('/').at(-1) ?? path;
