/**
 * Replays guides and writes down what was replayed, in docs/guides/steps.json: `npm run guides -- [guide | process | machine]...`.
 * What is written is what ran and did what it shall. Of a place that is not asked for, what was written before stays.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoMachine } from '@berth/testing';
import { type GuideReplay, guideReplays } from './guide-replays.ts';
import { replayStep, whyLeft } from './replay.ts';
import type { Place } from './step.ts';

const FILE = join(import.meta.dirname, '../../docs/guides/steps.json');
const KINDS = ['process', 'machine'] as const;

type Kind = Place['kind'];
type Written = {
  readonly steps: readonly string[];
  readonly replayed: Record<string, Kind>;
  readonly left: Record<string, string>;
};

const asked = process.argv.slice(2);
const kinds = KINDS.filter((kind) => !KINDS.some((each) => asked.includes(each)) || asked.includes(kind));
const guides = Object.keys(guideReplays).filter(
  (guide) => asked.every((word) => !(word in guideReplays)) || asked.includes(guide),
);
const all = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Written>;
for (const guide of guides as (keyof typeof guideReplays)[]) {
  const good: Record<Kind, ReadonlySet<string>> = {
    process: replayedBefore(guide, 'process'),
    machine: replayedBefore(guide, 'machine'),
  };
  for (const kind of kinds) {
    const whyNot = kind === 'machine' ? whyNoMachine() : null;
    if (whyNot === null) good[kind] = await replayAll(guideReplays[guide], kind);
    else process.stdout.write(`no machine here: ${whyNot}\n`);
  }
  all[guide] = written(guideReplays[guide], good);
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
  process.stdout.write(`${guide}: ${Object.keys(all[guide].replayed).length} of ${all[guide].steps.length} steps\n`);
}

async function replayAll({ steps, places }: GuideReplay, kind: Kind): Promise<ReadonlySet<string>> {
  const good = new Set<string>();
  await using place = await places[kind]();
  for (const step of steps) {
    if (whyLeft(step, kind) !== null) continue;
    const problem = await replayStep(step, place).then(
      () => null,
      (error: Error) => error,
    );
    if (problem === null) good.add(step.id);
    process.stdout.write(
      `${problem === null ? 'good' : 'FAILED'}  ${step.id}, ${kind}\n${problem === null ? '' : `${problem.message}\n`}`,
    );
  }
  return good;
}

function replayedBefore(guide: string, kind: Kind): ReadonlySet<string> {
  return new Set(Object.entries(all[guide]?.replayed ?? {}).flatMap(([id, where]) => (where === kind ? [id] : [])));
}

function written({ steps }: GuideReplay, good: Readonly<Record<Kind, ReadonlySet<string>>>): Written {
  const replayed: Record<string, Kind> = {};
  const left: Record<string, string> = {};
  for (const step of steps) {
    const where = KINDS.find((kind) => good[kind].has(step.id));
    if (where === undefined)
      left[step.id] = whyLeft(step, 'machine') ?? whyLeft(step, 'process') ?? 'failed when it was last tried';
    else replayed[step.id] = where;
  }
  return { steps: steps.map(({ id }) => id), replayed, left };
}
