import { type Stats, lstatSync } from 'node:fs';
import { mkdir, open, readdir, rename, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exchangeImpossible } from './exchange-errors.ts';

export type Exchange = {
  /** What the live store may be made of, absolute, `live` and names that begin with it: see `StoreDriver.parts`. */
  readonly parts: readonly string[];
  /** A complete file or directory. Its own parts, which an exchange that was put back leaves, have the same endings. */
  readonly restored: string;
  /** Where it shall be. Nobody uses the store until this has resolved, nor when it was interrupted. */
  readonly live: string;
  /**
   * A directory of this one exchange, empty or not there yet: gets the parts that were there, by their names. On the file system
   * of the others; paths that begin with it are used as well.
   */
  readonly aside: string;
  /** Called after each step, with what was done. */
  readonly onStep?: (step: string) => void;
};

/**
 * Puts a restored store in the place of the live one, by renames alone. Ended at any moment, nothing is lost, and either this or
 * `putBack` goes on from there. Again when it is done, it does nothing. Throws EXCHANGE_IMPOSSIBLE.
 *
 * How far it is can be seen in the names: `aside.part` while parts are moved away, `aside` when all of them are, `aside.back`
 * while they are moved back.
 */
export const exchange = async (request: Exchange): Promise<void> => {
  const { parts, restored, live, aside } = request;
  await removeRemade(aside);
  if (isThere(`${aside}.back`)) await putBack(request);
  // One that the caller has made does not say that the parts are in it.
  if (isThere(restored) && (await isEmpty(aside))) await move(aside, `${aside}.part`, request);
  if (!isThere(aside)) {
    if (!isThere(restored)) throw exchangeImpossible(live, `${restored} is not there`);
    checkFileSystem(request);
    const taking = `${aside}.part`;
    await makeDirectory(taking, request);
    for (const part of parts) if (isThere(part)) await move(part, freeName(join(taking, basename(part))), request);
    await syncDirectories(taking, dirname(live));
    await move(taking, aside, request);
    await syncDirectories(dirname(aside));
  }
  if (isThere(restored)) {
    // Whoever made them used the store in the middle of the exchange: kept, but not taken for what was there before.
    for (const part of parts) if (isThere(part)) await move(part, freeName(join(aside, basename(part))), request);
    await move(restored, live, request);
  }
  if (!isThere(live)) throw exchangeImpossible(live, `neither ${restored} nor ${live} is there`);
  for (const part of parts) {
    const from = besideRestored(part, request);
    if (part === live || !isThere(from)) continue;
    if (isThere(part)) await move(part, freeName(join(aside, basename(part))), request);
    await move(from, part, request);
  }
  await syncDirectories(dirname(live), dirname(restored), aside);
};

/**
 * Undoes an exchange, wherever it was ended: what was live is live again, what had taken its place is at `restored`, with what was
 * written to it since. Can itself be ended at any moment and run again; where nothing was exchanged it does nothing.
 */
export const putBack = async (request: Exchange): Promise<void> => {
  const { parts, live, restored, aside } = request;
  const back = `${aside}.back`;
  await removeRemade(aside);
  if (isThere(`${aside}.part`)) {
    // What is still in its place never left it.
    await move(`${aside}.part`, back, request);
  } else if (isThere(aside)) {
    // With nothing in it and nothing exchanged, what is live has always been. The main part goes last: as long as it is there,
    // it is known that what is live came with the exchange.
    const isUnchanged = isThere(restored) && (await isEmpty(aside));
    const leaving = isUnchanged ? [] : [...parts.filter((part) => part !== live), live];
    for (const part of leaving) if (isThere(part)) await move(part, freeName(besideRestored(part, request)), request);
    await syncDirectories(dirname(restored), dirname(live));
    await move(aside, back, request);
  }
  if (!isThere(back)) return;
  await syncDirectories(dirname(aside));
  const names = new Set(await readdir(back));
  for (const part of parts) {
    const from = join(back, basename(part));
    if (!names.has(basename(part))) continue;
    if (isThere(part)) await move(part, freeName(besideRestored(part, request)), request);
    await move(from, part, request);
  }
  // What came in the middle of it belongs to nobody: it stays beside what was restored.
  for (const name of await readdir(back)) await move(join(back, name), freeName(join(dirname(restored), name)), request);
  await syncDirectories(dirname(live), dirname(restored));
  await rmdir(back);
  await syncDirectories(dirname(back));
  request.onStep?.(`remove ${basename(back)}`);
};

/** Whoever makes the directory before each call makes it once more while it has its other name. */
const removeRemade = async (aside: string): Promise<void> => {
  const isElsewhere = isThere(`${aside}.part`) || isThere(`${aside}.back`);
  if (isElsewhere && (await isEmpty(aside))) await rmdir(aside);
};

const besideRestored = (part: string, { live, restored }: Exchange): string => {
  if (!part.startsWith(live)) throw exchangeImpossible(live, `${part} is no part of it`);
  return `${restored}${part.slice(live.length)}`;
};

/** The name itself, or with a number behind it: nothing is ever replaced. */
const freeName = (path: string): string => {
  if (!isThere(path)) return path;
  for (let number = 2; ; number++) if (!isThere(`${path}.${number}`)) return `${path}.${number}`;
};

const move = async (from: string, to: string, { onStep }: Exchange): Promise<void> => {
  await rename(from, to);
  onStep?.(`move ${basename(from)} to ${to}`);
};

const makeDirectory = async (path: string, { onStep }: Exchange): Promise<void> => {
  if (isThere(path)) return;
  await mkdir(path, { mode: 0o700 });
  await syncDirectories(dirname(path));
  onStep?.(`make ${basename(path)}`);
};

/** A rename does not cross file systems: known before the first step. */
const checkFileSystem = ({ restored, live, aside }: Exchange): void => {
  const [device, ...others] = [restored, dirname(live), dirname(aside), dirname(restored)].map((path) => statsOf(path)?.dev);
  if (others.some((other) => other !== device))
    throw exchangeImpossible(
      live,
      `${restored}, ${dirname(live)} and ${dirname(aside)} are not on one file system, or are not there`,
    );
};

const statsOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

const isEmpty = async (path: string): Promise<boolean> => isThere(path) && (await readdir(path)).length === 0;

const isThere = (path: string): boolean => statsOf(path) !== undefined;

/** Without this, a power cut can undo renames, and in another order. */
const syncDirectories = async (...paths: readonly string[]): Promise<void> => {
  for (const path of new Set(paths)) {
    await using directory = await open(path);
    await directory.sync();
  }
};
