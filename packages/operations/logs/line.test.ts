import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, parseLine } from './line.ts';

const cases: [text: string, level: string | null, atMs: number | null][] = [
  ['{"level":30,"time":1760000000000,"msg":"pino"}', 'info', 1_760_000_000_000],
  ['{"level":"error","ts":1760000000.5}', 'error', 1_760_000_000_500],
  ['{"severity":"WARNING","timestamp":"2026-01-02T03:04:05Z"}', 'warn', Date.parse('2026-01-02T03:04:05Z')],
  ['{"broken": ', null, null],
  ['2026-01-02 ERROR cannot open', 'error', null],
  ['Warning: something', 'warn', null],
  ['listening on 3000', null, null],
  ['terror in the informal garden', null, null],
];
for (const [text, level, atMs] of cases)
  test(`${text.slice(0, 40)} is ${level ?? 'of no level'}`, () => assert.deepEqual(parseLine(text), { level, atMs }));

test('a line without a level passes for info', () => {
  assert.deepEqual([isAtLeast(null, 'info'), isAtLeast(null, 'warn'), isAtLeast('error', 'warn')], [true, false, true]);
});
