import { join } from 'node:path';
import type { Followed } from './followed.ts';
import type { Fault } from './fault-windows.ts';
import type { HeldDatabase } from './held-database.ts';
import { createLineageId } from './object-name.ts';
import { createPageTable, loadPageTable, type PageTable } from './page-table.ts';
import { type Position, savePosition } from './position.ts';
import type { SegmentQueue } from './queue.ts';
import { openFileSegment } from './queued-segment.ts';
import { eachPage, locateState, openState } from './whole-database.ts';

export type Beginning = Pick<Followed, 'position' | 'table' | 'savedTxid' | 'complete'>;

export type LineageStart = {
  readonly directory: string;
  /** What was followed before, here or elsewhere. */
  readonly parent: Position | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The last of the queue. */
  readonly sequence: number;
  readonly fault: Fault;
};

/** Begins a lineage with the newest state of a held database; its first transaction is that state. */
export const startLineage = async (
  database: HeldDatabase,
  { directory, parent, at, sequence, fault }: LineageStart,
): Promise<Beginning> => {
  const state = locateState(database);
  const table = createPageTable(state.pageSize);
  {
    using pages = openState(database, state);
    for await (const { page, content } of eachPage(pages)) table.update(page, content);
    table.resize(state.pages);
  }
  const txid = (parent?.txid ?? 0) + 1;
  const position: Position = {
    format: 1,
    lineage: {
      id: createLineageId(),
      createdAt: at,
      ...(parent && { parent: { lineage: parent.lineage.id, txid: parent.txid } }),
    },
    inode: database.inode,
    txid,
    sequence,
    firstTxid: txid,
    pageSize: state.pageSize,
    pages: state.pages,
    checksum: table.checksum,
    link: '',
    at: Math.max(at, parent?.at ?? 0),
    ...(state.log && { log: state.log }),
  };
  await saveTable(directory, position, table);
  fault('lineage.started');
  savePosition(directory, position, fault);
  return { position, table, savedTxid: txid, complete: state.complete };
};

/** The table as it was at the position: the saved one, brought up to date by the segments that are still here. */
export const recallTable = async (
  directory: string,
  position: Position,
  queue: SegmentQueue,
): Promise<{ table: PageTable; savedTxid: number } | undefined> => {
  const saved = await loadPageTable(join(directory, TABLE_FILE));
  const label = saved === undefined ? undefined : parseLabel(saved.label);
  if (saved === undefined || label?.lineage !== position.lineage.id) return undefined;
  const { table } = saved;
  let txid = label.txid;
  for (const entry of queue.entries) {
    if (entry.lineage !== position.lineage.id || entry.maxTxid <= txid) continue;
    if (entry.minTxid !== txid + 1 || entry.maxTxid > position.txid) break;
    await using segment = await openFileSegment(entry);
    for await (const block of segment.blocks()) {
      for (const part of block) {
        if ('commit' in part) table.resize(part.commit.databasePages);
        else table.update(part.page, part.content);
      }
    }
    txid = entry.maxTxid;
  }
  const isThere = txid === position.txid && table.pages === position.pages && table.checksum === position.checksum;
  return isThere ? { table, savedTxid: label.txid } : undefined;
};

export const saveTable = async (directory: string, position: Position, table: PageTable): Promise<void> => {
  await table.save(join(directory, TABLE_FILE), JSON.stringify({ lineage: position.lineage.id, txid: position.txid }));
};

const TABLE_FILE = 'pages.table';

const parseLabel = (label: string): { lineage: string; txid: number } => JSON.parse(label) as { lineage: string; txid: number };
