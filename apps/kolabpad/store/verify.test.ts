import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { temporaryDirectory } from '@berth/testing';
import { at, NOON, snapshot } from './conformance.ts';
import { openStore } from './open-store.ts';
import { verifyStore } from './verify.ts';

const cases: readonly { what: string; change: string; problems: readonly RegExp[] }[] = [
  { what: 'nothing in what the store wrote', change: '', problems: [] },
  {
    what: 'a snapshot that differs by one letter',
    change: "UPDATE document SET text = 'abx' WHERE id = 'pad'",
    problems: [/^pad: the snapshot at revision 3 is not what the journal makes/],
  },
  {
    what: 'a revision that is missing',
    change: "DELETE FROM operation WHERE document_id = 'pad' AND revision = 2",
    problems: [/^pad: revision 2 is missing: 3 comes next/],
  },
  {
    what: 'an end of the journal that is missing',
    change: "DELETE FROM operation WHERE document_id = 'pad' AND revision > 2",
    problems: [/^pad: the journal ends at revision 2 and the snapshot is of 3/],
  },
  {
    what: 'an operation that does not fit',
    change: "UPDATE operation SET operation = '[9,\"c\"]' WHERE document_id = 'pad' AND revision = 4",
    problems: [/^pad: revision 4 cannot be applied/, /^pad: revisions 4 to 4 cannot be applied/],
  },
  {
    what: 'a snapshot that is older than the base',
    change: "UPDATE document SET revision = 1 WHERE id = 'folded'",
    problems: [/^folded: the snapshot at revision 1 is older than the journal's base 2/],
  },
  {
    what: 'an epoch that begins in the future',
    change: "UPDATE epoch SET start = 17 WHERE document_id = 'pad'",
    problems: [/^pad: epoch e starts at revision 17/],
  },
  {
    what: 'operations of a document that is no more',
    change: "PRAGMA foreign_keys = OFF; DELETE FROM document WHERE id = 'pad'",
    problems: Array.from({ length: 5 }, () => /^database: a row of (operation|epoch) belongs to no document/),
  },
];

for (const { what, change, problems } of cases)
  test(`a verification finds ${what}`, async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    const store = await openStore({ uri: file, key: 'k'.repeat(32), now: () => NOON });
    store.commit({
      operations: [at('pad', 1, ['a']), at('pad', 2, [1, 'b']), at('pad', 3, [2, 'c']), at('pad', 4, [3, 'd'])],
      epochs: [{ id: 'pad', epoch: { id: 'e', start: 0 } }],
    });
    store.writeSnapshot(snapshot('pad', 'abc', 3));
    store.commit({ operations: [at('folded', 1, ['x']), at('folded', 2, [1, 'y']), at('folded', 3, [2, 'z'])], epochs: [] });
    store.compact({ id: 'folded', base: 2, baseText: 'xy', origin: 0 });
    await store.close();

    const db = new DatabaseSync(file);
    db.exec(change);
    db.close();
    const found = verifyStore(file).problems;
    assert.equal(found.length, problems.length, found.join('\n'));
    for (const [index, problem] of problems.entries()) assert.match(found[index] ?? '', problem);
  });

test('a verification of no database is refused', async () => {
  await using directory = await temporaryDirectory();
  assert.throws(() => verifyStore(directory.join('nothing.db')), { code: 'STORE_NOT_WRITABLE' });
});
