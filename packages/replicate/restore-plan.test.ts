import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import type { Catalogue, Holding, LineageHoldings } from './catalogue.ts';
import { newestLineage, planRestoreSteps, restorableRanges } from './restore-plan.ts';

const A = 'aaaaaaaaaaaaaaaa';
const B = 'bbbbbbbbbbbbbbbb';

/** `s5`: a snapshot at 5, `l6-9`: a log, `m1:6-20`: a merged segment of level 1. */
const holding = (lineage: string, text: string): Holding => {
  const [, kind = '', level = '0', min = '', max = min] = /^([slm])(?:(\d):)?(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return {
    name: text,
    lineage,
    kind: kind === 's' ? 'snapshot' : kind === 'l' ? 'log' : 'merged',
    level: Number(level),
    minTxid: Number(min),
    maxTxid: Number(max),
    bytes: 1,
  };
};

const lineageOf = (id: string, texts: string, over: Partial<LineageHoldings> = {}): LineageHoldings => {
  const holdings = texts
    .split(' ')
    .filter(Boolean)
    .map((text) => holding(id, text));
  return {
    id,
    createdAt: 0,
    snapshots: holdings.filter(({ kind }) => kind === 'snapshot').toSorted((a, b) => a.maxTxid - b.maxTxid),
    segments: holdings
      .filter(({ kind }) => kind !== 'snapshot')
      .toSorted((a, b) => a.minTxid - b.minTxid || a.maxTxid - b.maxTxid),
    ...over,
  };
};

const catalogueOf = (...lineages: LineageHoldings[]): Catalogue => ({ database: 'app', epoch: 0, lineages });

const planned = (texts: string, txid: number): string | undefined =>
  planRestoreSteps(catalogueOf(lineageOf(A, texts)), { lineage: A, txid })
    ?.steps.map(({ holding: { name, maxTxid }, upTo }) => (upTo < maxTxid ? `${name}≤${upTo}` : name))
    .join(' ');

for (const [what, holdings, txid, steps] of [
  ['a snapshot alone', 's5', 5, 's5'],
  ['nothing before the first snapshot', 's5 l6-9', 4, undefined],
  ['nothing after the last transaction', 's5 l6-9', 10, undefined],
  ['the newest snapshot that is not too new', 's5 s8 s12 l6-9 l10-14', 11, 's8 l6-9 l10-14≤11'],
  ['a transaction within a log', 's5 l6-9 l10-14', 12, 's5 l6-9 l10-14≤12'],
  ['merged segments, where they are fewer', 's0 l1-2 l3-4 l5-6 l7-8 m1:1-4 m2:1-6', 8, 's0 m2:1-6 l7-8'],
  ['a smaller merged segment, if a larger one goes too far', 's0 l1-2 l3-4 l5-6 m1:1-4 m2:1-6', 5, 's0 m1:1-4 l5-6≤5'],
  ['nothing inside a merged segment without its logs', 's0 m1:1-4 l5-6', 3, undefined],
  ['the end of it', 's0 m1:1-4 l5-6', 4, 's0 m1:1-4'],
  ['nothing across a gap', 's0 l1-2 l4-5', 5, undefined],
  ['what is before the gap', 's0 l1-2 l4-5', 2, 's0 l1-2'],
  ['a merged segment that begins before the snapshot', 's0 l1-2 l3-4 m1:1-8 s6 l8', 8, 's6 m1:1-8'],
  ['nothing from an older snapshot that passes the gap behind the newer', 's0 l1-6 s6 l8', 8, undefined],
  ['a snapshot taken in the middle of a batch', 's7 l5-9', 8, 's7 l5-9≤8'],
  ['a log that was sent twice, cut differently', 's0 l1-3 l1-5 l6-7', 7, 's0 l1-5 l6-7'],
  ['merged segments rather than logs of the same reach', 's0 l1-4 m1:1-4', 4, 's0 m1:1-4'],
] as const)
  test(`the plan is ${what}`, () => {
    assert.equal(planned(holdings, txid), steps);
  });

for (const [holdings, ranges] of [
  ['', []],
  ['l1-5', []],
  ['s3', ['3-3']],
  ['s0 l1-5 l6-9', ['0-9']],
  ['s0 l1-5 l7-9', ['0-5']],
  ['s0 l1-5 l7-9 s8', ['0-5', '8-9']],
  ['s0 l1-5 s6 l7-9', ['0-9']],
  ['s0 m1:1-9 l3-4', ['0-9']],
  ['s7 l5-9 l10', ['7-10']],
] as const)
  test(`of "${holdings}" can be restored: ${ranges.join(', ') || 'nothing'}`, () => {
    const found = restorableRanges(catalogueOf(lineageOf(A, holdings)), A);
    assert.deepEqual(
      found.map(({ from, to }) => `${from}-${to}`),
      ranges,
    );
  });

test('a lineage without a snapshot of its own goes on from the one it continued', () => {
  const catalogue = catalogueOf(
    lineageOf(A, 's0 l1-5 l6-9', { createdAt: 1 }),
    lineageOf(B, 'l8-9 l10-12', { createdAt: 2, parent: { lineage: A, txid: 7 } }),
  );
  const plan = planRestoreSteps(catalogue, { lineage: B, txid: 11 });
  assert.deepEqual(
    plan?.steps.map(({ holding: { lineage, name }, upTo }) => `${lineage[0]} ${name} ${upTo}`),
    ['a s0 0', 'a l1-5 5', 'a l6-9 7', 'b l8-9 9', 'b l10-12 11'],
  );
  assert.deepEqual(restorableRanges(catalogue, B), [{ from: 7, to: 12 }]);
  assert.deepEqual(restorableRanges(catalogue, A), [{ from: 0, to: 9 }]);
  assert.equal(planRestoreSteps(catalogue, { lineage: B, txid: 6 }), undefined, 'before it began it was the other one');
  assert.equal(newestLineage(catalogue)?.id, B);
});

test('lineages that continue each other lead nowhere', () => {
  const catalogue = catalogueOf(
    lineageOf(A, 'l1-5', { parent: { lineage: B, txid: 0 } }),
    lineageOf(B, 'l1-5', { parent: { lineage: A, txid: 0 } }),
  );
  assert.equal(planRestoreSteps(catalogue, { lineage: A, txid: 3 }), undefined);
  assert.equal(newestLineage(catalogue), undefined);
});

test('a lineage that has no complete snapshot yet is not the newest to restore from', () => {
  const catalogue = catalogueOf(lineageOf(A, 's0 l1-5', { createdAt: 1 }), lineageOf(B, 'l1-5', { createdAt: 2 }));
  assert.equal(newestLineage(catalogue)?.id, A);
});

/** Breadth first over all states: the truth, slowly. */
const fewest = (holdings: readonly Holding[], txid: number): number | undefined => {
  let states = new Set(
    holdings.filter(({ kind, maxTxid }) => kind === 'snapshot' && maxTxid <= txid).map(({ maxTxid }) => maxTxid),
  );
  states = new Set([Math.max(...states)].filter(Number.isFinite));
  for (let objects = 1; objects <= holdings.length + 1; objects += 1) {
    if (states.has(txid)) return objects;
    const next = new Set(states);
    for (const at of states)
      for (const { kind, minTxid, maxTxid } of holdings) {
        const upTo = kind === 'log' ? Math.min(maxTxid, txid) : maxTxid;
        if (kind !== 'snapshot' && minTxid <= at + 1 && upTo > at && upTo <= txid) next.add(upTo);
      }
    states = next;
  }
  return undefined;
};

test('no plan has more objects than it needs, none is missed', () => {
  const random = createRandom(99);
  let [found, missed] = [0, 0];
  for (let round = 0; round < 3_000; round += 1) {
    const texts = ['s0'];
    for (let count = random.integer(1, 12); count > 0; count -= 1) {
      const min = random.integer(1, 10);
      texts.push(`${random.pick(['l', 'l', 'm1:'])}${min}-${min + random.integer(0, 6)}`);
    }
    const lineage = lineageOf(A, [...new Set(texts)].join(' '));
    const txid = random.integer(0, 12);
    const plan = planRestoreSteps(catalogueOf(lineage), { lineage: A, txid });
    const expected = fewest([...lineage.snapshots, ...lineage.segments], txid);
    assert.equal(plan?.steps.length, expected, `${texts.join(' ')} to ${txid}`);
    if (plan === undefined) missed += 1;
    else found += 1;
  }
  assert.ok(found > 500 && missed > 500, `${found} plans, ${missed} without`);
});
