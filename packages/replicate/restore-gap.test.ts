import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A, B, type Dated, worldOf } from './fake-history.ts';
import { findGap } from './restore-gap.ts';

const dated = (words: string): Dated[] =>
  words.split(' ').map((word) => {
    const text = word.replace('B.', '');
    return { text, at: 0, ...(word.startsWith('B.') && { lineage: B }) };
  });

const gapOf = (words: string, lineage?: string) => {
  const lineages = words.includes('B.') ? [{ id: A }, { id: B, createdAt: 1 }] : [{ id: A }];
  const gap = findGap(worldOf(dated(words), lineages).catalogue, lineage);
  return gap && `${gap.lineage === A ? 'A' : 'B'} ${gap.after} ${gap.behind}`;
};

for (const [what, words, gap, lineage] of [
  ['nothing is missing', 's1 l2-3 l4-4 l5-9', undefined],
  ['a log, with as many behind it as can be on their way', 's1 l2-3 l5-5 l6-6 l7-7', undefined],
  ['a log, with more behind it', 's1 l2-3 l5-5 l6-6 l7-7 l8-8', 'A 3 4'],
  ['a log that a merged segment holds too', 's1 m3:2-4 l5-5 l6-6 l7-7 l8-8', undefined],
  ['the merged segment itself', 's1 l2-2 m3:5-9', 'A 2 1'],
  ['a log, and a snapshot behind it', 's1 l2-3 s5 l6-6 l7-7 l8-8 l9-9', undefined],
  ['a log, cut differently it is there', 's1 l2-3 l3-5 l5-5 l6-6 l7-7 l8-8', undefined],
  ['the snapshot of a lineage whose logs are there', 's1 l2-3 B.l5-5 B.l6-6 B.l7-7 B.l8-8', 'A 3 4'],
  ['the same, when the one before it is asked for', 's1 l2-3 B.l5-5 B.l6-6 B.l7-7 B.l8-8', undefined, A],
  ['a log of a lineage that was left', 's1 l2-3 l5-5 l6-6 l7-7 l8-8 B.s4', undefined],
  ['the only snapshot', 'l2-3 l4-4 l5-5 l6-6', undefined],
] as const)
  test(`missing behind the newest state: ${what}`, () => {
    assert.equal(gapOf(words, lineage), gap);
  });
