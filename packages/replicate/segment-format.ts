import { segmentDamaged, segmentFormatUnknown, segmentSealed } from './errors.ts';
import { isPageSize, type WalPosition } from './wal-format.ts';

/**
 * A segment is one immutable object:
 *
 *     magic (8 bytes) | length of the header (u32) | header (JSON)
 *     blocks: stored bytes (u32) | raw bytes (u32) | codec (u8: 0 as it is, 1 zstd) | content; one with 0 raw bytes ends them
 *     index: per block stored bytes, raw bytes, first page (u32 each) | frames (f64) | transactions (f64) | blocks (u32)
 *     SHA-256 of all before it
 *
 * Raw, a block is a run of records: page number (u32) and the page, or a commit: 0 (u32), size of the database in pages (u32),
 * txid (f64), time (f64), checksum (2 x u32). All numbers are little-endian. A record never spans blocks.
 */
export const SEGMENT_MAGIC = 'BRTHSEG1';
/** Objects that are sealed begin so; see seal.ts. */
export const SEAL_MAGIC = 'BRTHSEAL';
export const SEGMENT_FORMAT = 1;
/** Compression per page gets a third of the speed and a worse ratio; larger blocks gain little more. */
export const SEGMENT_BLOCK_BYTES = 256 * 1024;
export const COMMIT_RECORD_BYTES = 32;
export const BLOCK_HEADER_BYTES = 9;
export const INDEX_ENTRY_BYTES = 12;
export const INDEX_END_BYTES = 20;
export const SHA256_BYTES = 32;
/** A header is about half a kilobyte; a length beyond this is damage and not worth the memory. */
const HEADER_LIMIT_BYTES = 64 * 1024;

export type SegmentKind = 'log' | 'reconcile' | 'snapshot' | 'merged';

export type SegmentHeader = {
  readonly kind: SegmentKind;
  readonly database: string;
  readonly lineage: string;
  readonly pageSize: number;
  readonly minTxid: number;
  readonly maxTxid: number;
  /** Capture times of the first and the last transaction, milliseconds since 1970; never decreasing along a lineage. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The link of the segment before: the chain that a restore checks. '' at the beginning of a lineage, and for snapshots. */
  readonly previous: string;
  /**
   * What the next segment says as its `previous`. For a log or a reconciliation it is their own SHA-256 and absent here; merged
   * segments carry that of their last source, snapshots that of the log segment which ends at their txid ('' if none does).
   */
  readonly link?: string;
  /** Where the log of the source ended; for the replicator's own use. */
  readonly position?: WalPosition;
};

/** One line of a segment's table: a state of the database that can be restored. */
export type SegmentTransaction = {
  readonly txid: number;
  readonly databasePages: number;
  /** Capture time, milliseconds since 1970. */
  readonly at: number;
  /** The checksum of the whole state after it, as PageTable.checksum. */
  readonly checksum: string;
};

export type SegmentFrame = { readonly page: number; readonly content: Uint8Array };
export type SegmentCommit = { readonly commit: SegmentTransaction };
/**
 * In a log: the frames of a transaction, then its commit, and so on. In the other kinds: pages in ascending order, one commit.
 */
export type SegmentEntry = SegmentFrame | SegmentCommit;

export type SegmentSummary = {
  /** Hexadecimal. */
  readonly sha256: string;
  /** What the next segment has to say as its `previous`. */
  readonly link: string;
  readonly bytes: number;
  readonly frames: number;
  readonly transactions: number;
};

export const renderSegmentHead = (header: SegmentHeader): Buffer => {
  const json = Buffer.from(JSON.stringify({ format: SEGMENT_FORMAT, ...header }));
  const head = Buffer.alloc(SEGMENT_MAGIC.length + 4 + json.length);
  head.write(SEGMENT_MAGIC, 'latin1');
  head.writeUInt32LE(json.length, SEGMENT_MAGIC.length);
  json.copy(head, SEGMENT_MAGIC.length + 4);
  return head;
};

/** Throws unless the bytes are the beginning of a segment; gives the length of the header that follows. */
export const parseSegmentMagic = (bytes: Buffer, name: string): number => {
  const magic = bytes.toString('latin1', 0, SEGMENT_MAGIC.length);
  if (magic === SEAL_MAGIC) throw segmentSealed(name);
  if (magic !== SEGMENT_MAGIC) throw segmentDamaged(name, 'it does not begin as a segment does');
  const length = bytes.readUInt32LE(SEGMENT_MAGIC.length);
  if (length > HEADER_LIMIT_BYTES) throw segmentDamaged(name, `a header of ${length} bytes`);
  return length;
};

export const parseSegmentHeader = (json: string, name: string): SegmentHeader => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw segmentDamaged(name, 'its header is no JSON', cause);
  }
  if (typeof parsed !== 'object' || parsed === null) throw segmentDamaged(name, 'its header is no object');
  const { format, ...header } = parsed as { format: unknown } & Partial<SegmentHeader>;
  if (format !== SEGMENT_FORMAT) throw segmentFormatUnknown(name, format);
  if (!isHeader(header)) throw segmentDamaged(name, 'its header lacks what it needs');
  return header;
};

const isHeader = (header: Partial<SegmentHeader>): header is SegmentHeader =>
  ['log', 'reconcile', 'snapshot', 'merged'].includes(header.kind ?? '') &&
  typeof header.database === 'string' &&
  typeof header.lineage === 'string' &&
  typeof header.previous === 'string' &&
  isPageSize(header.pageSize ?? 0) &&
  Number.isSafeInteger(header.minTxid) &&
  Number.isSafeInteger(header.maxTxid) &&
  Number(header.minTxid) <= Number(header.maxTxid) &&
  typeof header.firstAt === 'number' &&
  typeof header.lastAt === 'number';
