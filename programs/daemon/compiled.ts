import { statSync } from 'node:fs';
import { flushCompileCache, getCompileCacheDir } from 'node:module';

/** Told to the process that comes after, which then does not look again: a cache that cannot be filled is no loop. */
const AGAIN = '--compiled';

/**
 * A process that had to compile our code itself, after an installation or an update, keeps 20 MB for it as long as it
 * lives, the compiler of types above all. Such a process writes down what it compiled and begins anew in its own place,
 * with the same process id and standard streams; then this does not return. To be called when all code has been loaded
 * and nothing is open yet.
 */
export const startAgainIfCompiled = (): void => {
  const cache = getCompileCacheDir();
  if (cache === undefined || process.argv.includes(AGAIN) || !wasFilled(cache)) return;
  const [, program = '', ...args] = process.argv;
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, program, ...args, AGAIN]);
};

/** Compiled code is written beside its place and renamed into it, so the directory's time tells. */
const wasFilled = (directory: string): boolean => {
  const changed = () => statSync(directory, { throwIfNoEntry: false })?.mtimeMs;
  const before = changed();
  flushCompileCache();
  return changed() !== before;
};
