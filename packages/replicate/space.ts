import { statfsSync } from 'node:fs';

/** Free and reserved bytes of the disk that a directory is on. */
export const spaceOf = (directory: string, reserveBytes: number | undefined): { freeBytes: number; reserveBytes: number } => {
  const { bavail, blocks, bsize } = statfsSync(directory);
  return { freeBytes: bavail * bsize, reserveBytes: reserveBytes ?? Math.min((blocks * bsize) / 10, RESERVE_LIMIT_BYTES) };
};

const RESERVE_LIMIT_BYTES = 5e9;
