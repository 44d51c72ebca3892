import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import type { Catalogue, Holding, LineageHoldings } from './catalogue.ts';
import { A, ago, B, DAY, type Dated, HOUR, NOW, policy, randomHistory, worldOf } from './fake-history.ts';
import { planRestoreSteps, restorableRanges } from './restore-plan.ts';
import { planRetention, retentionBucket } from './retention-plan.ts';

const deleted = (dated: readonly Dated[], lineages?: readonly Partial<LineageHoldings>[]): string =>
  planRetention(...argumentsOf(worldOf(dated, lineages)))
    .delete.toSorted()
    .join(' ');

const argumentsOf = ({ catalogue, lastAt }: ReturnType<typeof worldOf>) => [catalogue, { now: NOW, policy, lastAt }] as const;

for (const [what, dated, gone] of [
  [
    'every transaction of the last day, with the snapshot before it',
    [
      { text: 's0', at: ago(25 * HOUR) },
      { text: 'l1-5', at: ago(20 * HOUR) },
      { text: 's5', at: ago(20 * HOUR) },
      { text: 'l6-9', at: ago(1) },
    ],
    '',
  ],
  [
    'of older hours what is merged, not the logs',
    [
      { text: 's0', at: ago(40 * HOUR) },
      { text: 'l1-2', at: ago(38.2 * HOUR) },
      { text: 'l3-5', at: ago(38.1 * HOUR) },
      { text: 'm3:1-5', at: ago(38.1 * HOUR) },
      { text: 'l6-9', at: ago(1) },
    ],
    'l1-2 l3-5',
  ],
  [
    'the logs where nothing is merged yet',
    [
      { text: 's0', at: ago(40 * HOUR) },
      { text: 'l1-2', at: ago(38.2 * HOUR) },
      { text: 'l3-5', at: ago(38.1 * HOUR) },
      { text: 'l6-9', at: ago(1) },
    ],
    '',
  ],
  [
    'of older days the last snapshot alone',
    [
      { text: 's0', at: ago(10.4 * DAY) },
      { text: 'm3:1-5', at: ago(10.3 * DAY) },
      { text: 's5', at: ago(10.2 * DAY) },
      { text: 'm3:6-9', at: ago(10.1 * DAY) },
      { text: 's9', at: ago(10.1 * DAY) },
      { text: 'l10', at: ago(DAY / 2) },
    ],
    'm3:1-5 m3:6-9 s0 s5',
  ],
  [
    'the way to the state with which the last day began, however old it is',
    [
      { text: 's0', at: ago(50 * DAY) },
      { text: 'l1-5', at: ago(49 * DAY) },
      { text: 'l6', at: ago(DAY / 2) },
      { text: 's6', at: ago(DAY / 2) },
      { text: 'l7', at: ago(1) },
    ],
    '',
  ],
  [
    'nothing older than the policy, but one chain to where it begins',
    [
      { text: 's0', at: ago(50 * DAY) },
      { text: 'm3:1-5', at: ago(45 * DAY) },
      { text: 's5', at: ago(40 * DAY) },
      { text: 'm3:6-9', at: ago(35 * DAY) },
      { text: 'l10', at: ago(1) },
    ],
    'm3:1-5 s0',
  ],
  [
    'the newest chain of a database that nobody wrote for a year',
    [
      { text: 's0', at: ago(400 * DAY) },
      { text: 'l1-5', at: ago(399 * DAY) },
      { text: 'm3:1-5', at: ago(399 * DAY) },
      { text: 's5', at: ago(398 * DAY) },
      { text: 'm3:6-9', at: ago(390 * DAY) },
    ],
    'l1-5 m3:1-5 s0',
  ],
  [
    'what is behind a gap, because it is just being written, and the newest snapshot',
    [
      { text: 's0', at: ago(50 * DAY) },
      { text: 'l1-5', at: ago(49 * DAY) },
      { text: 'l7-9', at: ago(48 * DAY) },
    ],
    '',
  ],
  ['everything where there is no complete chain', [{ text: 'l1-5', at: ago(90 * DAY) }], ''],
] as const)
  test(`kept is ${what}`, () => {
    assert.equal(deleted(dated), gone);
  });

