import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { runTestFile } from './test-file.ts';
import { totalsOf } from './test-result.ts';

const directory = await mkdtemp(path.join(tmpdir(), 'berth-runner-'));
after(() => rm(directory, { recursive: true }));

const run = async (body: string, timeoutMs = 20_000) => {
  const file = path.join(directory, 'sample.test.mjs');
  await writeFile(file, `import { describe, it, test, before } from 'node:test';\nimport assert from 'node:assert';\n${body}`);
  const { results } = await runTestFile(directory, file, { timeoutMs, leaveGraceMs: 300 });
  return {
    ...totalsOf(results),
    failures: results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name),
    results,
  };
};

const TABLE = [
  { what: 'tests count, suites do not', body: `describe('s', () => { it('a', () => {}); it('b', () => {}) })`, passed: 2 },
  {
    what: 'a test with tests inside counts as those',
    body: `test('p', async (t) => { await t.test('a', () => {}); await t.test('b', () => {}) })`,
    passed: 2,
  },
  {
    what: 'a failure inside counts once',
    body: `describe('s', () => { it('a', () => assert.fail('x')); it('b', () => {}) })`,
    passed: 1,
    failures: ['a'],
  },
  {
    what: 'a parent that fails by itself counts',
    body: `test('p', async (t) => { await t.test('a', () => {}); throw new Error('x') })`,
    passed: 1,
    failures: ['p'],
  },
  {
    what: 'a skip with a reason is a skip',
    body: `test('a', () => {}); test('b', { skip: 'no such thing here' }, () => {})`,
    passed: 1,
    skipped: 1,
  },
  { what: 'a skip without a reason is a failure', body: `test('a', { skip: true }, () => {})`, failures: ['a'] },
  { what: 'a file without tests is a failure', body: '', failures: ['the file as a whole'] },
  {
    what: 'a file with nothing but an empty suite is a failure',
    body: `describe('s', () => {})`,
    failures: ['the file as a whole'],
  },
  {
    what: 'a file that ends in the middle is a failure',
    body: `test('a', () => {}); test('b', async () => { await new Promise((done) => setTimeout(done, 200)); process.exit(0) })`,
    passed: 1,
    failures: ['the file as a whole'],
  },
  {
    what: 'a file that crashes is a failure',
    body: `test('a', () => process.kill(process.pid, 'SIGKILL'))`,
    failures: ['the file as a whole'],
  },
];

for (const { what, body, passed = 0, skipped = 0, failures = [] } of TABLE) {
  test(what, async () => {
    const seen = await run(body);
    assert.deepEqual({ passed: seen.passed, skipped: seen.skipped, failures: seen.failures }, { passed, skipped, failures });
  });
}

test('an error that comes after its test has ended is a failure, and is told', async () => {
  const { failures, results } = await run(`test('a', () => { setTimeout(() => { throw new Error('too late') }, 20) })`);
  assert.deepEqual(failures, ['the file as a whole']);
  assert.match(results.at(-1)?.detail ?? '', /too late/);
});

test('a file that hangs is ended and is a failure', async () => {
  const { failures, results } = await run(`test('a', () => {}); setInterval(() => {}, 1000)`, 1_500);
  assert.deepEqual(failures, ['the file as a whole']);
  assert.match(results.at(-1)?.detail ?? '', /after 1\.5 s/);
});

test('a process that outlives its test file is ended and is a failure', async () => {
  const pidFile = path.join(directory, 'left.pid');
  const { failures } = await run(`
    import { spawn } from 'node:child_process';
    import { writeFileSync } from 'node:fs';
    test('a', () => {
      const left = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
      left.unref();
      writeFileSync(${JSON.stringify(pidFile)}, String(left.pid));
    });`);
  assert.deepEqual(failures, ['leaves no process behind']);
  const state = await readFile(`/proc/${await readFile(pidFile, 'utf8')}/stat`, 'utf8').catch(() => 'gone');
  assert.match(state, /^gone$|\) Z /);
});
