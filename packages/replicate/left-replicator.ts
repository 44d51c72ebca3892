import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readTextIfExists, writeDurably } from './durable-file.ts';
import { identifyProcess, isRunning, type ProcessIdentity, signalProcess } from './process-identity.ts';
import { stateInUse } from './replication/errors.ts';

/** Who replicates with a state directory, written there by whoever holds its lock. */
type ReplicatorRecord = {
  readonly format: 1;
  readonly replicator: ProcessIdentity;
  readonly parent: ProcessIdentity | null;
  /** Its parent is gone, or has let it go. */
  readonly left: boolean;
};

/**
 * Of this process, once it holds the lock, and again when its parent is gone; or of the one that it started in its own place.
 * Nothing is written where there is no /proc.
 */
export const recordReplicator = (directory: string, { left, pid = process.pid }: { left: boolean; pid?: number }): void => {
  const replicator = identifyProcess(pid);
  if (replicator === undefined) return;
  const record: ReplicatorRecord = { format: 1, replicator, parent: identifyProcess(process.ppid) ?? null, left };
  writeDurably(join(directory, FILE), JSON.stringify(record));
};

/** The replicator that still runs although nobody can talk to it any more. */
export const findLeftReplicator = (directory: string): ProcessIdentity | undefined => {
  const record = readRecord(directory);
  if (record === undefined || !isRunning(record.replicator)) return undefined;
  return record.left || record.parent === null || !isRunning(record.parent) ? record.replicator : undefined;
};

/**
 * Ends it as `stop` would, with SIGTERM; with a second one behind `hurryAfterMs` it waits for no target any more, and behind
 * `killAfterMs` it is killed. Resolves when it is gone.
 */
export const endLeftReplicator = async (
  replicator: ProcessIdentity,
  { hurryAfterMs = Number.POSITIVE_INFINITY, killAfterMs }: { hurryAfterMs?: number; killAfterMs: number },
): Promise<void> => {
  const from = performance.now();
  const signals: { afterMs: number; signal: NodeJS.Signals }[] = [
    { afterMs: 0, signal: 'SIGTERM' },
    { afterMs: hurryAfterMs, signal: 'SIGTERM' },
    { afterMs: killAfterMs, signal: 'SIGKILL' },
  ];
  while (isRunning(replicator)) {
    const [next] = signals;
    if (next !== undefined && performance.now() - from >= next.afterMs) {
      signalProcess(replicator, next.signal);
      signals.shift();
    }
    await pause(LOOK_MS);
  }
};

/**
 * Ends the replicator that a parent left behind with `whenParentDies: 'continue'`; what it could not ship waits in the state
 * directory. False if there is none. Rejects with REPLICATION_STATE_IN_USE where the parent is still there: that one stops it.
 */
export const endReplicator = async (stateDirectory: string): Promise<boolean> => {
  let hasEnded = false;
  // One that has just begun anew has left another in its place.
  for (let left = findLeftReplicator(stateDirectory); left !== undefined; left = findLeftReplicator(stateDirectory)) {
    await endLeftReplicator(left, { killAfterMs: KILL_AFTER_MS });
    hasEnded = true;
  }
  if (hasEnded) return true;
  const record = readRecord(stateDirectory);
  if (record !== undefined && isRunning(record.replicator)) throw stateInUse(stateDirectory);
  return false;
};

const readRecord = (directory: string): ReplicatorRecord | undefined => {
  const text = readTextIfExists(join(directory, FILE));
  return text === undefined ? undefined : (JSON.parse(text) as ReplicatorRecord);
};

const FILE = 'replicator.json';
const LOOK_MS = 10;
/** More than the replicator allows itself for shipping after a SIGTERM. */
const KILL_AFTER_MS = 15_000;
