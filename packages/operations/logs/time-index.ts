import { appendFile, copyFile, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { HomeLayout } from '@berth/host';
import type { Journal } from '@berth/journal';

/** A log file beyond this is moved aside (one older part is kept) and begun anew. */
const FILE_MAX_BYTES = 32 * 1024 * 1024;
/** Files of instances that are gone, per app. */
const OLD_FILES_KEPT = 30;

export const indexFile = (logFile: string) => `${logFile}.times`;

/**
 * Programs write plain lines to their log file, without a time and without Berth in between. So that each line has a time
 * all the same, the size of every file is noted as it grows: a line was written between two notes. While the daemon is
 * dead nothing is lost but precision.
 */
export interface TimeIndexer {
  /** Called about once a second. */
  note(): Promise<void>;
  /** Removes what instances that are long gone left. */
  prune(): Promise<void>;
}

export function createTimeIndexer(deps: { journal: Journal; layout: HomeLayout; now: () => Date }): TimeIndexer {
  const { journal, layout, now } = deps;
  const sizes = new Map<string, number>();
  const noteFile = async (file: string) => {
    const size = (await stat(file).catch(() => null))?.size ?? 0;
    if (size === 0 || size === sizes.get(file)) return;
    sizes.set(file, size);
    await appendFile(indexFile(file), `${size} ${now().getTime()}\n`, { mode: 0o600 });
    if (size > FILE_MAX_BYTES) await rotate(file, sizes);
  };
  return {
    async note() {
      const files = journal.instances.list().map((row) => join(layout.app(row.app).logs, `${row.id}.log`));
      for (const operation of journal.operations.open()) {
        const { logs } = layout.app(operation.app);
        files.push(join(logs, `op${operation.id}.build.log`), join(logs, `op${operation.id}.release.log`));
      }
      for (const file of files) await noteFile(file);
      for (const file of sizes.keys()) if (!files.includes(file)) sizes.delete(file);
    },
    async prune() {
      for (const app of journal.apps.list()) {
        const present = new Set(journal.instances.list({ app: app.name }).map((row) => row.id));
        await pruneDirectory(layout.app(app.name).logs, present);
      }
    },
  };
}

/** Copied and cut, since the program goes on writing to the same descriptor; lines written between the two are lost. */
async function rotate(file: string, sizes: Map<string, number>): Promise<void> {
  await copyFile(file, `${file}.1`);
  await truncate(file, 0);
  await copyFile(indexFile(file), `${indexFile(file)}.1`.replace('.log.times.1', '.log.1.times'));
  await rm(indexFile(file), { force: true });
  sizes.delete(file);
}

async function pruneDirectory(directory: string, present: ReadonlySet<string>): Promise<void> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.log'));
  const gone = names.filter((name) => !present.has(name.slice(0, -'.log'.length)));
  const aged = await Promise.all(gone.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })));
  for (const { name } of aged.toSorted((a, b) => b.at - a.at).slice(OLD_FILES_KEPT)) {
    for (const part of [name, `${name}.times`, `${name}.1`, `${name}.1.times`]) await rm(join(directory, part), { force: true });
  }
}

/** A function from an offset in the file to the time when it was written, in milliseconds since the epoch. */
export async function readTimes(logFile: string): Promise<(offset: number) => number> {
  const text = await readFile(indexFile(logFile), 'utf8').catch(() => '');
  const notes = text.split('\n').flatMap((line) => {
    const [size, at] = line.split(' ').map(Number);
    return size && at ? [{ size, at }] : [];
  });
  const fallback = (await stat(logFile).catch(() => null))?.mtimeMs ?? 0;
  return (offset) => {
    let [low, high] = [0, notes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((notes[middle]?.size ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return notes[low]?.at ?? fallback;
  };
}
