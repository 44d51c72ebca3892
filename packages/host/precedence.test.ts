import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

const program = `
  const { takePrecedence } = await import(process.argv[1]);
  takePrecedence();
  process.stdout.write((await import('node:fs')).readFileSync('/proc/self/autogroup', 'utf8'));
`;
const module = new URL('./precedence.ts', import.meta.url).href;

/** In a session of its own. `before`: what takes its place first. */
const nicenessOfSession = (...before: readonly string[]): number => {
  const [command = '', ...words] = [
    'setsid',
    '--wait',
    ...before,
    process.execPath,
    '--input-type=module',
    '-e',
    program,
    module,
  ];
  return Number(/nice (-?\d+)/.exec(execFileSync(command, words, { encoding: 'utf8' }))?.[1]);
};

const mayAsk = process.getuid?.() === 0;
const skip = existsSync('/proc/self/autogroup') ? false : 'this kernel shares cores out without regard to sessions';

test('the session of root goes before others', { skip: skip || (mayAsk ? false : 'only root may go before others') }, () => {
  assert.equal(nicenessOfSession(), -10);
});

test('where it is not allowed, nothing is changed and nothing fails', { skip }, () => {
  const unprivileged = mayAsk ? ['setpriv', '--bounding-set=-sys_nice'] : [];
  assert.equal(nicenessOfSession(...unprivileged), 0);
});
