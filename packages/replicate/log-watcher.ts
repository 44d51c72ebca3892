import { type FSWatcher, watch } from 'node:fs';

/** Tells once that the log was written to; armed again after each look, so that a busy writer costs no event per commit. */
export interface LogWatcher extends Disposable {
  arm(): void;
}

export const createLogWatcher = (path: string, onWrite: () => void): LogWatcher => {
  let watcher: FSWatcher | undefined;
  const disarm = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  return {
    arm() {
      if (watcher !== undefined) return;
      try {
        watcher = watch(path, { persistent: true }, () => {
          disarm();
          onWrite();
        });
        // Without a watch (no such file yet, no descriptors left) there is still the poll.
        watcher.on('error', disarm);
      } catch {
        watcher = undefined;
      }
    },
    [Symbol.dispose]: disarm,
  };
};
