import { addToWalChecksum, mustSwap, WAL_FRAME_HEADER_BYTES, type WalPosition, wordsOf } from './wal-format.ts';

/** A committed transaction in the log. Its frames lie one behind the other: frame `i` begins at `offset + i * (24 + pageSize)`. */
export type WalTransaction = {
  /** Where its first frame begins, in bytes from the beginning of the file. */
  readonly offset: number;
  /** The page number of each frame, in order; a page may come more than once, its last frame counts. */
  readonly pages: Uint32Array;
  /** The size of the database after the commit, in pages. */
  readonly databasePages: number;
  readonly end: WalPosition;
};

export interface WalScanner {
  /** The end of the last committed transaction. */
  readonly position: WalPosition;
  /** The offset in the file from which the next bytes are wanted. */
  readonly nextOffset: number;
  /** A frame did not continue the log: nothing behind it counts until `rewind`. */
  readonly ended: boolean;
  /** Takes the bytes of the file from `nextOffset` on, and gives the transactions that they complete. A frame cut off is left. */
  push(bytes: Uint8Array): WalTransaction[];
  /** Forgets frames of a transaction without a commit. Before each new look at the file: such frames may be written anew. */
  rewind(): void;
}

/** Follows the log from a position. Holds four bytes per frame of the transaction that it is in, and no page. */
export const createWalScanner = (from: WalPosition): WalScanner => {
  const frameBytes = WAL_FRAME_HEADER_BYTES + from.pageSize;
  const swap = mustSwap(from.bigEndianChecksum);
  const checksum = new Uint32Array(2);
  let position = from;
  let pages = new Uint32Array(16);
  let count = 0;
  let ended = false;

  const rewind = (): void => {
    checksum[0] = position.checksum1;
    checksum[1] = position.checksum2;
    count = 0;
    ended = false;
  };
  rewind();

  const remember = (page: number): void => {
    if (count === pages.length) {
      const larger = new Uint32Array(count * 2);
      larger.set(pages);
      pages = larger;
    }
    pages[count] = page;
    count += 1;
  };

  const commit = (databasePages: number): WalTransaction => {
    const transaction = {
      offset: position.offset,
      pages: pages.slice(0, count),
      databasePages,
      end: {
        ...position,
        offset: position.offset + count * frameBytes,
        checksum1: checksum[0] as number,
        checksum2: checksum[1] as number,
      },
    };
    position = transaction.end;
    count = 0;
    // What one huge transaction needed is not kept for all the small ones behind it.
    if (pages.length > 65_536) pages = new Uint32Array(16);
    return transaction;
  };

  return {
    get position() {
      return position;
    },
    get nextOffset() {
      return position.offset + count * frameBytes;
    },
    get ended() {
      return ended;
    },
    rewind,
    push(bytes) {
      const transactions: WalTransaction[] = [];
      const words = wordsOf(bytes);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let at = 0; !ended && at + frameBytes <= bytes.length; at += frameBytes) {
        const page = view.getUint32(at);
        addToWalChecksum(checksum, words, { from: at >>> 2, to: (at >>> 2) + 2, swap });
        addToWalChecksum(checksum, words, { from: (at + WAL_FRAME_HEADER_BYTES) >>> 2, to: (at + frameBytes) >>> 2, swap });
        const continues =
          page !== 0 &&
          view.getUint32(at + 8) === position.salt1 &&
          view.getUint32(at + 12) === position.salt2 &&
          view.getUint32(at + 16) === checksum[0] &&
          view.getUint32(at + 20) === checksum[1];
        if (!continues) {
          // The checksum has taken the wrong frame in, so that only the last commit is left to go on from.
          rewind();
          ended = true;
          break;
        }
        remember(page);
        const databasePages = view.getUint32(at + 4);
        if (databasePages !== 0) transactions.push(commit(databasePages));
      }
      return transactions;
    },
  };
};
