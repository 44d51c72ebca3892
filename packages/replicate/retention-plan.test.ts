import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '@berth/testing';
import type { Catalogue, Holding, LineageHoldings } from './catalogue.ts';
import { planRestoreSteps, restorableRanges } from './restore-plan.ts';
import { planRetention, retentionBucket, type RetentionPolicy } from './retention-plan.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const policy: RetentionPolicy = { everySecondForMs: DAY, hourlyForMs: 7 * DAY, dailyForMs: 30 * DAY };
const NOW = 1_000 * DAY;
const A = 'aaaaaaaaaaaaaaaa';
const B = 'bbbbbbbbbbbbbbbb';

type Dated = { text: string; at: number; lineage?: string };

/** Objects written `s5 l6-9 m3:1-9`, each with the time of its last transaction. */
const worldOf = (dated: readonly Dated[], lineages: readonly Partial<LineageHoldings>[] = [{ id: A }]) => {
  const times = new Map<string, number>();
  const holdings = dated.map(({ text, at, lineage = A }): Holding => {
    const [, kind, level = '0', min = '', max = min] = /^([slm])(?:(\d):)?(\d+)(?:-(\d+))?$/.exec(text) ?? [];
    const name = lineage === A ? text : `${lineage[0]}.${text}`;
    times.set(name, at);
    const kinds = { s: 'snapshot', l: 'log', m: 'merged' } as const;
    const range = { minTxid: Number(min), maxTxid: Number(max) };
    return { name, lineage, kind: kinds[kind as 's'], level: Number(level), ...range, bytes: 1 };
  });
  const catalogue: Catalogue = {
    database: 'app',
    epoch: 0,
    lineages: lineages.map((lineage) => ({ id: A, createdAt: 0, ...select(holdings, lineage.id ?? A), ...lineage })),
  };
  return { catalogue, lastAt: ({ name }: Holding) => times.get(name) ?? Number.POSITIVE_INFINITY };
};

const select = (holdings: readonly Holding[], id: string) => {
  const own = holdings.filter(({ lineage }) => lineage === id);
  return {
    snapshots: own.filter(({ kind }) => kind === 'snapshot').toSorted((a, b) => a.maxTxid - b.maxTxid),
    segments: own.filter(({ kind }) => kind !== 'snapshot').toSorted((a, b) => a.minTxid - b.minTxid || a.maxTxid - b.maxTxid),
  };
};

const deleted = (dated: readonly Dated[], lineages?: readonly Partial<LineageHoldings>[]): string =>
  planRetention(...argumentsOf(worldOf(dated, lineages)))
    .delete.toSorted()
    .join(' ');

const argumentsOf = ({ catalogue, lastAt }: ReturnType<typeof worldOf>) => [catalogue, { now: NOW, policy, lastAt }] as const;

const ago = (ms: number) => NOW - ms;

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

/** A history of some months as the replicator and compaction leave it, with holes where machines were off. */
const randomHistory = (random: Random): Dated[] => {
  const dated: Dated[] = [];
  let [txid, at] = [0, ago(random.integer(1, 60) * DAY)];
  const add = (text: string): unknown => dated.push({ text, at });
  add('s0');
  while (at < NOW) {
    const hourStart = txid;
    for (let logs = random.integer(1, 3); logs > 0; logs -= 1) {
      const min = txid + 1;
      txid += random.integer(1, 5);
      at += random.integer(1, 20 * 60_000);
      add(`l${min}-${txid}`);
    }
    if (random.boolean(0.8)) add(`m3:${hourStart + 1}-${txid}`);
    if (random.boolean(0.1)) add(`s${txid}`);
    if (random.boolean(0.02)) txid += 1;
    at += random.boolean(0.05) ? random.integer(0, 4 * DAY) : random.integer(0, 4 * HOUR);
  }
  return dated.filter((each) => each.at < NOW);
};

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
