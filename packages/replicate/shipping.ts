import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { BerthError } from '@berth/core';
import type { Fault } from './fault-windows.ts';
import { findKnownBase } from './known-base.ts';
import { createDelays } from './lag.ts';
import { type Lineage, putLineage } from './lineage.ts';
import { renderObjectName } from './object-name.ts';
import { loadPosition } from './position.ts';
import { readQueued } from './queued-segment.ts';
import type { QueuedSegment, SegmentQueue } from './queue.ts';
import { LOGS_IN_FLIGHT } from './restore-gap.ts';
import { createRightToWrite } from './right-to-write.ts';
import { asStateError, fenced, targetTimedOut } from './replication/errors.ts';
import { type Notice, type TargetStatus, type TimedError, timedError } from './replication-status.ts';
import type { SnapshotRequest, TakenSnapshot } from './snapshots.ts';
import type { Target } from './target.ts';
import { loadProgress, saveProgress, type TargetProgress } from './target-progress.ts';

/** Brings the segments of one database to one target, in order, and a snapshot before the first of them. Never gives up. */
export interface Shipper extends AsyncDisposable {
  readonly name: string;
  readonly safe: { readonly lineage: string; readonly txid: number } | undefined;
  /** The last segment of the queue that it needs no more. */
  readonly doneSequence: number;
  readonly isFenced: boolean;
  status(uncapturedSince: number | undefined): TargetStatus;
  /** Something is in the queue, or a lineage began. */
  wake(): void;
  /** Makes the next step a new snapshot. */
  wantSnapshot(): void;
  /** Forgets what it has: its segments may be removed from the queue, and a snapshot comes when the target is back. */
  giveUp(): void;
}

export type ShipperParts = {
  readonly database: string;
  readonly name: string;
  readonly target: Target;
  /** For the file that remembers how far it is. */
  readonly directory: string;
  readonly owner: string;
  readonly queue: SegmentQueue;
  readonly fault: Fault;
  readonly snapshotEveryMs: number;
  readonly notice: (notice: Omit<Notice, 'id'>) => void;
  /** The lineage that is followed, how far it is captured, and since when there is one; undefined while none is. */
  readonly followed: () => { lineage: Lineage; txid: number; since: number } | undefined;
  readonly snapshot: (target: Target, request: SnapshotRequest) => Promise<TakenSnapshot>;
  /** Something was shipped: the queue may be shorter now. */
  readonly onProgress: () => void;
};

