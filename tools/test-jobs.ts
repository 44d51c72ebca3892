/** Runs test files and checks, several at once. */
import type { FileResult } from './test-result.ts';

export type Job = {
  /** Jobs of one lane run one after the other. */
  readonly lane: string;
  readonly run: () => Promise<FileResult>;
};

/** In their order, as far as their lanes are free; `report` is told each result as it comes. */
export const runJobs = async (jobs: readonly Job[], atOnce: number, report: (result: FileResult) => void): Promise<void> => {
  const waiting = [...jobs];
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();
  while (waiting.length + running.size > 0) {
    const next = running.size < atOnce ? waiting.findIndex(({ lane }) => !busy.has(lane)) : -1;
    const [job] = next < 0 ? [] : waiting.splice(next, 1);
    if (job === undefined) {
      await Promise.race(running);
      continue;
    }
    busy.add(job.lane);
    const run = job.run().then((result) => {
      busy.delete(job.lane);
      running.delete(run);
      report(result);
    });
    running.add(run);
  }
};
