import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DescribedLineage } from '@berth/replicate';
import { rangesOf } from './sqlite-ranges.ts';

const lineage = (createdAt: number, stretches: [number, number][], over: Partial<DescribedLineage> = {}): DescribedLineage => ({
  id: 'a1b2c3d4e5f60718',
  createdAt,
  ranges: stretches.map(([fromAt, toAt]) => ({ from: 1, to: 2, fromAt, toAt })),
  snapshots: 1,
  logs: 5,
  merged: 0,
  bytes: 1,
  ...over,
});

const cases: readonly { name: string; lineages: DescribedLineage[]; changesFrom?: number; is: string[] }[] = [
  { name: 'nothing', lineages: [], is: [] },
  { name: 'each transaction is kept', lineages: [lineage(10, [[10, 90]])], is: ['10-90 every-change'] },
  { name: 'only snapshots are left', lineages: [lineage(10, [[10, 10]], { logs: 0 })], is: ['10-10 snapshots 1'] },
  {
    name: 'the older part was merged',
    lineages: [lineage(10, [[10, 90]], { merged: 4 })],
    changesFrom: 60,
    is: ['10-60 snapshots 5', '60-90 every-change'],
  },
  {
    name: 'merged, and too young for retention',
    lineages: [lineage(10, [[10, 90]], { merged: 4 })],
    changesFrom: 5,
    is: ['10-90 every-change'],
  },
  {
    name: 'all of it is older than what is kept singly',
    lineages: [lineage(10, [[10, 90]], { merged: 4 })],
    changesFrom: 100,
    is: ['10-90 snapshots 5'],
  },
  {
    name: 'two stretches with a gap',
    lineages: [
      lineage(10, [
        [10, 30],
        [50, 90],
      ]),
    ],
    is: ['10-30 every-change', '50-90 every-change'],
  },
  {
    name: 'a lineage that was left is followed by the next, also where its last moments reach into it',
    lineages: [lineage(60, [[60, 90]]), lineage(10, [[10, 70]])],
    is: ['10-60 every-change', '60-90 every-change'],
  },
];

for (const { name, lineages, changesFrom = 0, is } of cases)
  test(`ranges: ${name}`, () => {
    const told = rangesOf(lineages, changesFrom).map(
      ({ fromMs, toMs, resolution, states }) => `${fromMs}-${toMs} ${resolution}${states === null ? '' : ` ${states}`}`,
    );
    assert.deepEqual(told, is);
  });