test('a lineage that was left is kept as long as the policy says, and as long as another one stands on it', () => {
  const old: Dated[] = [
    { text: 's0', at: ago(60 * DAY) },
    { text: 'l1-5', at: ago(59 * DAY) },
    { text: 'l6-9', at: ago(58 * DAY) },
  ];
  const standing: Dated[] = [{ text: 'l6-8', at: ago(2), lineage: B }];
  const lineages = [
    { id: A, createdAt: ago(60 * DAY) },
    { id: B, createdAt: ago(57 * DAY), parent: { lineage: A, txid: 5 } },
  ];
  assert.equal(deleted([...old, ...standing], lineages), 'l6-9');
  const free: Dated[] = [{ text: 's5', at: ago(2 * DAY), lineage: B }, ...standing];
  const { catalogue, lastAt } = worldOf([...old, ...free], lineages);
  const plan = planRetention(catalogue, { now: NOW, policy, lastAt });
  assert.deepEqual(plan.delete.toSorted(), ['l1-5', 'l6-9', 's0']);
  assert.deepEqual(plan.emptied, [], 'what the kept one continued stays known');
  const alone = worldOf(free, [lineages[0] ?? {}, { id: B, createdAt: ago(57 * DAY) }]);
  assert.deepEqual(planRetention(...argumentsOf(alone)).emptied, [A]);
});

test('what stands for deleted logs is named, to be read before', () => {
  const { catalogue, lastAt } = worldOf([
    { text: 's0', at: ago(40 * HOUR) },
    { text: 'l1-5', at: ago(38.1 * HOUR) },
    { text: 'm3:1-5', at: ago(38.1 * HOUR) },
    { text: 'm3:6-8', at: ago(30 * HOUR) },
    { text: 'l9', at: ago(1) },
  ]);
  const plan = planRetention(catalogue, { now: NOW, policy, lastAt });
  assert.deepEqual(plan.delete, ['l1-5']);
  assert.deepEqual(
    plan.standIns.map(({ name }) => name),
    ['m3:1-5'],
  );
});

test('whatever the history: each kept bucket stays restorable, at any moment of the deletion, and a second run finds nothing', () => {
  const random = createRandom(8);
  let deletions = 0;
  for (let round = 0; round < 60; round += 1) {
    const history = randomHistory(random);
    const { catalogue, lastAt } = worldOf(history);
    const before = bucketsOf(catalogue, lastAt);
    const plan = planRetention(catalogue, { now: NOW, policy, lastAt });
    const order = random.shuffle(plan.delete);
    deletions += order.length;
    for (const some of [0.3, 0.7, 1]) {
      const gone = new Set(order.slice(0, Math.ceil(order.length * some)));
      const left = worldOf(history.filter(({ text }) => !gone.has(text)));
      const after = bucketsOf(left.catalogue, lastAt);
      for (const bucket of before.keys())
        if (bucket !== 'gone') assert.ok(after.has(bucket), `round ${round}: nothing is left of ${bucket}`);
      // Of the last day, every transaction that could be restored.
      const each = (some: Map<string, Set<number>>): number[] => [...(some.get('each') ?? [])].toSorted((a, b) => a - b);
      assert.deepEqual(each(after), each(before));
      const end = (some: Catalogue): number | undefined => restorableRanges(some, A).at(-1)?.to;
      assert.equal(end(left.catalogue), end(catalogue));
      if (some < 1) continue;
      const again = planRetention(left.catalogue, { now: NOW, policy, lastAt });
      assert.deepEqual(again.delete, [], `round ${round}: the second run`);
    }
  }
  assert.ok(deletions > 1_000, `only ${deletions} objects were ever deleted`);
});

