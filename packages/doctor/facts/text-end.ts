import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const END_BYTES = 64 * 1024;

/** The last lines of a text file that are not empty; none when it is not there. */
export const lastLines = (file: string, count: number): readonly string[] =>
  endOf(file)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);

const endOf = (file: string): string => {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw cause;
  }
  try {
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, END_BYTES));
    readSync(handle, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(handle);
  }
};
