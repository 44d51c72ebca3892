import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import type { Catalogue, LineageHoldings } from './catalogue.ts';
import { A, worldOf } from './fake-history.ts';
import { restorableStates } from './restorable-states.ts';
import { planRestoreSteps, restorableRanges } from './restore-plan.ts';

const catalogueOf = (texts: readonly string[]): Catalogue => worldOf(texts.map((text) => ({ text, at: 0 }))).catalogue;
const holdingsOf = (catalogue: Catalogue): LineageHoldings => catalogue.lineages[0] as LineageHoldings;

const cases: readonly { name: string; texts: string; is: string }[] = [
  { name: 'each transaction of its logs', texts: 's1 l2-9 l10-14', is: '1-14' },
  { name: 'a snapshot alone', texts: 's7', is: '7' },
  { name: 'only the end of what was merged', texts: 's1 m3:2-9 m3:10-14', is: '1 9 14' },
  { name: 'merged first, and each transaction of late', texts: 's1 m3:2-9 m3:10-14 l15-20', is: '1 9 14-20' },
  { name: 'merged, and its logs still there', texts: 's1 l2-9 l10-14 m1:2-14', is: '1-14' },
  { name: 'a log that goes on in the middle of a stretch', texts: 's1 s6 m2:2-9 l4-12', is: '1 6-12' },
];

for (const { name, texts, is } of cases)
  test(`states that can be restored: ${name}`, () => {
    const catalogue = catalogueOf(texts.split(' '));
    const found = restorableRanges(catalogue, A).flatMap((range) => restorableStates(holdingsOf(catalogue), range));
    assert.equal(found.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(' '), is);
  });

test('whatever is left of a history, a state is told exactly if a restore finds a way to it', (context) => {
  const seed = Math.floor(Math.random() * 1e9);
  context.diagnostic(`seed ${seed}`);
  const random = createRandom(seed);
  for (let round = 0; round < 400; round += 1) {
    const texts = new Set(['s1']);
    for (let from = 2; from < 40; ) {
      const to = from + random.integer(0, 4);
      texts.add(`l${from}-${to}`);
      if (random.boolean(0.5)) texts.add(`m1:${Math.max(2, from - random.integer(0, 9))}-${to}`);
      if (random.boolean(0.15)) texts.add(`s${to}`);
      from = to + 1;
    }
    const left = [...texts].filter(() => random.boolean(0.7));
    const catalogue = catalogueOf(left);
    for (const range of restorableRanges(catalogue, A)) {
      const told = restorableStates(holdingsOf(catalogue), range);
      for (let txid = range.from; txid <= range.to; txid += 1) {
        const isTold = told.some(({ from, to }) => from <= txid && txid <= to);
        const isFound = planRestoreSteps(catalogue, { lineage: A, txid }) !== undefined;
        assert.equal(isTold, isFound, `${txid} of ${left.join(' ')}`);
      }
    }
  }
});
