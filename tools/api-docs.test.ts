import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedDocs } from './generate-api-docs.ts';

for (const [path, text] of Object.entries(generatedDocs())) {
  test(`${path} is what the code says now`, () => {
    const committed = readFileSync(join(import.meta.dirname, '..', path), 'utf8');
    // Not assert.equal: the difference is better seen with git diff.
    assert.ok(committed === text, `${path} is out of date; run: node tools/generate-api-docs.ts`);
  });
}
