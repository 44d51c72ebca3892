import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One thing that a program did to the disk, when it was done. `from`: how many entries there were when a sync began, which
 * covers those and no others. A handle is a number for one opening of a file or directory.
 */
export type DiskEntry = { readonly at: number } & (
  | { readonly op: 'open'; readonly handle: string; readonly path: string; readonly isEmptied: boolean }
  | { readonly op: 'write'; readonly handle: string; readonly offset: number; readonly data: string }
  | { readonly op: 'truncate'; readonly handle: string; readonly length: number }
  | { readonly op: 'sync'; readonly handle: string; readonly from: number }
  | { readonly op: 'mkdir' | 'unlink'; readonly path: string }
  | { readonly op: 'rename' | 'link'; readonly path: string; readonly to: string }
);

/** Of programs that ran one after the other. */
export const readDiskLog = (directory: string): DiskEntry[] => {
  const log: DiskEntry[] = [];
  const started = (name: string): number => Number(name.split('-')[0]);
  for (const name of readdirSync(directory).toSorted((a, b) => started(a) - started(b))) {
    const before = log.length;
    for (const line of readFileSync(join(directory, name), 'utf8').split('\n')) {
      if (line === '') continue;
      const entry = JSON.parse(line) as DiskEntry;
      log.push(entry.op === 'sync' ? { ...entry, from: before + entry.from } : entry);
    }
  }
  return log;
};

/** Microseconds of the clock that all processes of a machine share. */
export const monotonicMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n);

/** The environment in which a program of Node.js writes down what it does below `roots`. */
export const recordingEnvironment = (log: string, roots: readonly string[]): { NODE_OPTIONS: string } => {
  const recorder = new URL('./power-cut-recorder.ts', import.meta.url);
  recorder.searchParams.set('log', log);
  for (const root of roots) recorder.searchParams.append('root', root);
  return { NODE_OPTIONS: `--import=${recorder.href}` };
};
