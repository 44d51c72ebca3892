import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HomeLayout } from '@berth/host';

/** Where an operation keeps data that comes back and data that goes, on the file system of the stores. */
export const restoringDirectory = (layout: HomeLayout, app: string, operation: number): string =>
  join(restoringRoot(layout, app), `op${operation}`);

export const isEmptyOrAbsent = async (directory: string): Promise<boolean> => {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.length === 0;
};

/** Removes what finished operations left, once `isDone` says that it is safe elsewhere. */
export const cleanRestoring = async (layout: HomeLayout, app: string, isDone: (operation: number) => boolean): Promise<void> => {
  const names = await readdir(restoringRoot(layout, app)).catch(() => []);
  for (const name of names) {
    const operation = Number(/^op(\d+)$/.exec(name)?.[1]);
    if (operation > 0 && isDone(operation)) await rm(join(restoringRoot(layout, app), name), { recursive: true, force: true });
  }
};

const restoringRoot = (layout: HomeLayout, app: string) => join(layout.app(app).root, 'restoring');
