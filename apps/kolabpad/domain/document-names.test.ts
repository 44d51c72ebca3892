import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReadOnlyId, randomDocumentId } from './document-names.ts';

test('a random id has 96 bits or more of the alphabet of letters and digits', () => {
  const id = randomDocumentId((bytes) => crypto.getRandomValues(bytes));
  assert.match(id, /^[a-zA-Z0-9]+$/);
  assert.ok(id.length * Math.log2(62) >= 96, id);
});

test('a thousand random ids are all different', () => {
  const ids = Array.from({ length: 1_000 }, () => randomDocumentId((bytes) => crypto.getRandomValues(bytes)));
  assert.equal(new Set(ids).size, 1_000);
});

test('a byte beyond the last whole alphabet is dropped, not folded onto its beginning', () => {
  let round = 0;
  const id = randomDocumentId((bytes) => bytes.fill(round++ === 0 ? 255 : 61));
  assert.equal(id, '9'.repeat(17));
});

test('a read-only link is told from a document by its id', () => {
  assert.equal(isReadOnlyId('ro-abc'), true);
  assert.equal(isReadOnlyId('rocket'), false);
});
