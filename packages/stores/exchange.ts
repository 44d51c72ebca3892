import { lstat, mkdir, open, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export type Exchange = {
  /** What the live store is made of, see `StoreDriver.parts`. */
  readonly parts: readonly string[];
  /** What came back: a file or a directory, on the same file system. */
  readonly restored: string;
  /** Where it shall be. */
  readonly live: string;
  /** A directory for this exchange alone, on the same file system; holds what was live afterwards. */
  readonly aside: string;
};

/**
 * Puts what was restored in the place of what is live, which nobody may use meanwhile. Ended at any moment it is gone on with by
 * the next call; nothing is ever in two places or in none.
 */
export const exchange = async ({ parts, restored, live, aside }: Exchange): Promise<void> => {
  // Without it the restored data is in its place already, and what is live must not be taken for the old one.
  if (!(await exists(restored))) return;
  await mkdir(aside, { recursive: true });
  for (const part of parts) if (await exists(part)) await rename(part, join(aside, basename(part)));
  await syncDirectory(aside);
  await rename(restored, live);
  await syncDirectory(dirname(live));
  await syncDirectory(dirname(restored));
};

/** Undoes an `exchange`, also one that was ended half way; what came back is where it was before. */
export const putBack = async ({ parts, restored, live, aside }: Exchange): Promise<void> => {
  const saved = await readdir(aside).catch(() => [] as string[]);
  if (!(await exists(restored))) {
    if (!(await exists(live))) return;
    // Whoever used it meanwhile has left side files, which belong to it and not to what comes back.
    await rename(live, restored);
    for (const part of parts) if (part !== live && (await exists(part))) await rename(part, `${restored}${part.slice(live.length)}`);
  }
  for (const name of saved) await rename(join(aside, name), join(dirname(live), name));
  await syncDirectory(dirname(live));
  await syncDirectory(dirname(restored));
};

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};
