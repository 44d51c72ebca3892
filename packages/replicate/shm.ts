import { fstatSync, openSync, readSync } from 'node:fs';

/** What SQLite's shared memory says of the log right now. */
export type WalIndex = {
  readonly salt1: number;
  readonly salt2: number;
  /** Frames of the log that are committed. */
  readonly frames: number;
  /** Of those, the first that are in the database file as well. */
  readonly backfilled: number;
  /** Size of the database in pages after the last commit. */
  readonly pages: number;
  readonly pageSize: number;
};

/**
 * The `-shm` file, read beside SQLite's own mapping of it. The descriptor stays open until the process ends: closing any
 * descriptor of this file would drop every lock that SQLite holds on it in this process (POSIX).
 */
export class SharedMemory {
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(HEADER_BYTES);

  /** Only once a connection of this process is inside the log, so that the file exists and is the one in use. */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  get inode(): number {
    return fstatSync(this.#fd).ino;
  }

  /** Undefined while a writer is changing it, or before anybody made it. */
  read(): WalIndex | undefined {
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      if (readSync(this.#fd, this.#bytes, 0, HEADER_BYTES, 0) < HEADER_BYTES) return undefined;
      // Writers change the second copy first and the first copy last: equal copies are a consistent header.
      if (this.#bytes.compare(this.#bytes, COPY_BYTES, 2 * COPY_BYTES, 0, COPY_BYTES) !== 0) continue;
      return this.#bytes.readUInt8(IS_INITIALISED_AT) === 0 ? undefined : parse(this.#bytes);
    }
    return undefined;
  }
}

/** Shared memory is in the machine's own byte order, which is little-endian wherever Node runs; the salts are bytes of the log. */
const parse = (bytes: Buffer): WalIndex => {
  const size = bytes.readUInt16LE(14);
  return {
    // 65536 does not fit into 16 bits and is written as 1 (SQLite, wal.c).
    pageSize: (size & 0xfe00) + ((size & 1) << 16),
    frames: bytes.readUInt32LE(16),
    pages: bytes.readUInt32LE(20),
    salt1: bytes.readUInt32BE(32),
    salt2: bytes.readUInt32BE(36),
    backfilled: bytes.readUInt32LE(96),
  };
};

/** Layout of the first page of the wal-index: two copies of the header, then the checkpoint's state (SQLite, walformat.html 4.1). */
const COPY_BYTES = 48;
const HEADER_BYTES = 136;
const IS_INITIALISED_AT = 12;
const READ_ATTEMPTS = 20;
