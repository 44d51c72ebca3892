import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A directory with Berth's own `node` that every app may reach: the clone it came from may lie where only its owner can
 * look. A hard link where possible, so that its memory is shared by all; one directory a version, so that an upgrade does
 * not pull it from under what runs. Answers with the directory.
 */
export const provideNode = (directory: string, executable: string, version: string): string => {
  const bin = join(directory, version, 'bin');
  const target = join(bin, 'node');
  if (existsSync(target)) return bin;
  mkdirSync(bin, { recursive: true, mode: 0o755 });
  const making = `${target}.making`;
  rmSync(making, { force: true });
  try {
    linkSync(executable, making);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Another file system, or a file of somebody else's that the kernel does not let us link (proc(5), protected_hardlinks).
    if (code !== 'EXDEV' && code !== 'EPERM') throw cause;
    copyFileSync(executable, making);
    chmodSync(making, 0o755);
  }
  renameSync(making, target);
  return bin;
};
