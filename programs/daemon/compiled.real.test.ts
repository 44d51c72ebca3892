import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const MODULE = join(import.meta.dirname, 'compiled.ts');
const DAEMON = join(import.meta.dirname, 'main.ts');
const FLAG = '--max-semi-space-size=1';

/** Says what it is and whether Node's compiler of types is in its memory. */
const PROGRAM = `
import { startAgainIfCompiled } from ${JSON.stringify(MODULE)};
startAgainIfCompiled();
const compiler: boolean = process.moduleLoadList.some((name: string) => name.includes('amaro'));
console.log(JSON.stringify({ pid: process.pid, args: process.argv.slice(2), flags: process.execArgv, compiler }));
`;

type Said = {
  readonly pid: number;
  readonly args: readonly string[];
  readonly flags: readonly string[];
  readonly compiler: boolean;
};

test('what had to be compiled is compiled by a process that makes place for one without the compiler', async (t) => {
  const { run, program } = await scratch(t);
  const first = await run([FLAG, program, 'word']);
  assert.deepEqual(said(first), { pid: first.pid, args: ['word', '--compiled'], flags: [FLAG], compiler: false });
  assert.equal(first.stderr, '');
});

test('what is compiled already starts once, until it is changed', async (t) => {
  const { run, program } = await scratch(t);
  await run([FLAG, program]);
  assert.deepEqual(said(await run([FLAG, program])).args, []);
  await appendFile(program, '// an update\n');
  assert.deepEqual(said(await run([FLAG, program])).args, ['--compiled']);
  assert.deepEqual(said(await run([FLAG, program])).args, []);
});

test('without a place for compiled code a program starts once', async (t) => {
  const { run, program } = await scratch(t);
  assert.deepEqual(said(await run([program], {})).args, []);
  // No directory can be made below a file.
  assert.deepEqual(said(await run([program], { NODE_COMPILE_CACHE: join(program, 'cache') })).args, []);
});

test('the daemon that compiles fails once, with its own error and nothing else', async (t) => {
  const { run, environment } = await scratch(t);
  const { stderr, code } = await run([DAEMON], { ...environment, HOME: '/nonexistent', BERTH_SETTINGS: 'no JSON' });
  assert.equal(code, 1);
  const lines = stderr.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    ['daemon.failed'],
  );
});

const said = ({ stdout }: { stdout: string }): Said => JSON.parse(stdout) as Said;

/** A program, a place for its compiled code, and nothing else. */
const scratch = async (t: TestContext) => {
  const directory = await mkdtemp(join(tmpdir(), 'berth-compiled-'));
  t.after(() => rm(directory, { recursive: true }));
  const program = join(directory, 'program.ts');
  await writeFile(program, PROGRAM);
  const environment = { NODE_COMPILE_CACHE: join(directory, 'cache') };
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = environment) =>
    new Promise<{ pid: number | undefined; code: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(process.execPath, [...args], { env, timeout: 60_000 }, (_error, stdout, stderr) =>
        resolve({ pid: child.pid, code: child.exitCode, stdout, stderr }),
      );
    });
  return { run, program, environment };
};
