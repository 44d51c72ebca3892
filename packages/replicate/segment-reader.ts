import { createHash, type Hash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { type ByteSource, createByteSource } from './byte-source.ts';
import { segmentDamaged } from './errors.ts';
import { formatChecksum } from './page-hash.ts';
import {
  BLOCK_HEADER_BYTES,
  COMMIT_RECORD_BYTES,
  INDEX_END_BYTES,
  INDEX_ENTRY_BYTES,
  parseSegmentHeader,
  parseSegmentMagic,
  SEGMENT_BLOCK_BYTES,
  SEGMENT_MAGIC,
  type SegmentEntry,
  type SegmentHeader,
  type SegmentSummary,
  type SegmentTransaction,
  SHA256_BYTES,
} from './segment-format.ts';

export interface SegmentReader extends AsyncDisposable {
  readonly header: SegmentHeader;
  /**
   * The entries, a block at a time. Whatever is wrong throws SEGMENT_DAMAGED, the SHA-256 not before the end: until then, what
   * was given is not proven.
   */
  blocks(): AsyncGenerator<SegmentBlock, void>;
  /** Known once the blocks were read to their end; throws before. */
  readonly summary: SegmentSummary;
}

/**
 * Whoever is done with its pages may dispose of it, and must not touch them then: their memory is given back at once. Otherwise
 * they stay as they are, but some hundred megabytes a second are more than a garbage collector should have to find.
 */
export type SegmentBlock = readonly SegmentEntry[] & Disposable;

/** Reads and checks the header; the rest is read by `blocks()`. `name` is for messages. */
export const openSegment = async (stream: AsyncIterable<Uint8Array>, name: string): Promise<SegmentReader> => {
  const source = createByteSource(stream);
  const sha256 = createHash('sha256');
  const take = async (bytes: number): Promise<Buffer> => {
    const part = await source.take(bytes);
    if (part === undefined) throw segmentDamaged(name, 'it is cut off');
    return part;
  };
  const takeHashed = async (bytes: number): Promise<Buffer> => {
    const part = await take(bytes);
    sha256.update(part);
    return part;
  };
  try {
    const headerBytes = parseSegmentMagic(await takeHashed(SEGMENT_MAGIC.length + 4), name);
    const header = parseSegmentHeader((await takeHashed(headerBytes)).toString(), name);
    let summary: SegmentSummary | undefined;
    return {
      header,
      get summary() {
        if (summary === undefined) throw new Error('the segment was not read to its end');
        return summary;
      },
      async *blocks() {
        const counts = { frames: 0, transactions: 0, blocks: 0 };
        const check = createOrderCheck(header, name);
        for await (const raw of decompressed(takeHashed, { header, name })) {
          counts.blocks += 1;
          const entries = parseBlock(raw.content, header, name);
          for (const entry of entries) {
            check(entry);
            if ('commit' in entry) counts.transactions += 1;
            else counts.frames += 1;
          }
          yield Object.assign(entries, { [Symbol.dispose]: () => giveBack(raw) });
        }
        check(undefined);
        summary = await readEnd({ source, sha256, take, takeHashed, name, header, counts });
      },
      [Symbol.asyncDispose]: () => source.close(),
    };
  } catch (cause) {
    await source.close();
    throw cause;
  }
};

/** The header alone; the rest of the stream is let go. */
export const readSegmentHeader = async (stream: AsyncIterable<Uint8Array>, name: string): Promise<SegmentHeader> => {
  await using segment = await openSegment(stream, name);
  return segment.header;
};

/** The table of a segment: every transaction that can be restored from it. The whole segment is read and checked. */
export const readSegmentTable = async (
  stream: AsyncIterable<Uint8Array>,
  name: string,
): Promise<{ header: SegmentHeader; transactions: SegmentTransaction[]; summary: SegmentSummary }> => {
  await using segment = await openSegment(stream, name);
  const transactions: SegmentTransaction[] = [];
  for await (using block of segment.blocks()) for (const entry of block) if ('commit' in entry) transactions.push(entry.commit);
  return { header: segment.header, transactions, summary: segment.summary };
};

const BLOCKS_IN_FLIGHT = 3;
const CODEC_PLAIN = 0;
const CODEC_ZSTD = 1;
/** zlib takes no smaller one. */
const MIN_CHUNK_BYTES = 64;

const decompress = promisify(zstdDecompress);

type Take = (bytes: number) => Promise<Buffer>;

/** `own`: the memory that holds the content and nothing else; undefined where it is a part of the stream's. */
type RawBlock = { readonly content: Buffer; readonly own: ArrayBuffer | undefined };

/** Reads on while the thread pool unpacks. */
async function* decompressed(take: Take, { header, name }: { header: SegmentHeader; name: string }): AsyncGenerator<RawBlock> {
  const limit = Math.max(SEGMENT_BLOCK_BYTES, header.pageSize + 4);
  const inFlight: Promise<RawBlock>[] = [];
  for (;;) {
    const head = await take(BLOCK_HEADER_BYTES);
    const [stored, raw, codec] = [head.readUInt32LE(0), head.readUInt32LE(4), head.readUInt8(8)];
    if (raw === 0 && stored === 0) break;
    if (raw > limit || stored > raw || codec > CODEC_ZSTD) throw segmentDamaged(name, 'a block has an impossible size');
    const block = unpack(await take(stored), { raw, codec, name });
    block.catch(() => undefined);
    inFlight.push(block);
    if (inFlight.length >= BLOCKS_IN_FLIGHT) yield await (inFlight.shift() as Promise<RawBlock>);
  }
  for (const block of inFlight) yield await block;
}

const unpack = async (stored: Buffer, { raw, codec, name }: { raw: number; codec: number; name: string }): Promise<RawBlock> => {
  if (codec === CODEC_PLAIN && stored.length === raw) return { content: stored, own: undefined };
  // One piece, and a byte of room so that zlib sees its end at once: by default it comes in pieces of 16 KB that are then joined.
  const chunkSize = Math.max(MIN_CHUNK_BYTES, raw + 1);
  const content = await decompress(stored, { maxOutputLength: raw, chunkSize }).catch((cause: unknown) => {
    throw segmentDamaged(name, 'a block cannot be decompressed', cause);
  });
  if (content.length !== raw) throw segmentDamaged(name, 'a block has another size than it says');
  const { buffer } = content;
  // What is small comes from memory that others share.
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === chunkSize && chunkSize > Buffer.poolSize;
  return { content, own: isOwn ? buffer : undefined };
};

/** Views of memory that was moved elsewhere are empty: nobody can read what was given back. */
const giveBack = ({ own }: RawBlock): void => {
  if (own !== undefined && !own.detached) own.transfer(0);
};

const parseBlock = (raw: Buffer, header: SegmentHeader, name: string): SegmentEntry[] => {
  const entries: SegmentEntry[] = [];
  let at = 0;
  while (at < raw.length) {
    const page = at + 4 <= raw.length ? raw.readUInt32LE(at) : 0;
    const bytes = page === 0 ? COMMIT_RECORD_BYTES : header.pageSize + 4;
    if (at + bytes > raw.length) throw segmentDamaged(name, 'a record is cut off');
    entries.push(page === 0 ? { commit: parseCommit(raw, at) } : { page, content: raw.subarray(at + 4, at + bytes) });
    at += bytes;
  }
  return entries;
};

const parseCommit = (raw: Buffer, at: number): SegmentTransaction => ({
  databasePages: raw.readUInt32LE(at + 4),
  txid: raw.readDoubleLE(at + 8),
  at: raw.readDoubleLE(at + 16),
  checksum: formatChecksum(raw.readUInt32LE(at + 24), raw.readUInt32LE(at + 28)),
});

/** Every transaction that the header promises is there, once and in order; pages are sorted where they have to be. */
const createOrderCheck = (header: SegmentHeader, name: string): ((entry: SegmentEntry | undefined) => void) => {
  let txid = header.kind === 'log' ? header.minTxid : header.maxTxid;
  let page = 0;
  return (entry) => {
    if (entry === undefined) {
      if (txid !== header.maxTxid + 1) throw segmentDamaged(name, `transaction ${txid} is missing`);
    } else if ('commit' in entry) {
      if (entry.commit.txid !== txid) throw segmentDamaged(name, `transaction ${entry.commit.txid} where ${txid} belongs`);
      txid += 1;
    } else {
      if (header.kind !== 'log' && entry.page <= page) throw segmentDamaged(name, 'its pages are not in order');
      page = entry.page;
    }
  };
};

type End = {
  source: ByteSource;
  sha256: Hash;
  take: Take;
  takeHashed: Take;
  name: string;
  header: SegmentHeader;
  counts: { frames: number; transactions: number; blocks: number };
};

const readEnd = async ({ source, sha256, take, takeHashed, name, header, counts }: End): Promise<SegmentSummary> => {
  const index = await takeHashed(counts.blocks * INDEX_ENTRY_BYTES + INDEX_END_BYTES);
  const digest = sha256.digest();
  const said = await take(SHA256_BYTES);
  if (!(await source.isAtEnd())) throw segmentDamaged(name, 'something follows its end');
  if (!digest.equals(said)) throw segmentDamaged(name, 'its SHA-256 is another one');
  if (index.readUInt32LE(index.length - 4) !== counts.blocks) throw segmentDamaged(name, 'its index is another one’s');
  const hex = digest.toString('hex');
  return {
    sha256: hex,
    link: header.link ?? hex,
    bytes: source.taken,
    frames: counts.frames,
    transactions: counts.transactions,
  };
};
