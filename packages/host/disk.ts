import { randomBytes } from 'node:crypto';
import { lstat, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a user without privileges may still write on the file system that holds `path`. */
export const freeBytes = async (path: string): Promise<number> => {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
};

/** Disk space that a directory takes; links are not followed and a file with several names counts once. Absent: 0. */
export const directoryBytes = async (path: string): Promise<number> => {
  const counted = new Set<string>();
  const measure = async (at: string): Promise<number> => {
    const stats = await ignoringAbsence(lstat(at));
    if (stats === null) return 0;
    const identity = `${stats.dev}:${stats.ino}`;
    if (counted.has(identity)) return 0;
    counted.add(identity);
    // st_blocks counts 512 bytes, whatever the file system's own block is.
    let bytes = stats.blocks * 512;
    if (!stats.isDirectory()) return bytes;
    for (const name of (await ignoringAbsence(readdir(at))) ?? []) bytes += await measure(join(at, name));
    return bytes;
  };
  return measure(path);
};

/** A reader sees the old content or the new, never a part; after a power cut too. `owner` needs root, or to be one's own. */
export const writeFileAtomic = async (
  path: string,
  data: string | Uint8Array,
  mode = 0o600,
  owner: { readonly uid: number; readonly gid: number } | null = null,
): Promise<void> => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      // Before it has its name: whoever is killed in between leaves no file that its readers cannot read.
      if (owner !== null) await file.chown(owner.uid, owner.gid);
      // The mode given to open is cut by the umask, and a new owner takes bits away.
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const directory = await open(dirname(path));
  try {
    await directory.sync(); // without this, a power cut can undo the rename
  } finally {
    await directory.close();
  }
};

/** Files may go away while a tree is walked. */
const ignoringAbsence = <T>(pending: Promise<T>): Promise<T | null> =>
  pending.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
