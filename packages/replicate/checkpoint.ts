import { captureSegment, captureToEnd, isDrained, uncapturedBytes } from './capture.ts';
import { ContinuityLostError, type Followed } from './followed.ts';
import type { LogCopying } from './log-copying.ts';
import { logFileBytes } from './log-file.ts';

export type CheckpointOutcome = 'done' | 'deferred' | 'nothing';

/**
 * Copies the log into the database file and lets the application restart it with its next commit. Throughout, a reader of ours
 * is inside the log; it only lets go of frames that are captured while nobody can commit.
 */
export const checkpoint = async (followed: Followed): Promise<CheckpointOutcome> => {
  if (followed.pins > 0) return 'nothing';
  const { database } = followed;
  for (let round = 0; round < ROUNDS; round += 1) {
    // The bulk of the work, with nobody kept out.
    await holdAtEnd(followed);
    const index = database.index();
    if (index === undefined || index.backfilled < index.frames) database.connections.checkpointPassive();
    followed.fault('checkpoint.copied');
    const outcome = await finishBehindBarrier(followed);
    if (outcome !== 'too-much') {
      if (outcome === 'done') cutLog(followed);
      followed.counters[outcome === 'done' ? 'checkpoints' : 'checkpointsDeferred'] += 1;
      return outcome;
    }
  }
  followed.counters.checkpointsDeferred += 1;
  return 'deferred';
};

const moveToEnd = (followed: Followed): void => {
  // Once true it stays so until the next capture: the commit that restarted the log just now is the one that was allowed to.
  followed.complete ||= isDrained(followed);
  followed.database.connections.moveHold();
  followed.fault('checkpoint.moved');
};

/** As a checkpoint does, but with the bulk of the work left to a process of its own. */
export const beginCopying = async (followed: Followed, copying: LogCopying): Promise<void> => {
  await catchUp(followed);
  const keptOutMs = await copying.begin(followed.database, () => moveToEnd(followed));
  if (keptOutMs === undefined) return;
  followed.counters.longestBarrierMs = Math.max(followed.counters.longestBarrierMs, keptOutMs);
  followed.counters.copies += 1;
  // As in holdAtEnd: commits that came before the reader moved.
  await captureToEnd(followed, performance.now());
};

/**
 * Lets everything that is committed by now be copied into the database file. The reader stays inside the log, so that it cannot
 * be restarted meanwhile.
 */
const holdAtEnd = async (followed: Followed): Promise<void> => {
  await catchUp(followed);
  moveToEnd(followed);
  // Commits that came before the reader moved are captured now, whatever it holds: then it holds nothing that is not.
  await captureToEnd(followed, performance.now());
};

/** What is left to capture shrinks with each round, as each takes less time than the one before. */
const catchUp = async (followed: Followed): Promise<void> => {
  for (let round = 0; round < CATCH_UP_ROUNDS; round += 1) {
    if ((uncapturedBytes(followed) ?? 0) < followed.settings.barrierTailBytes) return;
    if (!(await captureSegment(followed, performance.now()))) return;
  }
};

const finishBehindBarrier = async (followed: Followed): Promise<'done' | 'deferred' | 'too-much'> => {
  const { database, counters } = followed;
  const { connections } = database;
  // While the write lock is ours nobody can commit, and so nobody can restart the log.
  if (!connections.lockWriters()) return 'deferred';
  const from = performance.now();
  try {
    followed.fault('barrier.locked');
    const tail = uncapturedBytes(followed);
    if (tail === undefined) return 'deferred';
    if (tail > allowedTail(followed)) return 'too-much';
    await captureToEnd(followed, from);
    followed.fault('barrier.captured');
    connections.moveHold();
    followed.fault('barrier.moved');
    connections.checkpointPassive();
    // Once more: now that all is in the file, the reader needs nothing of the log, and the next commit restarts it.
    connections.moveHold();
    followed.fault('barrier.copied');
    followed.complete = isComplete(followed);
    return 'done';
  } finally {
    connections.unlockWriters();
    counters.longestBarrierMs = Math.max(counters.longestBarrierMs, performance.now() - from);
    followed.fault('barrier.unlocked');
  }
};

/**
 * What may be captured while writers wait: little, but more of a log that has become large, lest it never ends. A writer that
 * fills it at full speed is kept out for some tens of milliseconds then, never for as long as a busy timeout.
 */
const allowedTail = ({ database, settings }: Followed): number => {
  const growth = logFileBytes(database.logPath) / settings.truncateLogBytes;
  return settings.barrierTailBytes * Math.min(TAIL_GROWTH, Math.max(1, growth * 4));
};

/** Nobody can have committed since the end was captured; if somebody did, something that we rely on is broken. */
const isComplete = (followed: Followed): boolean => {
  const index = followed.database.index();
  const { log } = followed.position;
  if (index === undefined || uncapturedBytes(followed) !== 0) throw new ContinuityLostError('a commit came past the write lock');
  if (log !== undefined && index.frames > 0 && (index.salt1 !== log.salt1 || index.salt2 !== log.salt2)) {
    throw new ContinuityLostError('the log was restarted past the write lock');
  }
  return index.backfilled === index.frames;
};

/** Gives disk space back after a large transaction. A commit that slips in makes SQLite leave the log as it is. */
const cutLog = (followed: Followed): void => {
  if (!followed.complete || logFileBytes(followed.database.logPath) <= followed.settings.truncateLogBytes) return;
  followed.fault('log.cut');
  followed.database.connections.truncateLog();
};

const ROUNDS = 3;
const CATCH_UP_ROUNDS = 12;
const TAIL_GROWTH = 64;
