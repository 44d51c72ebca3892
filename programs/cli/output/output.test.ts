import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Operation, Step } from '@berth/protocol';
import { readEnv } from '../env.ts';
import { createProgress } from './progress.ts';
import { bytes, duration } from './quantities.ts';
import { createStyle, fit, widthOf } from './style.ts';
import { renderTable } from './table.ts';
import { createTerminal } from './terminal.ts';

const durations = [
  [0, '0 ms'],
  [340, '340 ms'],
  [4_210, '4.2 s'],
  [80_000, '1 min 20 s'],
  [3_600_000, '1 h'],
  [11_100_000, '3 h 5 min'],
  [1_051_200_000, '12 d 4 h'],
] as const;
for (const [ms, text] of durations) test(`${ms} ms reads ${text}`, () => assert.equal(duration(ms), text));

const sizes = [
  [512, '512 B'],
  [1_536, '1.5 KiB'],
  [52_428_800, '50 MiB'],
  [1_073_741_824, '1.0 GiB'],
] as const;
for (const [count, text] of sizes) test(`${count} bytes read ${text}`, () => assert.equal(bytes(count), text));

const widths = [
  ['abc', 3],
  ['\x1b[32mabc\x1b[39m', 3],
  ['日本', 4],
  ['e\u0301', 1],
  ['🚢', 2],
  ['✓', 1],
] as const;
for (const [text, width] of widths)
  test(`${JSON.stringify(text)} takes ${width} columns`, () => assert.equal(widthOf(text), width));

test('what is too wide is cut at a letter', () => {
  assert.equal(fit('deployment', 7), 'deploy…');
  assert.equal(fit('日本語', 4), '日…');
  assert.equal(fit('short', 7), 'short');
});

test('columns are as wide as their widest cell, whatever its colour', () => {
  const style = createStyle(true);
  const lines = renderTable(
    {
      head: ['NAME', 'N'],
      rows: [
        [style.green('日本'), '1'],
        ['a', '10'],
      ],
      right: [1],
    },
    { style, width: 80 },
  );
  assert.deepEqual(
    lines.map((line) => stripVTControlCharacters(line)),
    ['NAME   N', '日本   1', 'a     10'],
  );
});

const step = (name: string, state: Step['state'], ms: number | null = null): Step => ({ name, state, ms, note: null });
const operation = (...steps: Step[]): Operation => ({
  ...{
    id: 1,
    app: 'shop',
    kind: 'deploy',
    state: 'running',
    by: 'ada',
    release: 2,
    createdAt: '',
    startedAt: null,
    finishedAt: null,
    error: null,
  },
  steps,
});
const terminalOn = (isTTY: boolean, variables: Record<string, string> = {}) => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()].map((stream) => Object.assign(stream, { isTTY, columns: 60 }));
  const streams = { stdin: process.stdin, stdout, stderr } as unknown as Parameters<typeof createTerminal>[1];
  return { terminal: createTerminal(readEnv(variables), streams), written: () => String(stderr?.read() ?? '') };
};

test('elsewhere than on a terminal each step is a line, once', () => {
  const { terminal, written } = terminalOn(false);
  const progress = createProgress(terminal, { json: false });
  progress.update(operation(step('build', 'running'), step('switch', 'pending')));
  progress.output(['compiling']);
  progress.update(operation(step('build', 'done', 1_200), step('switch', 'running')));
  progress.update(operation(step('build', 'done', 1_200), step('switch', 'failed', 3)));
  progress.end();
  assert.equal(written(), '    | compiling\n  ok     build                 1.2 s\n  FAILED switch                 3 ms\n');
});

test('on a terminal the steps are drawn over, and the last drawing stays', () => {
  const { terminal, written } = terminalOn(true);
  const progress = createProgress(terminal, { json: false, now: () => 0 });
  progress.update(operation(step('build', 'running'), step('switch', 'pending')));
  progress.output(['compiling \x1b[2J', 'linking']);
  progress.update(operation(step('build', 'done', 1_200), step('switch', 'done', 40)));
  progress.end();
  const drawings = written().split('\x1b[J');
  assert.match(drawings[1] ?? '', /compiling/);
  assert.doesNotMatch(drawings[1] ?? '', /\x1b\[2J/);
  assert.match(drawings[1] ?? '', /\x1b\[4A$/);
  assert.equal(
    stripVTControlCharacters(drawings.at(-1) ?? ''),
    '  ✓ build                 1.2 s\n  ✓ switch                40 ms\n',
  );
});

for (const variables of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
  test(`${Object.keys(variables)} switches moving lines and colours off`, () => {
    const { terminal, written } = terminalOn(true, variables);
    const progress = createProgress(terminal, { json: false });
    progress.update(operation(step('build', 'done', 5)));
    progress.end();
    assert.doesNotMatch(written() + terminal.style.red('x'), /\x1b/);
  });
}

test('with --json there is no progress', () => {
  const { terminal, written } = terminalOn(true);
  const progress = createProgress(terminal, { json: true });
  progress.update(operation(step('build', 'done', 5)));
  progress.note('x');
  progress.end();
  assert.equal(written(), '');
});
