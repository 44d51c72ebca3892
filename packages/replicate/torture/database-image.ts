import { fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/**
 * The committed pages of a database, read from its file and its write-ahead log without SQLite: what a restore must equal
 * byte for byte. Written apart from the package's own parser, so that one judges the other.
 */
export class DatabaseImage {
  readonly #path: string;
  /** Never closed: closing any descriptor of the database drops every lock that this process holds on it (POSIX). */
  readonly #descriptor: number;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'r');
  }

  /** Where the committed part of the log ends: another one after each transaction that wrote anything. */
  end(): string {
    return readLog(this.#path).identity;
  }

  /**
   * Only while no one commits. Checkpoints may come and go: they change where a page lies, not what it says, so whatever was
   * read between two equal readings of the log is whole.
   */
  read(): Buffer {
    let log = readLog(this.#path);
    for (let tries = 0; tries < 50; tries += 1) {
      const file = readWhole(this.#descriptor);
      const again = readLog(this.#path);
      if (again.identity === log.identity) return compose(file, log);
      log = again;
    }
    throw new Error('the log changed 50 times while nobody should have written');
  }
}

type Log = { readonly identity: string; readonly pageSize: number; readonly pages: number; readonly latest: Map<number, Buffer> };

const NO_LOG: Log = { identity: 'none', pageSize: 0, pages: 0, latest: new Map() };

/** Pages of the transactions that are whole: salts as in the header, checksums unbroken from the first frame, a commit at the end. */
function readLog(path: string): Log {
  const bytes = readIfThere(`${path}-wal`);
  if (bytes === null || bytes.length < 32) return NO_LOG;
  const magic = bytes.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return NO_LOG;
  const read = magic === 0x377f0682 ? Buffer.prototype.readUInt32LE : Buffer.prototype.readUInt32BE;
  let sums = checksum(read, bytes.subarray(0, 24), [0, 0]);
  if (sums[0] !== bytes.readUInt32BE(24) || sums[1] !== bytes.readUInt32BE(28)) return NO_LOG;
  const pageSize = bytes.readUInt32BE(8);
  const latest = new Map<number, Buffer>();
  let uncommitted = new Map<number, Buffer>();
  let pages = 0;
  let end = '32';
  for (let at = 32; at + 24 + pageSize <= bytes.length; at += 24 + pageSize) {
    if (bytes.compare(bytes, 16, 24, at + 8, at + 16) !== 0) break;
    const page = bytes.subarray(at + 24, at + 24 + pageSize);
    sums = checksum(read, page, checksum(read, bytes.subarray(at, at + 8), sums));
    if (sums[0] !== bytes.readUInt32BE(at + 16) || sums[1] !== bytes.readUInt32BE(at + 20)) break;
    uncommitted.set(bytes.readUInt32BE(at), page);
    const size = bytes.readUInt32BE(at + 4);
    if (size === 0) continue;
    for (const [number, content] of uncommitted) latest.set(number, content);
    uncommitted = new Map();
    pages = size;
    end = `${at + 24 + pageSize} ${sums.join(' ')}`;
  }
  return { identity: `${bytes.toString('hex', 0, 32)} ${end}`, pageSize, pages, latest };
}

type Sums = readonly [number, number];

function checksum(read: (this: Buffer, offset: number) => number, bytes: Buffer, [first, second]: Sums): Sums {
  let s0 = first;
  let s1 = second;
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0 + read.call(bytes, at) + s1) >>> 0;
    s1 = (s1 + read.call(bytes, at + 4) + s0) >>> 0;
  }
  return [s0, s1];
}

function compose(file: Buffer, { pageSize: pageSizeOfLog, pages: pagesOfLog, latest }: Log): Buffer {
  const inLog = latest.size > 0;
  // Of a page size of 65536 the header says 1.
  const pageSize = inLog ? pageSizeOfLog : file.length < 100 ? 0 : file.readUInt16BE(16) === 1 ? 65_536 : file.readUInt16BE(16);
  const pages = inLog ? pagesOfLog : pageSize === 0 ? 0 : file.length / pageSize;
  const image = Buffer.alloc(pages * pageSize);
  file.copy(image, 0, 0, image.length);
  for (const [number, page] of latest) if (number <= pages) page.copy(image, (number - 1) * pageSize);
  return image;
}

function readWhole(descriptor: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(descriptor).size);
  let length = 0;
  for (let count = -1; count !== 0 && length < bytes.length; length += count) {
    count = readSync(descriptor, bytes, length, bytes.length - length, length);
  }
  return bytes.subarray(0, length);
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
