/** Stands in for the replicator in tests: captures a database that this process writes, where and when the test says. */
import { readFileSync } from 'node:fs';
import { putLineage } from './lineage.ts';
import { createLineageId, renderObjectName } from './object-name.ts';
import { createPageTable, type PageTable } from './page-table.ts';
import { lockPage } from './page-hash.ts';
import type { SegmentEntry, SegmentHeader, SegmentTransaction } from './segment-format.ts';
import { encodeSegment } from './segment-writer.ts';
import type { Target } from './target.ts';
import { parseWalHeader, WAL_FRAME_HEADER_BYTES, type WalPosition, walStart } from './wal-format.ts';
import { createWalScanner } from './wal-scan.ts';

export type FakeReplica = {
  readonly database: string;
  readonly lineage: string;
  /** The last captured transaction. */
  readonly last: SegmentTransaction;
  /** Takes what the -wal holds that is new, as transactions captured at `at`; ships nothing. */
  capture(walFile: string, at: number): SegmentTransaction[];
  /** Ships what was captured as one log. */
  shipLog(): Promise<string | undefined>;
  /** Ships the state after the last captured transaction. */
  shipSnapshot(): Promise<string>;
};

type Options = {
  readonly target: Target;
  readonly database: string;
  readonly pageSize: number;
  readonly lineage?: string;
  readonly createdAt?: number;
  readonly parent?: { readonly lineage: string; readonly txid: number; readonly image: Uint8Array };
};

/** The image of the database is held in memory, and the test's database must never be checkpointed while it is captured. */
export const createFakeReplica = async ({ target, database, pageSize, parent, ...options }: Options): Promise<FakeReplica> => {
  const lineage = options.lineage ?? createLineageId();
  await putLineage(target, database, {
    id: lineage,
    createdAt: options.createdAt ?? 0,
    ...(parent && { parent: { lineage: parent.lineage, txid: parent.txid } }),
  });
  const table: PageTable = createPageTable(pageSize);
  // Not Buffer.from, which may lie in a pool: the image grows in its own memory.
  let image: Buffer = Buffer.alloc(parent?.image.length ?? 0);
  image.set(parent?.image ?? []);
  for (let page = 1; page * pageSize <= image.length; page += 1) table.update(page, pageOf(image, page, pageSize));
  let position: WalPosition | undefined;
  let last: SegmentTransaction = {
    txid: parent?.txid ?? 0,
    databasePages: table.pages,
    at: options.createdAt ?? 0,
    checksum: table.checksum,
  };
  let link = '';
  let pending: { transaction: SegmentTransaction; frames: { page: number; content: Buffer }[] }[] = [];

  const put = async (header: SegmentHeader, name: string, entries: Iterable<SegmentEntry>): Promise<string> => {
    const stream = encodeSegment(header, entries);
    await target.put(name, stream, { ifAbsent: true });
    if (header.kind !== 'snapshot') link = stream.summary.link;
    return name;
  };

  return {
    database,
    lineage,
    get last() {
      return last;
    },
    capture(walFile, at) {
      const wal = readFileSync(walFile);
      const header = parseWalHeader(wal);
      if (header === undefined) return [];
      position ??= walStart(header);
      const found = createWalScanner(position).push(wal.subarray(position.offset));
      for (const transaction of found) {
        const frames = [...transaction.pages].map((page, index) => {
          const from = transaction.offset + index * (WAL_FRAME_HEADER_BYTES + pageSize) + WAL_FRAME_HEADER_BYTES;
          return { page, content: wal.subarray(from, from + pageSize) };
        });
        image = withPages(image, frames, { pageSize, pages: transaction.databasePages });
        for (const { page, content } of frames) table.update(page, content);
        table.resize(transaction.databasePages);
        last = { txid: last.txid + 1, databasePages: transaction.databasePages, at, checksum: table.checksum };
        pending.push({ transaction: last, frames });
        position = transaction.end;
      }
      return pending.slice(pending.length - found.length).map(({ transaction }) => transaction);
    },
    async shipLog() {
      const batch = pending;
      const [first] = batch;
      if (first === undefined) return undefined;
      pending = [];
      const range = { minTxid: first.transaction.txid, maxTxid: last.txid };
      const header = {
        kind: 'log',
        database,
        lineage,
        pageSize,
        ...range,
        firstAt: first.transaction.at,
        lastAt: last.at,
      } as const;
      return put({ ...header, previous: link }, renderObjectName({ kind: 'log', database, lineage, ...range }), entriesOf(batch));
    },
    async shipSnapshot() {
      const { txid, at } = last;
      const times = { minTxid: txid, maxTxid: txid, firstAt: at, lastAt: at };
      const header = { kind: 'snapshot', database, lineage, pageSize, ...times, previous: '' } as const;
      const name = renderObjectName({ kind: 'snapshot', database, lineage, txid });
      return put({ ...header, link: pending.length === 0 ? link : '' }, name, snapshotEntries(image, pageSize, last));
    },
  };
};

function* entriesOf(batch: readonly { transaction: SegmentTransaction; frames: readonly SegmentEntry[] }[]) {
  for (const { transaction, frames } of batch) {
    yield* frames;
    yield { commit: transaction };
  }
}

function* snapshotEntries(image: Buffer, pageSize: number, commit: SegmentTransaction): Generator<SegmentEntry> {
  for (let page = 1; page * pageSize <= image.length; page += 1)
    if (page !== lockPage(pageSize)) yield { page, content: pageOf(image, page, pageSize) };
  yield { commit };
}

const withPages = (
  image: Buffer,
  frames: readonly { page: number; content: Buffer }[],
  { pageSize, pages }: { pageSize: number; pages: number },
): Buffer => {
  const largest = frames.reduce((most, { page }) => Math.max(most, page), pages);
  // Room to grow behind it, so that a long history does not copy the image for each transaction.
  const room = image.byteOffset === 0 && image.buffer.byteLength >= largest * pageSize;
  const all = Buffer.from(room ? image.buffer : new ArrayBuffer(Math.ceil(largest * 1.5) * pageSize));
  if (!room) image.copy(all);
  all.fill(0, image.length, largest * pageSize);
  for (const { page, content } of frames) content.copy(all, (page - 1) * pageSize);
  return all.subarray(0, pages * pageSize);
};

const pageOf = (image: Buffer, page: number, pageSize: number): Buffer => image.subarray((page - 1) * pageSize, page * pageSize);
