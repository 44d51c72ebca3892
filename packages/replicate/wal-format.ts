import { endianness } from 'node:os';

/** The write-ahead log of SQLite: a header, then frames of a 24-byte header and one page each (sqlite.org/fileformat2.html, 4). */
export const WAL_HEADER_BYTES = 32;
export const WAL_FRAME_HEADER_BYTES = 24;

const MAGIC_LITTLE_ENDIAN = 0x377f0682;
const MAGIC_BIG_ENDIAN = 0x377f0683;
const VERSION = 3_007_000;

export type WalHeader = {
  readonly pageSize: number;
  /** The words of the checksum are read as big-endian; the numbers of the header always are. */
  readonly bigEndianChecksum: boolean;
  /** Of the connection that wrote the header; other processes may repeat it. Not a position. */
  readonly checkpointSequence: number;
  readonly salt1: number;
  readonly salt2: number;
  readonly checksum1: number;
  readonly checksum2: number;
};

/** The end of a committed transaction in one log, or the beginning of the log: all that is needed to prove a continuation. */
export type WalPosition = {
  readonly salt1: number;
  readonly salt2: number;
  /** Bytes from the beginning of the file to the next frame. */
  readonly offset: number;
  /** The cumulative checksum of everything before `offset`. */
  readonly checksum1: number;
  readonly checksum2: number;
  readonly pageSize: number;
  readonly bigEndianChecksum: boolean;
};

/** The cumulative checksum: two unsigned 32-bit words. */
export type WalChecksum = readonly [checksum1: number, checksum2: number];

/** undefined if the bytes are no valid header, for example because it is still being written. */
export const parseWalHeader = (bytes: Uint8Array): WalHeader | undefined => {
  if (bytes.length < WAL_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, WAL_HEADER_BYTES);
  const magic = view.getUint32(0);
  const pageSize = view.getUint32(8);
  if ((magic !== MAGIC_LITTLE_ENDIAN && magic !== MAGIC_BIG_ENDIAN) || view.getUint32(4) !== VERSION) return undefined;
  if (!isPageSize(pageSize)) return undefined;
  const header = {
    pageSize,
    bigEndianChecksum: magic === MAGIC_BIG_ENDIAN,
    checkpointSequence: view.getUint32(12),
    salt1: view.getUint32(16),
    salt2: view.getUint32(20),
    checksum1: view.getUint32(24),
    checksum2: view.getUint32(28),
  };
  const [checksum1, checksum2] = walChecksum([0, 0], bytes.subarray(0, 24), header.bigEndianChecksum);
  return checksum1 === header.checksum1 && checksum2 === header.checksum2 ? header : undefined;
};

/** Where the first frame of a log begins. */
export const walStart = (header: WalHeader): WalPosition => ({
  salt1: header.salt1,
  salt2: header.salt2,
  offset: WAL_HEADER_BYTES,
  checksum1: header.checksum1,
  checksum2: header.checksum2,
  pageSize: header.pageSize,
  bigEndianChecksum: header.bigEndianChecksum,
});

/** A power of two from 512 to 65536. */
export const isPageSize = (bytes: number): boolean => bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0;

/** Continues the checksum `seed` over `bytes`, whose length is a multiple of 8. */
export const walChecksum = (seed: WalChecksum, bytes: Uint8Array, bigEndian: boolean): WalChecksum => {
  const words = wordsOf(bytes);
  const state = Uint32Array.of(seed[0], seed[1]);
  addToWalChecksum(state, words, { from: 0, to: words.length, swap: mustSwap(bigEndian) });
  return [state[0] ?? 0, state[1] ?? 0];
};

/** The bytes as 32-bit words of this machine: a view where the alignment allows it, a copy elsewhere. */
export const wordsOf = (bytes: Uint8Array): Int32Array =>
  bytes.byteOffset % 4 === 0
    ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
    : new Int32Array(Uint8Array.from(bytes).buffer, 0, bytes.length >>> 2);

/** Whether words in that byte order have to be turned around on this machine. */
export const mustSwap = (bigEndian: boolean): boolean => bigEndian !== (endianness() === 'BE');

/** The inner loop, without an allocation: continues `state` (two words) over the words from `from` to before `to`, in pairs. */
export const addToWalChecksum = (
  state: Uint32Array,
  words: Int32Array,
  { from, to, swap }: { from: number; to: number; swap: boolean },
): void => {
  let s0 = state[0] as number;
  let s1 = state[1] as number;
  if (swap) {
    for (let at = from; at < to; at += 2) {
      s0 = (s0 + swapped(words[at] as number) + s1) | 0;
      s1 = (s1 + swapped(words[at + 1] as number) + s0) | 0;
    }
  } else {
    for (let at = from; at < to; at += 2) {
      s0 = (s0 + (words[at] as number) + s1) | 0;
      s1 = (s1 + (words[at + 1] as number) + s0) | 0;
    }
  }
  state[0] = s0;
  state[1] = s1;
};

const swapped = (word: number): number =>
  ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
