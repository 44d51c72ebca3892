import { join } from 'node:path';
import type { BerthError } from '@berth/core';
import { type Attached, attach, holdAnew, isContinuityLost, reattach } from './attach.ts';
import { captureAll, captureToEnd, uncapturedBytes } from './capture.ts';
import { createCheckpointTiming } from './checkpoint-timing.ts';
import { isSqliteError } from './connections.ts';
import { createClockWatch } from './clock-watch.ts';
import { makeDirectoryDurably } from './durable-file.ts';
import type { Fault } from './fault-windows.ts';
import type { Followed } from './followed.ts';
import type { LockWatch } from './foreign-locks.ts';
import { committedLogBytes, giveBackLog } from './give-back-log.ts';
import { HeldDatabase, inodeOf } from './held-database.ts';
import { logFileBytes } from './log-file.ts';
import { createLogCopying } from './log-copying.ts';
import { createLogWatcher } from './log-watcher.ts';
import { yieldToCheckpoint } from './polite-yield.ts';
import { loadPosition } from './position.ts';
import { openSegmentQueue } from './queue.ts';
import { asStateError, databaseMissing, databaseUnfollowed, isSpaceLow, queueFull, spaceLow } from './replication/errors.ts';
import type { ReplicatedDatabase, SafePoint } from './replication-messages.ts';
import type { ReplicationSettings } from './replication-settings.ts';
import {
  type DatabaseState,
  type DatabaseStatus,
  noCounters,
  type Notice,
  sizeAndTime,
  timedError,
  type TimedError,
} from './replication-status.ts';
import { type Shipper, startShipper } from './shipping.ts';
import { createSnapshots } from './snapshots.ts';
import { createSpaceWatch, type DiskSpace } from './space.ts';
import type { Target } from './target.ts';
import { loadProgress } from './target-progress.ts';
import { createTurns, type Turns } from './turns.ts';
import { keepTableFresh, limitQueue, pruneQueue } from './upkeep.ts';

/** Follows one database and ships it to every target, whatever happens to either, until it is stopped. */
export interface Replicator {
  readonly id: string;
  readonly path: string;
  status(): DatabaseStatus;
  /**
   * Captures everything committed until now; resolves with the point it reached, which is durable and the last transaction of a
   * segment; undefined for a database that does not exist. Rejects with DATABASE_UNFOLLOWED while one cannot be followed.
   */
  capture(): Promise<SafePoint | undefined>;
  /** Whether the point is safe at every target. */
  isSafe(point: SafePoint): boolean;
  /** A new snapshot for every target. */
  wantSnapshots(): void;
  /** Captures and ships until `signal`, then lets go of the database so that the next start can resume. */
  stop(signal: AbortSignal): Promise<void>;
}

export type ReplicatorParts = {
  readonly database: ReplicatedDatabase;
  readonly targets: readonly { readonly name: string; readonly target: Target }[];
  readonly stateDirectory: string;
  readonly owner: string;
  readonly settings: ReplicationSettings;
  readonly fault: Fault;
  readonly now: () => number;
  readonly notice: (notice: Notice) => void;
  readonly locks: LockWatch;
  readonly spaceOf: (directory: string) => DiskSpace;
  /** The database file was replaced: only a fresh process may open the new one. */
  readonly onReplaced: () => void;
};