/** The restorable states in each bucket. */
const bucketsOf = (catalogue: Catalogue, lastAt: (holding: Holding) => number): Map<string, Set<number>> => {
  const buckets = new Map<string, Set<number>>();
  const [lineage] = catalogue.lineages;
  for (const holding of [...(lineage?.snapshots ?? []), ...(lineage?.segments ?? [])])
    for (let txid = holding.kind === 'log' ? holding.minTxid : holding.maxTxid; txid <= holding.maxTxid; txid += 1) {
      if (planRestoreSteps(catalogue, { lineage: A, txid }) === undefined) continue;
      const bucket = retentionBucket(lastAt(holding), { now: NOW, policy });
      buckets.set(bucket, (buckets.get(bucket) ?? new Set()).add(txid));
    }
  return buckets;
};

test('whatever the history: what pinned states need stays, at any moment of the deletion', () => {
  const random = createRandom(9);
  let kept = 0;
  for (let round = 0; round < 60; round += 1) {
    const history = randomHistory(random);
    const { catalogue, lastAt } = worldOf(history);
    const isThere = (of: Catalogue, txid: number): boolean => planRestoreSteps(of, { lineage: A, txid }) !== undefined;
    const last = Math.max(...[...bucketsOf(catalogue, lastAt).values()].flatMap((txids) => [...txids]));
    const txids = Array.from({ length: 20 }, () => random.integer(0, last)).filter((txid) => isThere(catalogue, txid));
    const pins = txids.map((txid) => ({ lineage: A, txid }));
    const without = new Set(planRetention(catalogue, { now: NOW, policy, lastAt }).delete);
    const unpinned = worldOf(history.filter(({ text }) => !without.has(text)));
    kept += txids.filter((txid) => !isThere(unpinned.catalogue, txid)).length;
    const order = random.shuffle(planRetention(catalogue, { now: NOW, policy, lastAt, pins }).delete);
    for (const some of [0.3, 0.7, 1]) {
      const gone = new Set(order.slice(0, Math.ceil(order.length * some)));
      const left = worldOf(history.filter(({ text }) => !gone.has(text)));
      for (const txid of txids) assert.ok(isThere(left.catalogue, txid), `round ${round}: transaction ${txid}`);
    }
  }
  assert.ok(kept > 100, `only ${kept} states were kept that would have gone`);
});

test('a lineage that only a pin needs is not forgotten', () => {
  const dated: Dated[] = [
    { text: 's0', at: ago(60 * DAY) },
    { text: 'l1-5', at: ago(59 * DAY) },
    { text: 's6', at: ago(1), lineage: B },
  ];
  const lineages = [
    { id: A, createdAt: ago(60 * DAY) },
    { id: B, createdAt: ago(57 * DAY) },
  ];
  const { catalogue, lastAt } = worldOf(dated, lineages);
  const pinned = planRetention(catalogue, { now: NOW, policy, lastAt, pins: [{ lineage: A, txid: 3 }] });
  assert.deepEqual([pinned.delete, pinned.emptied], [[], []]);
  const free = planRetention(catalogue, { now: NOW, policy, lastAt });
  assert.deepEqual([free.delete, free.emptied], [['s0', 'l1-5'], [A]]);
});

test('where two machines wrote one lineage, nothing of what overlaps goes as long as anything of its age is kept', () => {
  const forked: Dated[] = [
    { text: 's0', at: ago(20 * DAY) },
    { text: 'l1-5', at: ago(20 * DAY) },
    { text: 'l1-3', at: ago(20 * DAY) },
    { text: 'l4-8', at: ago(20 * DAY) },
    { text: 'l9', at: ago(20 * DAY) },
    { text: 's9', at: ago(DAY / 2) },
  ];
  assert.equal(deleted(forked), 'l9');
  assert.equal(deleted(forked.map(({ text, at }) => ({ text, at: at - 15 * DAY }))), 'l1-3 l1-5 l4-8 l9 s0');
});
