import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { SegmentEntry, SegmentTransaction } from './segment-format.ts';

/** Pages by number on the disk, the last version of each; 4 bytes of memory per page of the highest number. */
export interface ScratchPages extends Disposable {
  readonly pageSize: number;
  set(page: number, content: Uint8Array): void;
  /** Forgets pages beyond the end of the database. */
  cut(databasePages: number): void;
  /** All pages in ascending order, then the commit. A content is good until the next entry is asked for. */
  entries(commit: SegmentTransaction): Generator<SegmentEntry>;
}

/** The file has no name: it is gone with the process, however that ends. */
export const createScratchPages = (directory: string, pageSize: number): ScratchPages => {
  const file = path.join(directory, `pages-${randomUUID()}`);
  const fd = openSync(file, 'wx+', 0o600);
  unlinkSync(file);
  // The place of each page in the file, counted from 1 in the order in which they came; 0 for those that did not.
  let places = new Uint32Array(1024);
  let highest = 0;
  let used = 0;
  return {
    pageSize,
    set(page, content) {
      if (page >= places.length) {
        const larger = new Uint32Array(Math.max(page + 1, Math.ceil(places.length * 1.5)));
        larger.set(places);
        places = larger;
      }
      highest = Math.max(highest, page);
      let place = places[page] as number;
      if (place === 0) {
        used += 1;
        place = used;
        places[page] = place;
      }
      let written = 0;
      while (written < pageSize) written += writeSync(fd, content, written, pageSize - written, (place - 1) * pageSize + written);
    },
    cut(databasePages) {
      if (databasePages >= highest) return;
      places.fill(0, databasePages + 1, highest + 1);
      highest = databasePages;
    },
    *entries(commit) {
      const content = Buffer.alloc(pageSize);
      for (let page = 1; page <= highest; page += 1) {
        const place = places[page] as number;
        if (place === 0) continue;
        if (readSync(fd, content, 0, pageSize, (place - 1) * pageSize) < pageSize) throw new Error(`page ${page} is not there`);
        yield { page, content };
      }
      yield { commit };
    },
    [Symbol.dispose]() {
      closeSync(fd);
    },
  };
};
