import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replicaOf } from './replica.ts';
import { playRivals } from './rivals.ts';
import { placesIn, playRound } from './round.ts';
import { planRound, type RoundPlan, type Scene } from './round-plan.ts';
import type { Verdict } from './verdict.ts';
import type { WritersSqlite } from './writers.ts';

export type TortureTask = {
  readonly rounds: number;
  /** Of the first round; each next one has the next seed. */
  readonly seed: number;
  readonly workMs: number;
  /** Fault windows, of which each round opens a random choice, or all. */
  readonly windows: readonly string[];
  readonly allWindows: boolean;
  readonly scene?: Scene;
  /** Of the writers; `{}` is that of the Node which runs this. */
  readonly writersSqlite: WritersSqlite;
  /** Plays all rounds, whatever they show. */
  readonly goOn: boolean;
  /** Good rounds leave their directories too. */
  readonly keep?: boolean;
  /** Rounds that failed leave their directories here. */
  readonly scratch: string;
  /** Ends the round that is played, without a verdict, and begins no other. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
};

/** Gives the number of rounds that failed. */
export async function torture(task: TortureTask): Promise<number> {
  let failures = 0;
  for (let seed = task.seed; seed < task.seed + task.rounds && !task.signal.aborted; seed += 1) {
    const directory = join(task.scratch, `round-${seed}`);
    mkdirSync(directory, { recursive: true });
    const outcome = task.scene === 'rivals' ? await playTwo(seed, directory, task) : await playOne(seed, directory, task);
    if (outcome === null) break;
    task.say(`seed ${seed} ${outcome.complaints.length === 0 ? 'ok' : 'FAILED'}: ${outcome.description}`);
    if (outcome.complaints.length === 0) {
      if (task.keep !== true) rmSync(directory, { recursive: true, force: true });
      continue;
    }
    failures += 1;
    for (const complaint of outcome.complaints.slice(0, 10)) task.say(`  ${complaint}`);
    task.say(`  ${outcome.plan}\n  left in ${directory}`);
    if (!task.goOn) break;
  }
  return failures;
}

type Outcome = { readonly complaints: readonly string[]; readonly description: string; readonly plan: string };

async function playOne(seed: number, directory: string, task: TortureTask): Promise<Outcome | null> {
  const plan = planRound(seed, task);
  const places = placesIn(directory);
  const { signal, writersSqlite } = task;
  const verdict = await playRound(plan, { places, subject: replicaOf(places), signal, writersSqlite });
  return verdict && { complaints: verdict.complaints, description: describeRound(plan, verdict), plan: JSON.stringify(plan) };
}

async function playTwo(seed: number, directory: string, { workMs, writersSqlite }: TortureTask): Promise<Outcome> {
  const complaints = await playRivals(seed, { directory, workMs: Math.min(workMs, 1_500), sqlite: writersSqlite });
  return { complaints, description: 'two replicators, one target', plan: `rivals ${seed}` };
}

function describeRound(plan: RoundPlan, verdict: Verdict): string {
  return [
    `pages of ${plan.pageSize}, ${plan.writers} writers with SQLite ${verdict.versions.join(' and ')}, ${plan.events.length} events,`,
    `${verdict.states} states, ${verdict.compared} of ${verdict.samples} samples compared, ${verdict.swallowed} swallowed,`,
    `${verdict.snapshots} snapshots, ${verdict.reconciles} differences, ${Math.round(verdict.bytes / 1024)} KB`,
  ].join(' ');
}
