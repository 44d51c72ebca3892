import { Worker } from 'node:worker_threads';
import type { CheckpointRequest, CheckpointReport, CheckpointSettings } from './checkpoint-worker.ts';
import type { StoreLog } from './store-log.ts';

export type CheckpointerDeps = {
  readonly settings: CheckpointSettings;
  /** A commit checkpoints by itself while there is no thread to do it, or one that does not get to it. */
  readonly setAutocheckpoint: (on: boolean) => void;
  /** The worker emptied the log after `emptySoon`. */
  readonly onEmptied: () => void;
  readonly log: StoreLog;
};

/** Moves the write-ahead log into the database from a thread of its own, so that no edit waits for the disk. */
export interface Checkpointer {
  /** Null while there is none. */
  readonly threadId: number | null;
  /** Empties the log as soon as no reader needs it. */
  emptySoon(): void;
  close(): Promise<void>;
}

export const startCheckpointer = ({ settings, setAutocheckpoint, onEmptied, log }: CheckpointerDeps): Checkpointer => {
  let worker: Worker | undefined;
  let ready = false;
  let wantsEmpty = false;
  let retryMs = FIRST_RETRY_MS;
  let retry: NodeJS.Timeout | undefined;
  let closing = false;

  const start = (): void => {
    const started = new Worker(WORKER, { workerData: settings, name: 'checkpoint', execArgv: [] });
    worker = started;
    started.on('message', (report: CheckpointReport) => {
      if (report.kind === 'ready') {
        ready = true;
        retryMs = FIRST_RETRY_MS;
        setAutocheckpoint(false);
        if (wantsEmpty) send({ kind: 'empty' });
      } else if (report.kind === 'emptied') {
        wantsEmpty = false;
        onEmptied();
      } else if (report.kind === 'behind') setAutocheckpoint(report.behind);
      else log('store_checkpoint_failed', { error: report.error });
    });
    let reason: unknown = null;
    started.on('error', (error) => (reason = error));
    started.on('exit', (code) => {
      ready = false;
      worker = undefined;
      if (closing) return;
      setAutocheckpoint(true);
      log('store_checkpoint_thread_ended', { error: reason instanceof Error ? reason.message : `code ${code}`, retryMs });
      retry = setTimeout(start, retryMs).unref();
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    });
    // After the listeners: adding one keeps the process alive again.
    started.unref();
  };
  const send = (request: CheckpointRequest): void => worker?.postMessage(request);

  start();
  return {
    get threadId() {
      return ready ? (worker?.threadId ?? null) : null;
    },
    emptySoon() {
      wantsEmpty = true;
      if (ready) send({ kind: 'empty' });
    },
    async close() {
      closing = true;
      clearTimeout(retry);
      const ending = worker;
      if (ending === undefined) return;
      ending.ref();
      const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
      send({ kind: 'close' });
      // A checkpoint that hangs on a bad disk must not hold up the end of the process.
      const impatience = setTimeout(() => void ending.terminate(), CLOSE_WITHIN_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
};

const WORKER = new URL('./checkpoint-worker.ts', import.meta.url);
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;
const CLOSE_WITHIN_MS = 3_000;
