import { closeSync, ftruncateSync, openSync, writevSync } from 'node:fs';

/** A database file while segments are written into it. Of pages that come again soon, only the last version is written. */
export interface RestoredFile extends Disposable {
  /** The content must not change before the block that it came in is disposed of. */
  set(page: number, content: Uint8Array): void;
  /** The database has this size from now on: what was beyond is gone, what is new is zeros. */
  resize(pages: number): void;
  /** Once per block of a segment, so that only so many blocks are held in memory. Disposes of it when its pages are written. */
  endBlock(block?: Disposable): void;
  flush(): void;
}

export const createRestoredFile = (file: string, pageSize: number): RestoredFile => {
  const fd = openSync(file, 'wx', 0o600);
  const maxRun = Math.max(1, RUN_BYTES / pageSize);
  const waiting = new Map<number, Uint8Array>();
  let blocks: (Disposable | undefined)[] = [];
  let pages = 0;
  let highest = 0;

  const flush = (): void => {
    let first = 0;
    let run: Uint8Array[] = [];
    for (const page of Uint32Array.from(waiting.keys()).toSorted()) {
      if (page !== first + run.length || run.length === maxRun) {
        writeAll(fd, run, (first - 1) * pageSize);
        first = page;
        run = [];
      }
      run.push(waiting.get(page) as Uint8Array);
    }
    writeAll(fd, run, (first - 1) * pageSize);
    waiting.clear();
    for (const block of blocks) block?.[Symbol.dispose]();
    blocks = [];
  };

  return {
    set(page, content) {
      waiting.set(page, content);
      highest = Math.max(highest, page);
    },
    resize(wanted) {
      pages = wanted;
      if (wanted >= highest) return;
      // In this order: a page that is cut off and comes again is zeros until it is written.
      flush();
      ftruncateSync(fd, wanted * pageSize);
      highest = wanted;
    },
    endBlock(block) {
      blocks.push(block);
      if (blocks.length >= BLOCKS_WAITING) flush();
    },
    flush() {
      flush();
      ftruncateSync(fd, pages * pageSize);
    },
    [Symbol.dispose]() {
      closeSync(fd);
    },
  };
};

/** 8 MB of pages: as much as a log most often has. */
const BLOCKS_WAITING = 32;
/**
 * Larger writes make larger pieces of page cache, and each page that a log then changes in one costs as much as the piece is
 * large: with 2 MB at a time the system took twice as long. No more than IOV_MAX pages (1024 on Linux).
 */
const RUN_BYTES = 64 * 1024;

const writeAll = (fd: number, contents: readonly Uint8Array[], at: number): void => {
  if (contents.length === 0) return;
  const bytes = contents.reduce((sum, { length }) => sum + length, 0);
  const written = writevSync(fd, contents, at);
  // A short write is rare; then the rest goes in one piece.
  if (written < bytes) writeAll(fd, [Buffer.concat(contents).subarray(written)], at + written);
};
