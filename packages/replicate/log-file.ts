import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { isMissing } from './durable-file.ts';
import { parseWalHeader, WAL_FRAME_HEADER_BYTES, WAL_HEADER_BYTES, type WalHeader, type WalPosition } from './wal-format.ts';
import type { WalScanner, WalTransaction } from './wal-scan.ts';

/** The `-wal` file. SQLite keeps no locks on it: unlike its siblings it may be opened and closed at will. */
export class LogFile implements Disposable {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  /** Undefined while it is empty, or its header is being written. */
  readHeader(): WalHeader | undefined {
    const bytes = Buffer.alloc(WAL_HEADER_BYTES);
    return readSync(this.#fd, bytes, 0, bytes.length, 0) < bytes.length ? undefined : parseWalHeader(bytes);
  }

  /** Committed transactions behind the scanner's position and before `end`, until there are `enoughBytes` of them or no more. */
  scan(scanner: WalScanner, { end, enoughBytes }: { end: number; enoughBytes: number }): WalTransaction[] {
    const found: WalTransaction[] = [];
    const from = scanner.position.offset;
    const frameBytes = WAL_FRAME_HEADER_BYTES + scanner.position.pageSize;
    while (scanner.nextOffset < end && !scanner.ended && scanner.position.offset - from < enoughBytes) {
      const bytes = this.#readFrames(scanChunk, { at: scanner.nextOffset, end, frameBytes });
      if (bytes.length === 0) break;
      found.push(...scanner.push(bytes));
    }
    return found;
  }

  /**
   * The pages of a transaction in the order of its frames. They are read into the caller's buffer: a page is good until the
   * next one is asked for.
   */
  *pages(transaction: WalTransaction, buffer: Buffer): Generator<{ page: number; content: Buffer }> {
    const { pageSize } = transaction.end;
    const frameBytes = WAL_FRAME_HEADER_BYTES + pageSize;
    let frame = 0;
    for (let at = transaction.offset; at < transaction.end.offset; ) {
      const bytes = this.#readFrames(buffer, { at, end: transaction.end.offset, frameBytes });
      if (bytes.length === 0) throw new Error('the write-ahead log ended within a transaction that was seen complete');
      for (let from = WAL_FRAME_HEADER_BYTES; from < bytes.length; from += frameBytes) {
        yield { page: transaction.pages[frame] ?? 0, content: bytes.subarray(from, from + pageSize) };
        frame += 1;
      }
      at += bytes.length;
    }
  }

  /** The page of one frame, counted from 1. */
  readPage(frame: number, into: Buffer): void {
    const at = WAL_HEADER_BYTES + (frame - 1) * (WAL_FRAME_HEADER_BYTES + into.length) + WAL_FRAME_HEADER_BYTES;
    if (readSync(this.#fd, into, 0, into.length, at) < into.length) {
      throw new Error('the write-ahead log ended within a transaction that was seen complete');
    }
  }

  /** Whether the frame that ends at the position is still the one it was taken from: its checksum stands for all before it. */
  carries(position: WalPosition): boolean {
    if (position.offset === WAL_HEADER_BYTES) return true;
    const header = Buffer.alloc(WAL_FRAME_HEADER_BYTES);
    const at = position.offset - WAL_FRAME_HEADER_BYTES - position.pageSize;
    if (at < WAL_HEADER_BYTES || readSync(this.#fd, header, 0, header.length, at) < header.length) return false;
    return (
      header.readUInt32BE(8) === position.salt1 &&
      header.readUInt32BE(12) === position.salt2 &&
      header.readUInt32BE(16) === position.checksum1 &&
      header.readUInt32BE(20) === position.checksum2
    );
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #readFrames(into: Buffer, { at, end, frameBytes }: { at: number; end: number; frameBytes: number }): Buffer {
    const wanted = Math.min(end - at, Math.floor(into.length / frameBytes) * frameBytes);
    const bytes = readSync(this.#fd, into, 0, wanted, at);
    return into.subarray(0, bytes - (bytes % frameBytes));
  }
}

/** Holds at least one frame of the largest page size. */
export const createFrameBuffer = (): Buffer => Buffer.allocUnsafe(FRAME_BUFFER_BYTES);

/** 0 for a log that does not exist. */
export const logFileBytes = (path: string): number => {
  try {
    return statSync(path).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
};

const FRAME_BUFFER_BYTES = 128 << 10;
/** One for all databases: a scan is not interrupted between a read and the use of what was read. */
const scanChunk = Buffer.allocUnsafe(1 << 20);
