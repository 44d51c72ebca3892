import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { readBuildInformation } from './index.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const OTHER = 'fedcba9876543210fedcba9876543210fedcba98';

const informationOf = async (files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = {}) => {
  await using directory = await temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory.path, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const program = path.join(directory.path, 'repository', 'apps', 'pad');
  await mkdir(program, { recursive: true });
  return readBuildInformation({ environment, directory: program });
};

test('version, revision and release are found', async () => {
  const files = { 'repository/apps/pad/package.json': '{"version":"1.2.3"}', 'repository/package.json': '{"version":"9.9.9"}' };
  assert.deepEqual(await informationOf(files, { BERTH_RELEASE: '42', VITE_SHA: SHA.toUpperCase() }), {
    version: '1.2.3',
    revision: '0123456',
    release: '42',
  });
});

for (const { name, files } of [
  { name: 'a branch', files: { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${SHA}\n` } },
  { name: 'a detached HEAD', files: { '.git/HEAD': `${SHA}\n` } },
  {
    name: 'a packed branch',
    files: {
      '.git/HEAD': 'ref: refs/heads/feature/x\n',
      '.git/packed-refs': `# pack-refs\n${OTHER} refs/heads/main\n${SHA} refs/heads/feature/x\n^${OTHER}\n`,
    },
  },
  {
    name: 'a worktree',
    files: {
      '.git': 'gitdir: ../main/.git/worktrees/w\n',
      '../main/.git/worktrees/w/HEAD': 'ref: refs/heads/w\n',
      '../main/.git/worktrees/w/commondir': '../..\n',
      '../main/.git/refs/heads/w': `${SHA}\n`,
    },
  },
])
  test(`the revision of ${name} is read without git`, async () => {
    const inRepository = Object.fromEntries(Object.entries(files).map(([file, text]) => [path.join('repository', file), text]));
    assert.equal((await informationOf(inRepository)).revision, '0123456');
  });

test('a variable goes before the repository, and one that is no revision does not count', async () => {
  const files = { 'repository/.git/HEAD': OTHER };
  assert.equal((await informationOf(files, { BUILD_SHA: SHA })).revision, '0123456');
  assert.equal((await informationOf(files, { BUILD_SHA: 'unknown', GIT_COMMIT: '' })).revision, 'fedcba9');
});

for (const [given, revision] of [
  ['3fa2c1d', '3fa2c1d'],
  ['3fa2c1d+', '3fa2c1d+'],
  [`${OTHER.toUpperCase()}+`, 'fedcba9+'],
  ['3fa2c1d++', '0123456'],
  ['3fa2c1+', '0123456'],
] as const)
  test(`of Berth's commit ${given} the revision is ${revision}`, async () => {
    const files = { 'repository/.git/HEAD': SHA };
    assert.equal((await informationOf(files, { BERTH_COMMIT: given })).revision, revision);
  });

test("a variable of the build goes before Berth's commit", async () => {
  assert.equal((await informationOf({}, { BERTH_COMMIT: OTHER, GIT_COMMIT: SHA })).revision, '0123456');
});

for (const head of ['', 'ref: refs/heads/unborn', 'ref: ../../secret', 'ref: refs/../../secret', 'not a sha'])
  test(`nothing is made up from a HEAD of ${JSON.stringify(head)} or a broken package.json`, async () => {
    const files = {
      'repository/.git/HEAD': head,
      secret: SHA,
      'repository/secret': SHA,
      'repository/apps/pad/package.json': '{',
    };
    const { revision } = await informationOf(files);
    assert.equal(revision, null);
  });
