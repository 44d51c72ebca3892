import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { coverage } from './coverage.ts';
import { rules } from './rules.ts';

const ids = rules.map(({ id }) => id);

/** Names of tests that make a fault for real: they begin with the rules that must tell it, and a colon. */
const faulted = new Set(
  globSync('faults/*.real.test.ts', { cwd: import.meta.dirname })
    .flatMap((file) => [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/\btest\(\s*'([a-z, -]+): /g)])
    .flatMap(([, names = '']) => names.split(', ')),
);

test('every rule has an id of its own, in words with hyphens', () => {
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[a-z]+(-[a-z]+)+$/);
});

test('every rule has a test that makes its fault for real, and there is no such test without a rule', () => {
  assert.deepEqual(
    ids.filter((id) => !faulted.has(id)),
    [],
  );
  assert.deepEqual(
    [...faulted].filter((id) => !ids.includes(id)),
    [],
  );
});

test('every row of the troubleshooting tables is answered by rules that there are', () => {
  assert.deepEqual(
    coverage.map(({ guide }) => guide).filter((guide, index, all) => all.indexOf(guide) === index),
    ['Kolabpad', 'Bluejay'],
  );
  assert.equal(coverage.length, 26);
  for (const { row, rules: by } of coverage) {
    assert.ok(by.length > 0, row);
    assert.deepEqual(
      by.filter((id) => !ids.includes(id)),
      [],
      row,
    );
  }
});
