import { readdirSync, readFileSync } from 'node:fs';

/** null: there is no such file (yet, or any more). */
export const readIfThere = (path: string): string | null => unlessMissing(() => readFileSync(path, 'utf8'), null);

/** None where there is no such directory. */
export const namesIfThere = (path: string): readonly string[] => unlessMissing(() => readdirSync(path), []);

const unlessMissing = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw error;
  }
};
