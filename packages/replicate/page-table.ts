import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { writeFileAtomically } from './durable-file.ts';
import { formatChecksum, hashPage, lockPage } from './page-hash.ts';

/**
 * The hash of every page of a database, 8 bytes each, and the checksum of the whole state: the XOR of them all, kept up to date
 * with each change. Pages that were never set count as pages of zeros; the lock page is no part of the content.
 */
export interface PageTable {
  readonly pageSize: number;
  /** The size of the database. */
  readonly pages: number;
  /** Of the whole state, as 16 hexadecimal digits. */
  readonly checksum: string;
  /** Takes the new content of a page; beyond the end, the table grows. False if the page had this content already. */
  update(page: number, content: Uint8Array): boolean;
  /** Whether the table holds this content for the page. */
  matches(page: number, content: Uint8Array): boolean;
  /** Cuts off or adds pages of zeros, so that the database has this size. */
  resize(pages: number): void;
  /** Writes the table to a file, whole or not at all. The label is the caller's: which transaction the table stands for. */
  save(path: string, label: string): Promise<void>;
}

export const createPageTable = (pageSize: number): PageTable => tableOf(pageSize, { pages: 0, hashes: new Uint32Array(512) });

/** undefined if there is no such file, or it is damaged: a table can always be made anew. */
export const loadPageTable = async (path: string): Promise<{ table: PageTable; label: string } | undefined> => {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return Buffer.alloc(0);
    throw cause;
  });
  if (bytes.length < HEADER_BYTES + SHA256_BYTES) return undefined;
  const body = bytes.subarray(0, -SHA256_BYTES);
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(-SHA256_BYTES))) return undefined;
  if (body.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const pageSize = body.readUInt32LE(8);
  const pages = body.readUInt32LE(12);
  const labelBytes = body.readUInt32LE(16);
  const label = body.toString('utf8', HEADER_BYTES, HEADER_BYTES + labelBytes);
  const saved = body.subarray(HEADER_BYTES + labelBytes);
  if (saved.length !== pages * 8) return undefined;
  const hashes = new Uint32Array(Math.max(512, pages * 2));
  new Uint8Array(hashes.buffer).set(saved);
  return { table: tableOf(pageSize, { pages, hashes }), label };
};

const MAGIC = endianness() === 'LE' ? 'BRTHPTL1' : 'BRTHPTB1';
const HEADER_BYTES = 20;
const SHA256_BYTES = 32;

const tableOf = (pageSize: number, from: { pages: number; hashes: Uint32Array<ArrayBuffer> }): PageTable => {
  const lock = lockPage(pageSize);
  const hash = new Uint32Array(2);
  let { pages, hashes } = from;
  let high = 0;
  let low = 0;
  for (let at = 0; at < pages * 2; at += 2) {
    high ^= hashes[at] as number;
    low ^= hashes[at + 1] as number;
  }

  const grow = (wanted: number): void => {
    if (wanted * 2 > hashes.length) {
      const larger = new Uint32Array(Math.max(wanted * 2, Math.ceil(hashes.length * 1.5)));
      larger.set(hashes);
      hashes = larger;
    }
    pages = wanted;
  };

  return {
    pageSize,
    get pages() {
      return pages;
    },
    get checksum() {
      return formatChecksum(high, low);
    },
    update(page, content) {
      if (page > pages) grow(page);
      if (page === lock) return false;
      hashPage(page, content, hash);
      const at = (page - 1) * 2;
      const [oldHigh, oldLow, newHigh, newLow] = [hashes[at], hashes[at + 1], hash[0], hash[1]] as [
        number,
        number,
        number,
        number,
      ];
      if (oldHigh === newHigh && oldLow === newLow) return false;
      high ^= oldHigh ^ newHigh;
      low ^= oldLow ^ newLow;
      hashes[at] = newHigh;
      hashes[at + 1] = newLow;
      return true;
    },
    matches(page, content) {
      if (page === lock) return true;
      if (page > pages) return false;
      hashPage(page, content, hash);
      return hashes[(page - 1) * 2] === hash[0] && hashes[(page - 1) * 2 + 1] === hash[1];
    },
    resize(wanted) {
      if (wanted >= pages) {
        grow(wanted);
        return;
      }
      for (let at = wanted * 2; at < pages * 2; at += 2) {
        high ^= hashes[at] as number;
        low ^= hashes[at + 1] as number;
      }
      hashes.fill(0, wanted * 2, pages * 2);
      pages = wanted;
    },
    async save(path, label) {
      const labelBytes = Buffer.from(label);
      const header = Buffer.alloc(HEADER_BYTES);
      header.write(MAGIC, 'latin1');
      header.writeUInt32LE(pageSize, 8);
      header.writeUInt32LE(pages, 12);
      header.writeUInt32LE(labelBytes.length, 16);
      // Copied: the table may change while the file is written.
      const body = Buffer.from(hashes.slice(0, pages * 2).buffer);
      const sha256 = createHash('sha256').update(header).update(labelBytes).update(body).digest();
      await writeFileAtomically(path, [header, labelBytes, body, sha256]);
    },
  };
};
