import type { Followed } from './followed.ts';
import { formatChecksum, hashPage } from './page-hash.ts';
import { renderObjectName } from './object-name.ts';
import type { Position } from './position.ts';
import type { SegmentEntry, SegmentHeader } from './segment-format.ts';
import { encodeSegment } from './segment-writer.ts';
import type { Target } from './target.ts';
import { type HeldState, eachPage, openState } from './whole-database.ts';

export type StoredSnapshot = { readonly txid: number; readonly bytes: number };

/** A position whose pages can be read until it is released. */
export interface Pin extends Disposable {
  readonly position: Position;
  readonly state: HeldState;
}

/**
 * Until the pin is disposed of, the log is not checkpointed by us, and others can only copy what the overlay hides. Between two
 * steps of the replicator, and with everything captured up to the reader's mark; or what another pin holds at present.
 */
export const pin = (followed: Followed, other?: Pin): Pin => {
  const { position, complete } = followed;
  followed.pins += 1;
  return {
    position: other?.position ?? position,
    state: other?.state ?? { pageSize: position.pageSize, pages: position.pages, log: position.log, complete },
    [Symbol.dispose]() {
      followed.pins -= 1;
    },
  };
};

/** Streams the whole database as it is at the pin to a target, while it is written to. */
export const storeSnapshot = async (followed: Followed, pinned: Pin, to: SnapshotGoal): Promise<StoredSnapshot> => {
  const { lineage, txid } = pinned.position;
  const stream = encodeSegment(headerOf(followed.id, pinned.position), allPages(followed, pinned, to));
  const name = renderObjectName({ kind: 'snapshot', database: followed.id, lineage: lineage.id, txid });
  // Not `ifAbsent`: an earlier attempt may have stored it without our knowing, and the content is the same.
  await to.target.put(name, stream, { signal: to.signal });
  followed.fault('snapshot.stored');
  followed.counters.snapshots += 1;
  return { txid, bytes: stream.summary.bytes };
};

export type SnapshotGoal = {
  readonly target: Target;
  readonly signal: AbortSignal;
  /** The target took another part. */
  readonly onProgress: () => void;
};

const headerOf = (database: string, { lineage, txid, pageSize, at, link, log }: Position): SegmentHeader => ({
  kind: 'snapshot',
  database,
  lineage: lineage.id,
  minTxid: txid,
  maxTxid: txid,
  pageSize,
  firstAt: at,
  lastAt: at,
  previous: '',
  link,
  ...(log && { position: log }),
});

/** Throws before the end, so that nothing is stored, when the pages do not add up to what was captured. */
async function* allPages(
  { database, fault }: Followed,
  { state, position }: Pin,
  { signal, onProgress }: SnapshotGoal,
): AsyncGenerator<SegmentEntry> {
  using pages = openState(database, state);
  fault('snapshot.reading');
  const hash = new Uint32Array(2);
  let high = 0;
  let low = 0;
  for await (const frame of eachPage(pages, signal)) {
    hashPage(frame.page, frame.content, hash);
    high ^= hash[0] ?? 0;
    low ^= hash[1] ?? 0;
    if (frame.page % PROGRESS_PAGES === 0) onProgress();
    yield frame;
  }
  const checksum = formatChecksum(high, low);
  if (checksum !== position.checksum) throw new SnapshotMismatchError(checksum, position.checksum);
  yield { commit: { txid: position.txid, databasePages: position.pages, at: position.at, checksum } };
}

/** What was read is not the state that was captured. Only a comparison of all pages can tell where they part. */
export class SnapshotMismatchError extends Error {
  constructor(found: string, expected: string) {
    super(`the snapshot adds up to ${found}, what was captured to ${expected}`);
    this.name = 'SnapshotMismatchError';
  }
}

const PROGRESS_PAGES = 16;
