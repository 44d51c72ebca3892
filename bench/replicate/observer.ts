import { statSync } from 'node:fs';
import { cpuSeconds, pssBytes, processTree } from '../process-tree.ts';

/** Of a follower; NaN where there is none. */
export type Observation = {
  /** Of one core, while it was observed. */
  readonly cpuShare: number;
  readonly cpuSeconds: number;
  readonly peakMB: number;
  readonly logPeakMB: number;
};

const EVERY_MS = 50;

/** Looks at a follower and at the log of the database that it follows, until it is told to stop. */
export class Observer {
  readonly #pids: readonly number[];
  readonly #log: string;
  readonly #startedAt = performance.now();
  readonly #cpuAtStart: number;
  readonly #timer: NodeJS.Timeout;
  #peakBytes = 0;
  #logPeakBytes = 0;

  constructor(database: string, pids: readonly number[]) {
    this.#pids = pids;
    this.#log = `${database}-wal`;
    this.#cpuAtStart = cpuSeconds(pids);
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop(): Observation {
    clearInterval(this.#timer);
    this.#look();
    const used = this.#pids.length === 0 ? Number.NaN : cpuSeconds(this.#pids) - this.#cpuAtStart;
    return {
      cpuSeconds: used,
      cpuShare: used / ((performance.now() - this.#startedAt) / 1000),
      peakMB: this.#pids.length === 0 ? Number.NaN : this.#peakBytes / 2 ** 20,
      logPeakMB: this.#logPeakBytes / 2 ** 20,
    };
  }

  #look(): void {
    // stat opens nothing, and so takes no lock away from anybody.
    this.#logPeakBytes = Math.max(this.#logPeakBytes, statSync(this.#log, { throwIfNoEntry: false })?.size ?? 0);
    const bytes = processTree(this.#pids).reduce((sum, { pid }) => sum + memoryOf(pid), 0);
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }
}

function memoryOf(pid: number): number {
  try {
    return pssBytes(pid);
  } catch {
    return 0; // ended since it was listed
  }
}
