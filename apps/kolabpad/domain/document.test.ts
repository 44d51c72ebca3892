import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { BadEdit, Document, type Edit, freshState, HISTORY_KEPT, isLargerThan, TooLarge } from './document.ts';
import { applyOperation, parseOperation } from './operation.ts';

const SIZE = 1_024;
const edit = (revision: number, operation: readonly unknown[], more: Partial<Edit> = {}): Edit => ({
  author: 0,
  revision,
  operation: parseOperation(operation),
  session: null,
  sequence: null,
  ...more,
});
/** The document with these inserts at its end, one after the other. */
const typed = (...texts: string[]): Document => {
  const document = new Document(freshState('d'));
  for (const text of texts)
    document.edit(edit(document.revision, document.text === '' ? [text] : [[...document.text].length, text]), SIZE);
  return document;
};

test('an edit of an older revision is transformed against everything since', () => {
  const document = typed('Hello', ' world');
  document.edit(edit(1, ['> ', 5]), SIZE);
  assert.equal(document.text, '> Hello world');
  assert.equal(document.entries.at(-1)?.json, '["> ",11]');
  assert.equal(document.revision, 3);
});

for (const { name, bad } of [
  { name: 'a revision ahead of the document', bad: edit(3, [5, 'x']) },
  { name: 'an operation for another length', bad: edit(1, [4, 'x']) },
  { name: 'an operation that does not fit the history', bad: edit(0, [7, 'x']) },
])
  test(`${name} is refused, and nothing has changed`, () => {
    const document = typed('Hello');
    assert.throws(() => document.edit(bad, SIZE), BadEdit);
    assert.deepEqual([document.text, document.revision, document.entries.length], ['Hello', 1, 1]);
  });

test('the same edit of the same session is taken once', () => {
  const document = new Document(freshState('d'));
  const once = edit(0, ['a'], { session: 's', sequence: 1 });
  assert.notEqual(document.edit(once, SIZE), null);
  assert.equal(document.edit(once, SIZE), null);
  assert.equal(document.text, 'a');
  assert.deepEqual(document.acknowledged('s'), { sequence: 1, revision: 1 });
});

test('what a session has sent is known again after loading, and numbers of users go on', () => {
  const document = new Document(freshState('d'));
  document.edit(edit(0, ['a'], { author: document.takeUserId(), session: 's', sequence: 4 }), SIZE);
  const { text, revision, base, baseText, origin, entries, language } = document;
  const loaded = new Document({ id: 'd', text, revision, base, baseText, origin, entries, language });
  assert.deepEqual(loaded.acknowledged('s'), { sequence: 4, revision: 1 });
  assert.equal(loaded.takeUserId(), 1);
});

test('size is counted in bytes of UTF-8, and a text that is too large may still shrink', () => {
  const document = typed('a'.repeat(SIZE - 3));
  assert.throws(() => document.edit(edit(1, [SIZE - 3, '😀']), SIZE), TooLarge);
  document.edit(edit(1, [SIZE - 3, 'é']), SIZE);
  assert.equal(document.revision, 2);
  document.edit(edit(2, [-1, SIZE - 3]), SIZE / 2);
  assert.equal(document.text.length, SIZE - 3);
});

for (const { text, bytes } of [
  { text: 'a', bytes: 1 },
  { text: 'é', bytes: 2 },
  { text: '😀', bytes: 4 },
])
  test(`${text} is larger than ${bytes - 1} bytes and not than ${bytes}`, () =>
    assert.deepEqual([isLargerThan(text, bytes - 1), isLargerThan(text, bytes)], [true, false]));

test('cursors move with the text, and never stand behind its end', () => {
  const document = typed('Hello');
  document.setCursors(1, { cursors: [2, 99], selections: [[1, 4]] });
  document.edit(edit(1, [1, 'xy', 4]), SIZE);
  assert.deepEqual(document.cursors.get(1), { cursors: [4, 7], selections: [[3, 6]] });
});

test('history that grows too long folds into the text before it, a little at a time', () => {
  const random = createRandom(7);
  const document = new Document(freshState('d'));
  let folds = 0;
  for (let count = 0; count < HISTORY_KEPT + 600; count += 1) {
    const length = document.text.length;
    const at = random.integer(0, length);
    const operation = length > 200 ? [at, -(length - at)] : [at, 'ab', length - at];
    document.edit(edit(document.revision, operation), SIZE);
    const plan = document.planFold();
    if (plan === null) continue;
    document.fold(plan);
    folds += 1;
  }
  assert.equal(folds, 2);
  assert.ok(document.entries.length <= HISTORY_KEPT + 250);
  assert.equal(document.base + document.entries.length, document.revision);
  const replayed = document.entries.reduce(
    (text, { json }) => applyOperation(text, parseOperation(JSON.parse(json))),
    document.baseText,
  );
  assert.equal(replayed, document.text);
  assert.throws(() => document.edit(edit(document.base - 1, ['x']), SIZE), BadEdit);
});

test('history of large operations folds to half of what is kept, and never what is typed upon', () => {
  const document = new Document(freshState('d'));
  const sizes: number[] = [];
  for (let count = 0; count < 60; count += 1) {
    const length = document.text.length;
    document.edit(edit(document.revision, length > 0 ? [-length] : ['x'.repeat(200_000)]), 1_000_000);
    const plan = document.planFold();
    if (plan !== null) document.fold(plan);
    sizes.push(document.entries.reduce((sum, { json }) => sum + json.length, 0));
  }
  assert.ok(Math.max(...sizes) <= 2_000_000, `${Math.max(...sizes)}`);
  assert.ok((sizes.at(-1) ?? 0) >= 800_000);
  assert.ok(document.entries.length >= 8);
});

test('a quiet document collapses to one operation for clients of the original', () => {
  const document = typed('Hello', ' world');
  assert.deepEqual(document.planCollapse(), { base: 2, baseText: 'Hello world', origin: 1 });
  const empty = typed('a');
  empty.edit(edit(1, [-1]), SIZE);
  assert.deepEqual(empty.planCollapse(), { base: 2, baseText: '', origin: 2 });
  assert.equal(new Document(freshState('d')).planCollapse(), null);
});
