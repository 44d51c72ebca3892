import type { S3Credentials } from './s3-connection.ts';

/**
 * All that is needed to reach what one target holds and to read it. As plain data, so that it can be given to another process,
 * over IPC only: it is secret.
 */
export type VaultAccess = {
  /** What people call the target. */
  readonly name: string;
  /** See `parseTargetUrl`; holds no credentials. */
  readonly url: string;
  readonly credentials?: S3Credentials;
  /** 32 bytes. Everything is sealed with it. */
  readonly dataKey: Uint8Array;
};
