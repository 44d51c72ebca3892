import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Commit, formatCommit } from '@berth/core';
import { temporaryDirectory } from '@berth/testing';
import { readEnv } from './env.ts';
import { findCommit } from './source-commit.ts';
import { planSource } from './source-layout.ts';

const FILES = {
  '.gitignore': '*.log\n',
  'kit/index.js': 'kit',
  'other/index.js': 'other',
  'apps/shop/berth.yaml': '',
  'apps/shop/server.js': 'code',
  'apps/shop/notes/plan.md': 'plan',
  'apps/shop/.berthignore': '/notes/\n/berth.yaml\n',
};
const KIT = { root: '../..', include: ['kit', '.gitignore'] };
// Whoever runs the tests may have settings that change what git says.
const variables: Readonly<Record<string, string | undefined>> = {
  ...readEnv().variables,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};

const write = async (root: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
};

const openRepository = async (t: TestContext) => {
  const directory = await temporaryDirectory();
  t.after(() => directory[Symbol.asyncDispose]());
  const root = join(directory.path, 'repository');
  await write(root, FILES);
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.org', ...words], {
      cwd: root,
      env: variables,
      encoding: 'utf8',
    }).trim();
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  const app = join(root, 'apps/shop');
  const find = async (more: { source?: typeof KIT; variables?: Record<string, string> } = {}): Promise<Commit | null> =>
    findCommit(await planSource(app, more.source ? { source: more.source } : {}), {
      variables: { ...variables, ...more.variables },
    });
  return { root, app, git, find, head: () => git('rev-parse', 'HEAD') };
};

test('the commit of a directory without changes', async (t) => {
  const { find, head } = await openRepository(t);
  assert.deepEqual(await find(), { hash: head(), dirty: false });
});

for (const [name, change, dirty] of [
  ['a changed file', { 'apps/shop/server.js': 'changed' }, true],
  ['a new file', { 'apps/shop/new.js': '' }, true],
  ['a new directory', { 'apps/shop/new/deep/a.js': '' }, true],
  ['a name that is a pattern', { 'apps/shop/[a]*.js': '' }, true],
  ['a changed manifest, which is always sent', { 'apps/shop/berth.yaml': 'app: shop' }, true],
  ['a change in what is included', { 'kit/index.js': 'changed' }, true],
  ['a change that is not sent', { 'other/index.js': 'changed', 'other/new.js': '' }, false],
  ['what git ignores', { 'apps/shop/x.log': '', 'kit/x.log': '' }, false],
  ['what .berthignore keeps back', { 'apps/shop/notes/plan.md': 'changed', 'apps/shop/notes/new.md': '' }, false],
  ['installed packages', { 'apps/shop/node_modules/a/index.js': '' }, false],
] as const)
  test(`${name} ${dirty ? 'makes a difference' : 'makes none'}`, async (t) => {
    const { root, find, head } = await openRepository(t);
    await write(root, change);
    assert.deepEqual(await find({ source: KIT }), { hash: head(), dirty });
  });

test('a file that was removed, renamed or only staged makes a difference', async (t) => {
  const { app, git, find } = await openRepository(t);
  const isDirty = async () => (await find())?.dirty;
  await rename(join(app, 'server.js'), join(app, 'main.js'));
  assert.equal(await isDirty(), true);
  git('add', '.');
  assert.equal(await isDirty(), true);
  git('commit', '--quiet', '--message', 'second');
  assert.equal(await isDirty(), false);
  await rm(join(app, 'main.js'));
  assert.equal(await isDirty(), true);
});

test('an app that stands alone looks at itself only', async (t) => {
  const { root, find, head } = await openRepository(t);
  await write(root, { 'kit/index.js': 'changed' });
  assert.deepEqual(await find(), { hash: head(), dirty: false });
});

test('a worktree has a commit of its own', async (t) => {
  const { root, git, find, head } = await openRepository(t);
  const first = head();
  await write(root, { 'apps/shop/server.js': 'second' });
  git('commit', '--quiet', '--all', '--message', 'second');
  git('worktree', 'add', '--quiet', '../tree', first);
  const there = await findCommit(await planSource(join(root, '../tree/apps/shop'), {}), { variables });
  assert.deepEqual(
    [there, await find()],
    [
      { hash: first, dirty: false },
      { hash: head(), dirty: false },
    ],
  );
});

test('a hook of another repository does not lend its own', async (t) => {
  const { find, head } = await openRepository(t);
  const other = await openRepository(t);
  await write(other.root, { 'apps/shop/server.js': 'other' });
  other.git('commit', '--quiet', '--all', '--message', 'other');
  const hook = { GIT_DIR: join(other.root, '.git'), GIT_WORK_TREE: other.root };
  assert.notEqual(head(), other.head());
  assert.deepEqual(await find({ variables: hook }), { hash: head(), dirty: false });
});

test('without a repository, a commit or the app in it there is none', async (t) => {
  const { root, git, find } = await openRepository(t);
  await write(root, { 'apps/blog/berth.yaml': '' });
  assert.equal(await findCommit(await planSource(join(root, 'apps/blog'), {}), { variables }), null);
  git('update-ref', '-d', 'HEAD');
  assert.equal(await find(), null);
  await rm(join(root, '.git'), { recursive: true });
  assert.equal(await find(), null);
});

test('without git, or with one that fails, there is none', async (t) => {
  const { root, find, head } = await openRepository(t);
  const bin = join(root, '../bin');
  assert.equal(await find({ variables: { PATH: bin } }), null);
  await write(bin, { git: '#!/bin/sh\necho "fatal: detected dubious ownership in repository" >&2\nexit 128\n' });
  await chmod(join(bin, 'git'), 0o755);
  assert.equal(await find({ variables: { PATH: [bin, variables.PATH].join(delimiter) } }), null);
  assert.equal((await find())?.hash, head());
});

test('a commit is read by its first seven digits', () => {
  const hash = '3fa2c1d4e5f60718293a4b5c6d7e8f9001122334';
  assert.deepEqual([formatCommit({ hash, dirty: false }), formatCommit({ hash, dirty: true })], ['3fa2c1d', '3fa2c1d+']);
});
