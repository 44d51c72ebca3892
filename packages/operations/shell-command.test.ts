import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellCommand } from './shell-command.ts';

const cases: [run: string, takesTheShellsPlace: boolean][] = [
  ['node server.js', true],
  ['./bin/start --port "$PORT"', true],
  ['npm start', true],
  ['exec node server.js', false],
  ['FOO=1 node server.js', false],
  ['cd app && node server.js', false],
  ['node a.js | tee log', false],
  ['node a.js; node b.js', false],
  ['node a.js > log', false],
  ['$COMMAND --flag', false],
  ['. ./env', false],
  ['while true', false],
  ['(node a.js)', false],
  ['node a.js # comment', false],
];
for (const [run, takesTheShellsPlace] of cases) {
  test(`${run} ${takesTheShellsPlace ? 'takes the place of its shell' : 'is left to the shell'}`, () => {
    assert.deepEqual(shellCommand(run), ['/bin/sh', '-c', takesTheShellsPlace ? `exec ${run}` : run]);
  });
}
