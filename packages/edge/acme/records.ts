import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '@berth/host';

/** Small JSON files of the ACME client: keys are in them, so only we may read them. */
export const writeRecord = async (file: string, value: object): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`, 0o600);
};

/** null: there is none. */
export const readRecord = async <T>(file: string): Promise<T | null> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : (JSON.parse(text) as T);
};

export const removeRecord = (file: string): Promise<void> => rm(file, { force: true });
