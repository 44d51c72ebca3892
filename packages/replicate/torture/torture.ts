import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replicaOf } from './replica.ts';
import { placesIn, playRound } from './round.ts';
import { planRound, type RoundPlan } from './round-plan.ts';
import type { Verdict } from './verdict.ts';

export type TortureTask = {
  readonly rounds: number;
  /** Of the first round; each next one has the next seed. */
  readonly seed: number;
  readonly workMs: number;
  /** Fault windows, of which each round opens a random choice, or all. */
  readonly windows: readonly string[];
  readonly allWindows: boolean;
  /** Plays all rounds, whatever they show. */
  readonly goOn: boolean;
  /** Rounds that failed leave their directories here. */
  readonly scratch: string;
  /** Ends the round that is played, without a verdict, and begins no other. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
};

/** Gives the number of rounds that failed. */
export async function torture(task: TortureTask): Promise<number> {
  let failures = 0;
  for (let seed = task.seed; seed < task.seed + task.rounds; seed += 1) {
    const plan = planRound(seed, task);
    const directory = join(task.scratch, `round-${seed}`);
    mkdirSync(directory, { recursive: true });
    const places = placesIn(directory);
    const verdict = await playRound(plan, { places, subject: replicaOf(places), signal: task.signal });
    if (verdict === null) break;
    task.say(describeRound(plan, verdict));
    if (verdict.complaints.length === 0) {
      rmSync(directory, { recursive: true, force: true });
      continue;
    }
    failures += 1;
    for (const complaint of verdict.complaints.slice(0, 10)) task.say(`  ${complaint}`);
    task.say(`  ${JSON.stringify(plan)}\n  left in ${directory}`);
    if (!task.goOn) break;
  }
  return failures;
}

function describeRound(plan: RoundPlan, verdict: Verdict): string {
  const result = verdict.complaints.length === 0 ? 'ok' : 'FAILED';
  const kills = plan.events.filter(({ kind }) => kind === 'kill').length;
  return [
    `seed ${plan.seed} ${result}: pages of ${plan.pageSize}, ${plan.writers} writers, ${kills} kills,`,
    `${verdict.states} states, ${verdict.compared} of ${verdict.samples} samples compared, ${verdict.swallowed} swallowed,`,
    `${verdict.snapshots} snapshots, ${verdict.reconciles} differences, ${Math.round(verdict.bytes / 1024)} KB`,
  ].join(' ');
}
