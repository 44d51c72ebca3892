/** Called at the named steps of the replicator, so that a test can widen the window behind a step or end the process in it. */
export type Fault = (point: string) => void;

/** Nothing ever happens. */
export const noFault: Fault = () => undefined;

/**
 * `checkpoint.released:sleep=30,position.saved:kill#3` sleeps 30 ms each time the first step is reached and ends this
 * process with SIGKILL when the second is reached for the third time. Throws a RangeError for what it cannot read.
 */
export const parseFaults = (spec: string | undefined, actions: FaultActions = realActions): Fault => {
  if (spec === undefined || spec === '') return noFault;
  const windows = spec.split(',').map(parseWindow);
  return (reached) => {
    for (const window of windows) {
      if (window.point !== reached) continue;
      window.count += 1;
      if (window.only !== undefined && window.only !== window.count) continue;
      if (window.sleepMs === undefined) actions.kill();
      else actions.sleep(window.sleepMs);
    }
  };
};

export type FaultActions = { sleep(ms: number): void; kill(): void };

type Window = { point: string; sleepMs: number | undefined; only: number | undefined; count: number };

const parseWindow = (text: string): Window => {
  const [, point, action, ms, only] = /^([\w.-]+):(kill|sleep=(\d+))(?:#(\d+))?$/.exec(text.trim()) ?? [];
  if (point === undefined || action === undefined) {
    throw new RangeError(`"${text}": expected point:sleep=MS or point:kill, and #N for only the Nth time`);
  }
  return {
    point,
    sleepMs: ms === undefined ? undefined : Number(ms),
    only: only === undefined ? undefined : Number(only),
    count: 0,
  };
};

const realActions: FaultActions = {
  // Blocks the whole process on purpose: nothing of the replicator may run in a window that a test has widened.
  sleep: (ms) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
  // The signal is delivered before kill(2) returns: no further line of this process runs.
  kill: () => {
    process.kill(process.pid, 'SIGKILL');
  },
};
