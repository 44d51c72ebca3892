import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderCheckTable } from './check-table.ts';
import { CHECKS } from './checks/list.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

const page = readFileSync(new URL('../../docs/hardening.md', import.meta.url), 'utf8');

test('docs/hardening.md has the table of the checks as they are (npm run docs)', () => {
  assert.ok(page.includes(renderCheckTable(CHECKS)));
});

test('docs/hardening.md names every setting with its default', () => {
  for (const [key, value] of Object.entries(DEFAULT_SETTINGS))
    assert.ok(page.includes(`| \`${key}\` | \`${JSON.stringify(value)}\` |`), `${key}: ${JSON.stringify(value)}`);
});