export const startShipper = (parts: ShipperParts): Shipper => {
  const { database, name, target, queue, fault } = parts;
  const stop = new AbortController();
  const delays = createDelays();
  let progress = loadProgress(parts.directory, name);
  let failures = 0;
  let error: TimedError | undefined;
  let pinnedSequence: number | undefined;
  let snapshotWanted = false;
  let background: Promise<void> | undefined;
  let requests = 0;
  let bytes = 0;
  let woken = Promise.withResolvers<void>();

  const advance = (change: Partial<TargetProgress>): void => {
    progress = { ...progress, ...change };
    saveProgress(parts.directory, name, progress);
    fault('shipping.saved');
    parts.onProgress();
  };

  const right = createRightToWrite({
    target,
    database,
    owner: parts.owner,
    signal: stop.signal,
    nowMs: () => performance.now(),
    fault,
    progress: () => progress,
    advance,
    onRequest: () => {
      requests += 1;
    },
  });

  /** Under its name, and with its content. */
  const isStored = async (entry: QueuedSegment, signal = stop.signal): Promise<boolean> => {
    const object = renderObjectName({ kind: 'log', database, ...rangeOf(entry) });
    requests += 1;
    const [stored, own] = await Promise.all([digestOf(await target.get(object, { signal })), digestOf(readQueued(entry))]);
    return stored === own;
  };

  const ship = async (entry: QueuedSegment): Promise<void> => {
    const object = renderObjectName({ kind: 'log', database, ...rangeOf(entry) });
    requests += 1;
    await withinTime(target, { object, bytes: entry.bytes, signal: stop.signal }, async (signal) => {
      try {
        const body = entry.bytes <= WHOLE_BYTES ? await readFile(entry.path) : readQueued(entry);
        await target.put(object, body, { ifAbsent: true, signal });
      } catch (cause) {
        if (!(cause instanceof BerthError && cause.code === 'TARGET_EXISTS')) throw cause;
        // Ours if an answer was lost, or we ended between storing and remembering; otherwise somebody else writes there.
        if (await isStored(entry, signal)) return;
        await right.giveBack();
        throw fenced(target.description, object);
      }
    });
    bytes += entry.bytes;
    right.used();
    fault('shipping.put');
  };

  const takeSnapshot = async (lineage: Lineage): Promise<void> => {
    requests += 1;
    await ensureLineage(target, database, lineage, stop.signal);
    requests += 1;
    try {
      const pinned = (sequence: number): void => {
        pinnedSequence = sequence;
      };
      const stored = await parts.snapshot(target, { name, signal: stop.signal, pinned });
      bytes += stored.bytes;
      advance({
        snapshotTxid: stored.txid,
        snapshotAt: Date.now(),
        // The logs before it go there all the same: each transaction in them is promised.
        ...(progress.lineage !== stored.lineage && {
          lineage: stored.lineage,
          safeTxid: stored.txid,
          safeAt: stored.at,
          sequence: stored.sequence,
        }),
      });
      parts.notice({ level: 'info', name: 'snapshot.stored', target: name, fields: { txid: stored.txid, bytes: stored.bytes } });
    } finally {
      pinnedSequence = undefined;
    }
  };

  const adoptBase = async (lineage: string, txid: number): Promise<boolean> => {
    requests += 1;
    const base = await findKnownBase(target, queue, { database, lineage, txid, signal: stop.signal });
    if (base === undefined) return false;
    const { at: safeAt, sequence } = base;
    advance({ lineage, safeTxid: base.txid, safeAt, sequence, snapshotTxid: base.txid, snapshotAt: Date.now() });
    return true;
  };

  const forget = (): void => {
    const { lineage: _, ...rest } = progress;
    progress = rest;
    saveProgress(parts.directory, name, progress);
  };

  /** What waits does not continue what it has: it was in no plan for a while, and the others needed nothing of that any more. */
  const forgetIfGap = (now: { lineage: Lineage; txid: number } | undefined): void => {
    if (progress.lineage === undefined || progress.fenced) return;
    const [first] = queue.publishedAfter(progress.sequence);
    const next = first?.lineage === progress.lineage ? first.minTxid : undefined;
    const captured = now?.lineage.id === progress.lineage ? now.txid : progress.safeTxid;
    if (next === undefined ? first === undefined && captured > progress.safeTxid : next > progress.safeTxid + 1) forget();
  };

  /** False when there was nothing to do. */
  const step = async (): Promise<boolean> => {
    const now = parts.followed();
    forgetIfGap(now);
    const [first, ...others] = queue.publishedAfter(progress.sequence);
    const isBehind = first !== undefined && first.lineage === progress.lineage;
    const needsBase = now !== undefined && !isBehind && progress.lineage !== now.lineage.id;
    if (!isBehind && !needsBase && !snapshotWanted && now === undefined) return false;
    const isDue = snapshotWanted || (now !== undefined && isSnapshotDue(now.txid));
    const batch = isBehind ? [first, ...others.filter(({ lineage }) => lineage === first.lineage)] : [];
    if (isBehind) await right.hold({ entries: batch, isStored });
    else if (needsBase || isDue) await right.hold();
    if (needsBase) {
      if (!(await adoptBase(now.lineage.id, now.txid))) await takeSnapshot(now.lineage);
      snapshotWanted = false;
      return true;
    }
    if (now !== undefined && background === undefined && isDue) {
      snapshotWanted = false;
      background = takeSnapshot(now.lineage)
        .catch(fail)
        .finally(() => {
          background = undefined;
          wake();
        });
    }
    if (!isBehind) return false;
    // One alone shows whether somebody else went on from here: nothing is left behind it then.
    const sent = batch.slice(0, right.isUnused ? 1 : LOGS_IN_FLIGHT);
    const outcomes = await Promise.allSettled(sent.map(ship));
    // Only what has no gap before it is safe.
    const done = outcomes.findIndex(({ status }) => status === 'rejected');
    const safe = sent.slice(0, done === -1 ? sent.length : done);
    const last = safe.at(-1);
    for (const { since } of safe) delays.add(performance.now() - since);
    if (last !== undefined) advance({ safeTxid: last.maxTxid, safeAt: last.at, sequence: last.sequence });
    const failed = outcomes[done];
    if (failed?.status === 'rejected') throw failed.reason;
    return true;
  };

  const isSnapshotDue = (txid: number): boolean =>
    txid > progress.snapshotTxid && Date.now() - progress.snapshotAt > parts.snapshotEveryMs;

  const fail = (thrown: unknown): void => {
    if (stop.signal.aborted) return;
    const known = asStateError(thrown, parts.directory);
    failures += 1;
    error = timedError(known);
    if (known.code === 'REPLICATION_FENCED' && !progress.fenced) {
      advance({ fenced: true });
      parts.notice({ level: 'warning', name: 'target.fenced', target: name, fields: { message: known.message } });
    } else if (failures === FAILURES_TOLD) {
      const fields = { code: known.code, message: known.message };
      parts.notice({ level: 'warning', name: 'target.failing', target: name, fields });
    }
  };

  const succeed = (): void => {
    if (failures >= FAILURES_TOLD) parts.notice({ level: 'info', name: 'target.recovered', target: name, fields: {} });
    failures = 0;
    error = undefined;
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted && !progress.fenced) {
      const sleep = woken.promise;
      try {
        const did = await step();
        if (did) succeed();
        else await sleep;
      } catch (thrown) {
        fail(thrown);
        await pause(backoffMs(failures), undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  };

  const wake = (): void => {
    woken.resolve();
    woken = Promise.withResolvers<void>();
  };

  // At once, so that the states from now on are kept for it until its copy has begun.
  forgetIfGap(loadPosition(parts.directory));
  const running = run();
  return {
    name,
    wake,
    get safe() {
      return progress.lineage === undefined ? undefined : { lineage: progress.lineage, txid: progress.safeTxid };
    },
    get doneSequence() {
      if (progress.lineage !== undefined || progress.fenced)
        return progress.fenced ? Number.POSITIVE_INFINITY : progress.sequence;
      return pinnedSequence ?? Number.POSITIVE_INFINITY;
    },
    get isFenced() {
      return progress.fenced;
    },
    wantSnapshot() {
      snapshotWanted = true;
      wake();
    },
    giveUp() {
      forget();
      parts.notice({ level: 'warning', name: 'target.given-up', target: name, fields: { safeTxid: progress.safeTxid } });
    },
    status(uncapturedSince) {
      const waiting = queue.publishedAfter(progress.sequence);
      const now = parts.followed();
      const baseSince = now === undefined || now.lineage.id === progress.lineage ? undefined : now.since;
      const since = Math.min(...[waiting[0]?.since, uncapturedSince, baseSince].filter((each) => each !== undefined));
      return {
        name,
        state: stateOf(progress, { failures, hasBase: progress.lineage !== undefined }),
        lineage: progress.lineage,
        safeTxid: progress.lineage === undefined ? undefined : progress.safeTxid,
        safeAt: progress.lineage === undefined ? undefined : progress.safeAt,
        lagMs: since === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.round(performance.now() - since)),
        lagBytes: waiting.reduce((sum, entry) => sum + entry.bytes, 0),
        delayMs: delays.summary,
        error,
        requests,
        bytes,
      };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      wake();
      await running;
      await background;
    },
  };
};

const stateOf = (progress: TargetProgress, now: { failures: number; hasBase: boolean }): TargetStatus['state'] => {
  if (progress.fenced) return 'fenced';
  if (now.failures > 0) return 'retrying';
  return now.hasBase ? 'following' : 'snapshot';
};

const rangeOf = ({ lineage, minTxid, maxTxid }: QueuedSegment): { lineage: string; minTxid: number; maxTxid: number } => ({
  lineage,
  minTxid,
  maxTxid,
});

/** A repetition finds it there. */
const ensureLineage = async (target: Target, database: string, lineage: Lineage, signal: AbortSignal): Promise<void> => {
  await putLineage(target, database, lineage, signal).catch((error: unknown) => {
    if (!(error instanceof BerthError && error.code === 'TARGET_EXISTS')) throw error;
  });
};

/** Also for a target that does not notice that its signal was aborted. */
const withinTime = async (
  target: Target,
  { object, bytes, signal }: { object: string; bytes: number; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const timeoutMs = Math.round(PUT_TIMEOUT_MS + bytes / SLOWEST_BYTES_PER_MS);
  const limit = new AbortController();
  const ended = Promise.withResolvers<never>();
  limit.signal.addEventListener('abort', () => ended.reject(limit.signal.reason));
  const stop = (): void => limit.abort(signal.reason);
  const timer = setTimeout(() => limit.abort(targetTimedOut(target.description, object, timeoutMs)), timeoutMs);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    await Promise.race([work(limit.signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
};

/** With jitter, so that many databases do not return to a target at the same moment. */
const backoffMs = (failures: number): number =>
  Math.min(BACKOFF_LIMIT_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2);

const digestOf = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
};

/** Small objects are handed over whole: a target can send them again by itself. */
const WHOLE_BYTES = 4 << 20;
const PUT_TIMEOUT_MS = 30_000;
const SLOWEST_BYTES_PER_MS = 100;
const BACKOFF_FIRST_MS = 125;
const BACKOFF_LIMIT_MS = 30_000;
/** One failure is nothing that a person should be told of. */
const FAILURES_TOLD = 3;
