/** What Berth remembers of its own installation on this machine: /etc/berth/server.json. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensureDirectory, writeFileAtomic } from '@berth/host';

export type InstallMark = {
  readonly format: 1;
  /** Of the artifact: `0.1.0-7374e45a`. */
  readonly id: string;
  /** Names of the steps that were made at least once. */
  readonly steps: readonly string[];
};

export const MARK_FILE = '/etc/berth/server.json';

/** One that cannot be read is as good as none: every step looks for itself. */
export const readMark = (file = MARK_FILE): InstallMark | null => {
  if (!existsSync(file)) return null;
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as Partial<InstallMark>;
    return mark.format === 1 && typeof mark.id === 'string' && Array.isArray(mark.steps) ? (mark as InstallMark) : null;
  } catch {
    return null;
  }
};

export const writeMark = async (mark: InstallMark, file = MARK_FILE): Promise<void> => {
  ensureDirectory(dirname(file), 0o700);
  await writeFileAtomic(file, `${JSON.stringify(mark, null, 2)}\n`);
};
