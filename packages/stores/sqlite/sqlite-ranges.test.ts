import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DescribedLineage } from '@berth/replicate';
import { rangesOf } from './sqlite-ranges.ts';

/** A stretch of which only so many states are left, or all. */
type Stretch = readonly [fromAt: number, toAt: number, states?: number];

const lineage = (createdAt: number, stretches: readonly Stretch[]): DescribedLineage => ({
  id: 'a1b2c3d4e5f60718',
  createdAt,
  ranges: stretches.map(([fromAt, toAt, states = null]) => ({
    ...{ from: 1, to: 2, fromAt, toAt, states },
    resolution: states === null ? 'every-change' : 'snapshots',
  })),
  snapshots: 1,
  logs: 5,
  merged: 0,
  bytes: 1,
});

const cases: readonly { name: string; lineages: DescribedLineage[]; is: string[] }[] = [
  { name: 'nothing', lineages: [], is: [] },
  { name: 'each transaction is kept', lineages: [lineage(10, [[10, 90]])], is: ['10-90 every-change'] },
  { name: 'only one state is left', lineages: [lineage(10, [[10, 10, 1]])], is: ['10-10 snapshots 1'] },
  {
    name: 'the older part was merged',
    lineages: [
      lineage(10, [
        [10, 60, 5],
        [60, 90],
      ]),
    ],
    is: ['10-60 snapshots 5', '60-90 every-change'],
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

for (const { name, lineages, is } of cases)
  test(`ranges: ${name}`, () => {
    const told = rangesOf(lineages).map(
      ({ fromMs, toMs, resolution, states }) => `${fromMs}-${toMs} ${resolution}${states === null ? '' : ` ${states}`}`,
    );
    assert.deepEqual(told, is);
  });
