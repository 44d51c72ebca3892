import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { isBusy } from './connections.ts';
import { endLeftReplicator, findLeftReplicator } from './left-replicator.ts';
import { stateInUse } from './replication/errors.ts';

/** Released by the kernel with the end of this process, however it ends; the connection has to be kept. */
let lock: DatabaseSync | undefined;

/**
 * Makes the state directory this process's own. A replicator that was left behind is ended; `beforeEnding` is called while it
 * still holds the databases' logs. One whose parent is there has some seconds to end by itself, then this rejects with
 * REPLICATION_STATE_IN_USE.
 */
export const lockState = async (directory: string, beforeEnding: () => void): Promise<void> => {
  lock ??= new DatabaseSync(join(directory, 'lock.db'));
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return;
    } catch (cause) {
      if (!isBusy(cause)) throw cause;
      const left = findLeftReplicator(directory);
      // The one that began this process in its own place wrote this one down, and is about to end.
      if (left !== undefined && left.pid !== process.pid) {
        beforeEnding();
        // What it has not shipped by then, this process does.
        await endLeftReplicator(left, { hurryAfterMs: HURRY_AFTER_MS, killAfterMs: KILL_AFTER_MS });
        continue;
      }
      if (performance.now() > until) throw Object.assign(stateInUse(directory), { cause });
      await pause(LOOK_MS);
    }
  }
};

const PATIENCE_MS = 5000;
const LOOK_MS = 20;
const HURRY_AFTER_MS = 500;
const KILL_AFTER_MS = 5000;
