import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { whyNoMachine } from '@berth/testing';
import { guideReplays } from './guide-replays.ts';
import { replayStep, whyLeft } from './replay.ts';
import type { Place } from './step.ts';

type Written = Readonly<Record<string, { readonly replayed: Readonly<Record<string, Place['kind']>> }>>;

const STEPS = join(import.meta.dirname, '../../docs/guides/steps.json');

/** Every step of a guide that can be replayed there does what it shall, and what is written down of it is true. */
export function describeReplay(guide: keyof typeof guideReplays, kind: Place['kind']): void {
  const { steps, places } = guideReplays[guide];
  const where = kind === 'process' ? 'with plain processes' : 'on a server that `berth server add` made';
  const skip = kind === 'machine' ? (whyNoMachine() ?? false) : false;
  test(`the guide of ${guide}, step by step, ${where}`, { skip }, async (t) => {
    await using place = await places[kind]();
    const good: string[] = [];
    for (const step of steps) {
      if (whyLeft(step, kind) !== null) continue;
      await t.test(`${step.heading}: ${step.guide}`, async () => {
        await replayStep(step, place);
        good.push(step.id);
      });
    }
    t.diagnostic(`${good.length} of ${steps.length} steps`);
    for (const step of steps) {
      const reason = whyLeft(step, kind);
      if (reason !== null) t.diagnostic(`not replayed here: ${step.id}: ${reason}`);
    }
    await t.test('docs/guides/steps.json says what was replayed (npm run guides)', () => {
      const written = (JSON.parse(readFileSync(STEPS, 'utf8')) as Written)[guide]?.replayed ?? {};
      const here = Object.keys(written).filter((id) => written[id] === kind);
      assert.deepEqual(
        { unwritten: good.filter((id) => !(id in written)), untrue: here.filter((id) => !good.includes(id)) },
        { unwritten: [], untrue: [] },
      );
    });
  });
}
