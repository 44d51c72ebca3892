import { join } from 'node:path';
import type { Manifest } from '@berth/core';

/** Where the app lies in a build of its source: there its commands run, and there the edge finds its files. */
export const appDirectory = (build: string, { directory = '.' }: Pick<Manifest, 'directory'>): string => join(build, directory);

/** Where tools that a build installed are looked for: beside the app first, then beside what is around it, as npm does. */
export const toolDirectories = (build: string, { directory = '.' }: Pick<Manifest, 'directory'>): string[] => {
  const segments = directory === '.' ? [] : directory.split('/');
  return Array.from({ length: segments.length + 1 }, (_, up) =>
    join(build, ...segments.slice(0, segments.length - up), 'node_modules/.bin'),
  );
};