export const startReplicator = (parts: ReplicatorParts): Replicator => {
  const {
    database: { id, path },
    settings,
    fault,
  } = parts;
  const directory = join(parts.stateDirectory, id);
  makeDirectoryDurably(directory);
  const saved = loadPosition(directory)?.sequence ?? 0;
  const lastKnown = [saved, ...parts.targets.map(({ name }) => loadProgress(directory, name).sequence)];
  const space = createSpaceWatch({
    stateDirectory: parts.stateDirectory,
    path,
    reserveBytes: settings.diskReserveBytes,
    queuedBytes: () => queue.bytes,
    spaceOf: parts.spaceOf,
  });
  const queue = openSegmentQueue(join(directory, 'queue'), Math.max(...lastKnown), { fault, ensureRoom: space.ensureRoom });
  // What an earlier run left can be shipped even while the database itself is away.
  queue.remove(queue.entries.filter(({ sequence }) => sequence > saved));
  queue.publish();
  const counters = noCounters();
  const inTurn = createTurns();
  // Whatever was done may have put our reader in the way of a checkpoint.
  const turns: Turns = (work) => inTurn(work).finally(() => parts.locks.wake());
  const notice = (told: Omit<Notice, 'id'>): void => parts.notice({ ...told, id });

  let held: HeldDatabase | undefined;
  let followed: Followed | undefined;
  let state: DatabaseState = 'starting';
  let error: TimedError | undefined;
  let mustReconcile = false;
  let stopping = false;
  let retryAt = 0;
  let failures = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const clock = createClockWatch(parts.now);
  let isYielding = false;
  /** Why a log could not be copied, as it was told. */
  let uncopied: string | undefined;
  let unwatchLocks = (): void => undefined;
  /** When the first commit that is not captured yet was noticed. */
  let pendingSince: number | undefined;
  let lastCaptureAt = performance.now();
  /** Since when the lineage that is followed has been the newest, on the clock of performance.now(). */
  let lineageSince = 0;
  let timer: NodeJS.Timeout | undefined;

  const snapshots = createSnapshots({
    database: { id, path },
    turns,
    followed: () => followed,
    recover: (thrown) => recover(thrown),
    onMismatch: () => {
      mustReconcile = true;
    },
  });
  const watcher = createLogWatcher(`${path}-wal`, () => {
    pendingSince ??= performance.now();
    parts.locks.wake();
    schedule(Math.max(SETTLE_MS, lastCaptureAt + settings.intervalMs - performance.now()));
  });
  const poll = setInterval(() => schedule(0), POLL_MS);

  const schedule = (inMs: number): void => {
    if (stopping || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      turns(tick).catch(fail);
    }, inMs);
  };

  const tick = async (): Promise<void> => {
    if (stopping) return;
    try {
      await step();
    } catch (thrown) {
      await recover(thrown);
    }
  };

  const step = async (): Promise<void> => {
    const now = performance.now();
    if (now - lookedAt >= POLL_MS) {
      lookedAt = now;
      const byMs = clock.jump();
      if (byMs !== 0) notice({ level: 'warning', name: 'clock.skewed', fields: { byMs } });
      if (held?.isReplaced() === true) return leave(held);
      if (state === 'suspended' ? !(await mayGoOn()) : mustPause()) return;
    }
    // Until the next look at the disk: nothing may be held before.
    if (state === 'suspended') return;
    if (followed === undefined) {
      if (now < retryAt) return;
      await open();
    }
    if (followed === undefined) return;
    if (mustReconcile) {
      mustReconcile = false;
      holdAnew(followed);
      become(await reattach(followed));
    }
    const since = pendingSince ?? now;
    pendingSince = undefined;
    lastCaptureAt = now;
    const { segments } = counters;
    await captureToEnd(followed, since);
    if (counters.segments > segments) wakeShippers();
    watcher.arm();
    // What was committed before the watch was armed, or could not be read just now.
    if ((uncapturedBytes(followed) ?? 1) > 0) {
      pendingSince = performance.now();
      schedule(Math.max(SETTLE_MS, now + settings.intervalMs - performance.now()));
    }
    if (await timing.checkpointIfDue(followed)) wakeShippers();
    pruneQueue(followed, { shippers, snapshots });
    await keepTableFresh(followed, { shippers, snapshots });
    failures = 0;
  };

  const open = async (): Promise<void> => {
    if (held === undefined) {
      held = new HeldDatabase(path);
      // Between two looks a checkpoint may have come and gone; what counts is checked again when its turn comes.
      unwatchLocks = parts.locks.add(held.shm.inode, {
        isExposed: () => followed !== undefined && !isYielding && (pendingSince !== undefined || !followed.complete),
        onBlocked: () => {
          isYielding = true;
          void turns(giveWay);
        },
      });
    }
    if (!held.connections.holding) held.connections.hold();
    become(await attach({ id, directory, database: held, queue, settings, counters, fault, now: parts.now }));
  };

  const giveWay = async (): Promise<void> => {
    try {
      if (followed !== undefined && (await yieldToCheckpoint(followed))) counters.yields += 1;
      wakeShippers();
    } catch (thrown) {
      await recover(thrown);
    } finally {
      isYielding = false;
    }
  };

  const become = (attached: Attached): void => {
    followed = attached.followed;
    const { position } = followed;
    lineageSince = performance.now() - Math.max(0, parts.now() - position.lineage.createdAt);
    if (state !== 'following') notice({ level: 'info', name: 'database.following', fields: { txid: position.txid } });
    state = 'following';
    error = undefined;
    const fields = {
      lineage: position.lineage.id,
      txid: position.txid,
      ...(attached.pages !== undefined && { pages: attached.pages }),
    };
    notice({ level: 'info', name: `lineage.${attached.how}`, fields });
    const without = shippers.filter(({ safe }) => safe?.lineage !== position.lineage.id).map(({ name }) => name);
    snapshots.keepFirst(followed, without);
    wakeShippers();
  };

  /** What went wrong decides how much has to begin anew; the log stays held wherever that is possible. */
  const recover = async (thrown: unknown): Promise<void> => {
    if (held?.isReplaced() === true) return leave(held);
    if (isSpaceLow(thrown)) return suspend(thrown, 'space.low');
    if (isContinuityLost(thrown) && followed !== undefined) {
      abandonSnapshots('the log did not continue');
      try {
        holdAnew(followed);
        return become(await reattach(followed));
      } catch (again) {
        return fail(again);
      }
    }
    fail(thrown);
  };

  const fail = (thrown: unknown): void => {
    const known = asStateError(thrown, parts.stateDirectory);
    if (AWAITED.has(known.code)) lookSoon();
    else {
      failures += 1;
      retryAt = performance.now() + Math.min(RETRY_LIMIT_MS, RETRY_MS * 2 ** Math.min(failures, 5));
    }
    if (state !== 'waiting' || error?.code !== known.code) {
      notice({ level: 'warning', name: 'database.waiting', fields: { code: known.code, message: known.message } });
    }
    error = timedError(known);
    state = 'waiting';
    abandonSnapshots(known.message);
    // The table may have run ahead of the position: what follows begins from what is on disk.
    followed = undefined;
    if (held !== undefined && logFileBytes(held.logPath) > settings.hardLogBytes) held.connections.release();
  };

  const afterCopying = (failure: string | undefined): void => {
    const isNew = failure !== undefined && failure !== uncopied;
    if (isNew) notice({ level: 'warning', name: 'checkpoint.failed', fields: { message: failure } });
    uncopied = failure;
    lookSoon();
  };

  /** Of what was just not there a look costs nearly nothing, and the first that is written to it is nowhere else. */
  const lookSoon = (): void => {
    retryAt = 0;
    lookedAt = Number.NEGATIVE_INFINITY;
    schedule(AWAITED_MS);
  };

  /** Neither what waits nor a log that we hold may take the last of a disk that the application writes to. */
  const mustPause = (): boolean => {
    const short = space.short({ wasShort: false });
    if (short !== undefined) suspend(spaceLow(short.directory, short.freeBytes), 'space.low');
    else if (limitQueue(queue, { shippers, limitBytes: settings.queueBytes, wasFull: false }))
      suspend(queueFull(parts.stateDirectory, queue.bytes), 'queue.full');
    return state === 'suspended';
  };

  const mayGoOn = async (): Promise<boolean> => {
    try {
      if (held !== undefined) await giveBackLog(held, copying, settings.truncateLogBytes);
    } catch (thrown) {
      if (!isSqliteError(thrown)) throw thrown;
      afterCopying(thrown.message);
    }
    if (copying.state === 'running' || space.short({ wasShort: true }) !== undefined) return false;
    if (limitQueue(queue, { shippers, limitBytes: settings.queueBytes, wasFull: true })) return false;
    // A log that found no room would find none again, for as long as a reader of the application keeps it as it is.
    const logBytes = held === undefined ? 0 : committedLogBytes(held);
    if (logBytes > settings.truncateLogBytes && !space.fits(logBytes)) return false;
    state = 'starting';
    notice({ level: 'info', name: 'space.back', fields: {} });
    return true;
  };

  /** Lets go of the log until there is room again; what is committed meanwhile is found by comparing then. */
  const suspend = (why: BerthError, name: 'space.low' | 'queue.full'): void => {
    error = timedError(why);
    notice({ level: 'warning', name, fields: { message: why.message, queuedBytes: queue.bytes } });
    abandonSnapshots(why.message);
    state = 'suspended';
    followed = undefined;
    // A large log is held until a process copies it.
    if (held !== undefined && !copying.isNeeded(held)) held.connections.release();
    lookSoon();
  };

  const leave = (replaced: HeldDatabase): void => {
    abandonSnapshots('the database file was replaced');
    followed = undefined;
    if (replaced.isMissing()) {
      state = 'waiting';
      error = timedError(databaseMissing(path));
      return lookSoon();
    }
    notice({ level: 'warning', name: 'database.replaced', fields: {} });
    parts.onReplaced();
  };

  const abandonSnapshots = (why: string): void => {
    if (snapshots.abandon(why)) notice({ level: 'warning', name: 'snapshot.abandoned', fields: { why } });
  };

  const copying = createLogCopying({
    largerThanBytes: settings.copyInProcessBytes,
    locks: parts.locks.table,
    onEnd: afterCopying,
  });
  const timing = createCheckpointTiming({ copying, notice, abandonSnapshots });

  const wakeShippers = (): void => {
    for (const shipper of shippers) shipper.wake();
  };

  const shippers: Shipper[] = parts.targets.map(({ name, target }) =>
    startShipper({
      database: id,
      name,
      target,
      directory,
      owner: parts.owner,
      queue,
      fault,
      snapshotEveryMs: settings.snapshotEveryMs,
      notice,
      followed: () => followed && { lineage: followed.position.lineage, txid: followed.position.txid, since: lineageSince },
      snapshot: snapshots.take,
      onProgress: () => followed && pruneQueue(followed, { shippers, snapshots }),
    }),
  );
  schedule(0);

  const pointOf = ({ position }: Followed): SafePoint => ({ id, lineage: position.lineage.id, txid: position.txid });
  const isSafe = (point: SafePoint): boolean =>
    shippers.every(({ safe }) => safe !== undefined && safe.lineage === point.lineage && safe.txid >= point.txid);
  const capture = (): Promise<SafePoint | undefined> =>
    turns(async () => {
      if (held?.isReplaced() === true) leave(held);
      if (followed === undefined) {
        retryAt = 0;
        await tick();
      }
      if (followed === undefined) {
        if (inodeOf(path) === undefined) return undefined;
        throw databaseUnfollowed({ id, path, why: error?.message ?? `it is ${state}` });
      }
      try {
        await captureAll(followed, pendingSince ?? performance.now());
      } catch (thrown) {
        await recover(thrown);
        if (followed === undefined) throw thrown;
      }
      wakeShippers();
      return pointOf(followed);
    });

  /** The oldest commit that may not be captured; for as long as nobody looks, the last look. */
  const uncapturedSince = (): number | undefined => {
    if (followed === undefined || held?.isReplaced() === true) return inodeOf(path) === undefined ? undefined : lastCaptureAt;
    return (uncapturedBytes(followed) ?? 0) === 0 ? undefined : (pendingSince ?? lastCaptureAt);
  };

  return {
    id,
    path,
    capture,
    isSafe,
    wantSnapshots() {
      for (const shipper of shippers) shipper.wantSnapshot();
    },
    status() {
      const since = uncapturedSince();
      return {
        id,
        state,
        lineage: followed?.position.lineage.id,
        txid: followed?.position.txid ?? 0,
        ...sizeAndTime(followed?.position ?? loadPosition(directory)),
        error,
        logBytes: logFileBytes(`${path}-wal`),
        uncapturedBytes: followed === undefined ? 0 : (uncapturedBytes(followed) ?? 0),
        queuedBytes: queue.bytes,
        counters: { ...counters },
        targets: shippers.map((shipper) => shipper.status(since)),
      };
    },
    async stop(signal) {
      const reached = await capture().catch(() => undefined);
      while (reached !== undefined && !isSafe(reached) && !signal.aborted) await new Promise((next) => setTimeout(next, 10));
      stopping = true;
      clearInterval(poll);
      clearTimeout(timer);
      watcher[Symbol.dispose]();
      unwatchLocks();
      copying[Symbol.dispose]();
      snapshots.abandon('the replicator stops');
      await Promise.all(shippers.map((shipper) => shipper[Symbol.asyncDispose]()));
      await turns(async () => {
        if (followed !== undefined) await keepTableFresh(followed, { shippers, snapshots }, { force: true });
        held?.close();
        state = 'stopped';
      });
    },
  };
};

const POLL_MS = 1000;
/** A commit is seldom alone: its neighbours go into the same segment. */
const SETTLE_MS = 5;
/** What an application does in its own time: no failure. */
const AWAITED: ReadonlySet<string> = new Set(['DATABASE_MISSING', 'DATABASE_NOT_WAL']);
const AWAITED_MS = 500;
const RETRY_MS = 500;
const RETRY_LIMIT_MS = 10_000;
