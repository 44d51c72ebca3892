import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { acquireLock } from './lock.ts';

const holdElsewhere = async (file: string) => {
  const module = JSON.stringify(new URL('lock.ts', import.meta.url).href);
  const script = `const { acquireLock } = await import(${module}); globalThis.held = acquireLock(${JSON.stringify(file)}); console.log('held'); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
};

test('a lock is held by one process, which is named, and is free as soon as that is killed', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('lock.db');
  const other = await holdElsewhere(file);
  try {
    assert.throws(() => acquireLock(file), {
      code: 'HOME_LOCKED',
      fields: { file, pid: other.pid },
      message: new RegExp(`process ${other.pid}`),
    });
    // Having looked must not have taken anything away.
    assert.throws(() => acquireLock(file), { code: 'HOME_LOCKED' });
  } finally {
    other.kill('SIGKILL');
    await once(other, 'exit');
  }
  using _lock = acquireLock(file);
});

test('a process that holds the lock cannot lose it by asking again', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('lock.db');
  const lock = acquireLock(file);
  assert.throws(() => acquireLock(file), { code: 'HOME_LOCKED', fields: { file, pid: process.pid } });
  const script = `const { acquireLock } = await import(${JSON.stringify(new URL('lock.ts', import.meta.url).href)}); try { acquireLock(${JSON.stringify(file)}) } catch (e) { process.exit(e.code === 'HOME_LOCKED' ? 42 : 1) }`;
  const [code] = await once(spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }), 'exit');
  assert.equal(code, 42);
  lock.release();
  lock.release();
  const again = acquireLock(file);
  again.release();
});

test('a file that is no lock is told apart from a lock that is held', async () => {
  await using directory = await temporaryDirectory();
  writeFileSync(directory.join('lock.db'), 'x'.repeat(10_000));
  assert.throws(() => acquireLock(directory.join('lock.db')), { code: 'HOME_LOCK_FAILED' });
  assert.throws(() => acquireLock(directory.join('missing', 'lock.db')), { code: 'HOME_LOCK_FAILED' });
});
