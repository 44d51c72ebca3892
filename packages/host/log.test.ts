import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerthError } from '@berth/core';
import { createLogger } from './log.ts';

const recording = (level?: 'debug' | 'info' | 'warn') => {
  const lines: string[] = [];
  const log = createLogger({
    write: (line) => lines.push(line),
    now: () => new Date('2030-01-02T03:04:05.678Z'),
    bindings: { pid: 1 },
    ...(level === undefined ? {} : { level }),
  });
  return { lines, log };
};

test('a line is one JSON object with time, level, event, bindings and fields', () => {
  const { lines, log } = recording();
  log.child({ app: 'pad' }).info('deploy.finished', { durationMs: 12, text: 'two\nlines' });
  assert.deepEqual(lines, [
    '{"time":"2030-01-02T03:04:05.678Z","level":"info","event":"deploy.finished","pid":1,"app":"pad","durationMs":12,"text":"two\\nlines"}\n',
  ]);
});

for (const [level, expected] of [
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
] as const)
  test(`from level ${level} up ${expected} of 4 lines are written`, () => {
    const { lines, log } = recording(level);
    for (const write of [log.debug, log.info, log.child({}).warn, log.error]) write('x');
    assert.equal(lines.length, expected);
  });

test('an error is written with its code, its hint and its cause', () => {
  const { lines, log } = recording();
  const cause = new RangeError('too far');
  log.error('x', { error: new BerthError('SOME_CODE', 'what', { hint: 'do that', fields: { a: 1 }, cause }), count: 2n ** 60n });
  const { error, count } = JSON.parse(lines[0] ?? '');
  assert.equal(count, '1152921504606846976');
  assert.deepEqual([error.code, error.message, error.hint, error.fields], ['SOME_CODE', 'what', 'do that', { a: 1 }]);
  assert.deepEqual([error.cause.name, error.cause.message], ['RangeError', 'too far']);
  assert.match(error.stack, /log\.test\.ts/);
});
