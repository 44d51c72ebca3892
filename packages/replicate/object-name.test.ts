import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineageId, isLineageId, type ObjectName, parseObjectName, renderObjectName } from './object-name.ts';

const of = { database: 'pad-7', lineage: '0123456789abcdef' };
const NAMES: readonly (readonly [ObjectName, string])[] = [
  [{ kind: 'snapshot', ...of, txid: 12 }, 'pad-7/0123456789abcdef/snapshot-0000000000000012'],
  [{ kind: 'log', ...of, minTxid: 1, maxTxid: 99 }, 'pad-7/0123456789abcdef/log-0000000000000001-0000000000000099'],
  [
    { kind: 'merged', level: 3, ...of, minTxid: 1, maxTxid: Number.MAX_SAFE_INTEGER },
    'pad-7/0123456789abcdef/merged-3-0000000000000001-9007199254740991',
  ],
  [{ kind: 'lineage', ...of }, 'pad-7/lineages/0123456789abcdef'],
  [{ kind: 'epoch', database: 'pad-7', epoch: 4 }, 'pad-7/epochs/0000000000000004'],
];

for (const [name, text] of NAMES)
  test(`a ${name.kind} is called ${text}, and found again by that`, () => {
    assert.equal(renderObjectName(name), text);
    assert.deepEqual(parseObjectName(text), name);
  });

for (const text of [
  '',
  'pad-7',
  'pad-7/0123456789abcdef/snapshot-12',
  'pad-7/0123456789abcdef/snapshot-0000000000000012.tmp',
  'pad-7/0123456789ABCDEF/snapshot-0000000000000012',
  'pad-7/0123456789abcdef/log-0000000000000002-0000000000000001',
  'pad-7/0123456789abcdef/merged-0-0000000000000001-0000000000000002',
  'pad-7/0123456789abcdef/deeper/snapshot-0000000000000012',
  'Pad/0123456789abcdef/snapshot-0000000000000012',
  '../lineages/0123456789abcdef',
  'pad-7/lineages/x',
])
  test(`"${text}" is none of ours`, () => {
    assert.equal(parseObjectName(text), undefined);
  });

test('names sort by transaction', () => {
  const names = [9, 10, 99, 100, 1e15].map((txid) => renderObjectName({ kind: 'snapshot', ...of, txid }));
  assert.deepEqual(names.toSorted(), names);
});

test('a new lineage has an id of its own', () => {
  const ids = new Set(Array.from({ length: 100 }, createLineageId));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.ok(isLineageId(id));
});
