/** The thread that moves the write-ahead log into the database; `checkpointer.ts` starts it. */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export type CheckpointSettings = {
  readonly file: string;
  readonly everyMs: number;
  /** Below this the log is left alone. */
  readonly passiveAboveBytes: number;
  /** Above this it is cut, which makes commits wait a moment. */
  readonly truncateAboveBytes: number;
};

export type CheckpointRequest = { readonly kind: 'empty' | 'close' };
export type CheckpointReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'emptied' }
  /** Commits leave no gap to cut the log in: they have to help until it is short again. */
  | { readonly kind: 'behind'; readonly behind: boolean }
  | { readonly kind: 'failed'; readonly error: string };

/** While it waits for readers, a cutting checkpoint keeps writers out: so it gives up after this, and tries again. */
const BUSY_TIMEOUT_MS = 20;
const EMPTY_AGAIN_MS = 100;

const run = (
  port: NonNullable<typeof parentPort>,
  { file, everyMs, passiveAboveBytes, truncateAboveBytes }: CheckpointSettings,
) => {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  // Pages that a deletion overwrote are synced before the log is cut.
  db.exec('PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON');
  const report = (message: CheckpointReport): void => port.postMessage(message);
  const checkpoint = (mode: 'PASSIVE' | 'TRUNCATE'): boolean => {
    try {
      const { busy } = db.prepare(`PRAGMA wal_checkpoint(${mode})`).get() as { busy: number };
      return busy === 0;
    } catch (cause) {
      report({ kind: 'failed', error: (cause as Error).message });
      return false;
    }
  };

  let told = false;
  const tell = (behind: boolean): void => {
    if (behind !== told) report({ kind: 'behind', behind });
    told = behind;
  };

  const tick = setInterval(() => {
    const bytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes <= passiveAboveBytes) return tell(false);
    // First without holding anybody up; what is left to do under the lock is little then.
    checkpoint('PASSIVE');
    tell(bytes > truncateAboveBytes && !checkpoint('TRUNCATE'));
  }, everyMs);

  let again: NodeJS.Timeout | undefined;
  const empty = (): void => {
    checkpoint('PASSIVE');
    if (checkpoint('TRUNCATE')) report({ kind: 'emptied' });
    else again = setTimeout(empty, EMPTY_AGAIN_MS);
  };

  port.on('message', ({ kind }: CheckpointRequest) => {
    clearTimeout(again);
    if (kind === 'empty') return empty();
    clearInterval(tick);
    db.close();
    port.close();
  });
  report({ kind: 'ready' });
};

if (parentPort !== null) run(parentPort, workerData as CheckpointSettings);
