import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { leaksIn, leaksInFiles, leaksInProcesses } from './leaks.ts';

const VALUE = 'pq+3/Zx "leak"? 7f~';
const secrets = new Map([['KEY', VALUE]]);

for (const { name, text } of [
  { name: 'as it is', text: `key=${VALUE};` },
  { name: 'in an address', text: `/?key=${encodeURIComponent(VALUE)}` },
  { name: 'in JSON', text: JSON.stringify({ key: VALUE }) },
  { name: 'as hexadecimal digits', text: Buffer.from(VALUE).toString('hex') },
  ...['', 'a', 'ab', 'user:'].flatMap((before) => [
    { name: `in base64 behind "${before}"`, text: Buffer.from(`${before}${VALUE} and more`).toString('base64') },
    { name: `in base64 for addresses behind "${before}"`, text: Buffer.from(`${before}${VALUE}`).toString('base64url') },
  ]),
])
  test(`a value is found ${name}`, () => assert.deepEqual(leaksIn('there', text, secrets), ['there: KEY']));

test('what is only alike is none', () => assert.deepEqual(leaksIn('there', VALUE.slice(1), secrets), []));

test('a value is found in a file between bytes of a database, unless it has to be there', async () => {
  await using directory = await temporaryDirectory();
  const path = directory.join('deep', 'a.db');
  mkdirSync(directory.join('deep'));
  writeFileSync(path, Buffer.concat([Buffer.alloc(5_000, 0xff), Buffer.from(VALUE), Buffer.alloc(9)]));
  assert.deepEqual(leaksInFiles(directory.path, secrets), { leaks: [`${path}: KEY`], files: 1 });
  assert.deepEqual(
    leaksInFiles(directory.path, secrets, (it) => it === path),
    { leaks: [], files: 0 },
  );
});

test('a value is found on a command line, and in the environment of whoever may not know it', async () => {
  const child = spawn('sleep', ['60'], { env: { KEY: VALUE, OWN: 'yes' }, argv0: `sleep ${VALUE}`, stdio: 'ignore' });
  try {
    await once(child, 'spawn');
    const words = `command line of ${child.pid}: KEY`;
    assert.deepEqual(
      leaksInProcesses(secrets, () => false),
      [words, `environment of ${child.pid} (sleep): KEY`],
    );
    assert.deepEqual(
      leaksInProcesses(secrets, (environment) => environment.includes('OWN=yes')),
      [words],
    );
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
