/**
 * Each file in golden/ is a manifest, a dashed line, and what the CLI shows for it. To add a case, add a file with the first
 * two and run this test with UPDATE_GOLDEN=1, then read what it wrote.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseManifest } from './manifest/parse.ts';
import { renderProblems } from './manifest/problem.ts';

const DASHES = '\n--------\n';
const folder = join(import.meta.dirname, 'golden');

for (const name of readdirSync(folder)) {
  test(`golden/${name} is shown as expected`, () => {
    const file = join(folder, name);
    const [text = '', expected] = readFileSync(file, 'utf8').split(DASHES);
    assert.ok(expected !== undefined, 'the file has a dashed line');
    const result = parseManifest(text, { file: 'berth.yaml' });
    const shown = renderProblems(text, result.ok ? result.warnings : result.problems);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text + DASHES + shown);
    else assert.equal(shown, expected);
  });
}
