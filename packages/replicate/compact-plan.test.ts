import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalogue, Holding } from './catalogue.ts';
import { planCompaction, unmergedSegments } from './compact-plan.ts';

const LINEAGE = 'aaaaaaaaaaaaaaaa';

/** `l6-9@12`: a log of transactions 6 to 9, the last of them at second 12; `m1:1-5@9`: a merged segment of level 1. */
const worldOf = (text: string) => {
  const times = new Map<string, number>();
  const holdings = text.split(' ').map((word): Holding => {
    const [, kind = '', level = '0', min = '', max = min, at = '0'] =
      /^([slm])(?:(\d):)?(\d+)(?:-(\d+))?@(\d+)$/.exec(word) ?? [];
    const name = word.split('@', 1)[0] ?? '';
    times.set(name, Number(at) * 1_000);
    const kinds = { s: 'snapshot', l: 'log', m: 'merged' } as const;
    const range = { minTxid: Number(min), maxTxid: Number(max) };
    return { name, lineage: LINEAGE, kind: kinds[kind as 's'], level: Number(level), ...range, bytes: 1 };
  });
  const snapshots = holdings.filter(({ kind }) => kind === 'snapshot');
  const segments = holdings
    .filter(({ kind }) => kind !== 'snapshot')
    .toSorted((a, b) => a.minTxid - b.minTxid || a.maxTxid - b.maxTxid);
  const catalogue: Catalogue = { database: 'app', epoch: 0, lineages: [{ id: LINEAGE, createdAt: 0, snapshots, segments }] };
  return { catalogue, lastAt: ({ name }: Holding) => times.get(name) ?? 0 };
};

const due = (text: string, { level = 1, windowMs = 30_000, now = 1e9 } = {}): string => {
  const { catalogue, lastAt } = worldOf(text);
  const runs = unmergedSegments(catalogue, { lineage: LINEAGE, level });
  return planCompaction(runs, { level, windowMs, now, lastAt })
    .map(({ sources }) => sources.map(({ name }) => name).join('+'))
    .join(' ');
};

for (const [what, text, options, steps] of [
  ['segments of one window', 's0@0 l1-2@5 l3@10 l4@35 l5@40', {}, 'l1-2+l3 l4+l5'],
  ['windows that are over', 's0@0 l1-2@5 l3@10 l4@35 l5@40', { now: 59_999 }, 'l1-2+l3'],
  ['a window the moment it is over', 's0@0 l1-2@5 l3@10 l4@35 l5@40', { now: 60_000 }, 'l1-2+l3 l4+l5'],
  ['no window with one segment', 's0@0 l1-2@5 l3@35 l4@65', {}, ''],
  ['what lies behind the last merge', 's0@0 l1-2@5 l3@10 m1:1-3@10 l4@35 l5@40', {}, 'l4+l5'],
  ['what a higher level has not merged', 's0@0 l1@5 l2@10 m2:1-2@10 l3@35 l4@40', {}, 'l3+l4'],
  [
    'the fewest that cover a window',
    's0@0 l1@5 l2@10 m1:1-2@10 l3@35 l4@40 m1:3-4@40 l5@50',
    { level: 2, windowMs: 300_000 },
    'm1:1-2+m1:3-4+l5',
  ],
  ['nothing across a gap', 's0@0 l1@5 l2@6 l4@7 l5@8', {}, 'l1+l2'],
  ['both sides of a gap that a snapshot closes', 's0@0 l1@5 l2@6 s4@7 l5@8 l6@9', {}, 'l1+l2 l5+l6'],
  ['only what follows exactly', 's0@0 l1-3@5 l4@6 l3-6@7 l7@8', {}, 'l3-6+l7'],
] as const)
  test(`merged is ${what}`, () => {
    assert.equal(due(text, options), steps);
  });
