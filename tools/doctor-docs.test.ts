import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderDoctorDocs } from './generate-doctor-docs.ts';

test('docs/doctor.md is what the rules say now', () => {
  const committed = readFileSync(join(import.meta.dirname, '../docs/doctor.md'), 'utf8');
  // Not assert.equal: the difference is better seen with git diff.
  assert.ok(committed === renderDoctorDocs(), 'docs/doctor.md is out of date; run: node tools/generate-doctor-docs.ts');
});
