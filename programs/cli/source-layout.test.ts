import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listSource } from './source-files.ts';
import { placeIn, planSource } from './source-layout.ts';

const files = {
  'package.json': '{}',
  'package-lock.json': '{}',
  '.gitignore': 'dist/\n*.log\n',
  'README.md': 'all of it',
  'packages/kit/index.ts': 'export {}',
  'packages/kit/debug.log': 'noise',
  'packages/kit/dist/index.js': 'built',
  'packages/kit/node_modules/a/b.js': 'installed',
  'packages/other/index.ts': 'export {}',
  'apps/.gitignore': '/pad/local.json\n',
  'apps/pad/berth.yaml': 'app: pad\n',
  'apps/pad/main.ts': 'serve()',
  'apps/pad/local.json': 'mine alone',
  'apps/blog/main.ts': 'serve()',
};

const repository = async (t: TestContext, more: Readonly<Record<string, string>> = {}): Promise<string> => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'berth-repository-')));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ ...files, ...more })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
};

type Source = { root: string; include: readonly string[] | null };

const sent = async (directory: string, source?: Source): Promise<string[]> => {
  const paths: string[] = [];
  const layout = await planSource(directory, source === undefined ? {} : { source });
  for await (const file of listSource(layout, null)) if (file.kind !== 'directory') paths.push(file.path);
  return paths;
};

const kit: Source = { root: '../..', include: ['package.json', 'package-lock.json', 'packages/kit'] };

test('without `source` the directory of the app is the whole source', async (t) => {
  const root = await repository(t);
  assert.deepEqual(await sent(join(root, 'apps/pad')), ['berth.yaml', 'local.json', 'main.ts']);
});

test('what is included keeps its place, by the ignore rules from the root down, and nothing else comes along', async (t) => {
  const root = await repository(t);
  assert.deepEqual(await sent(join(root, 'apps/pad'), kit), [
    'apps/pad/berth.yaml',
    'apps/pad/main.ts',
    'package-lock.json',
    'package.json',
    'packages/kit/index.ts',
  ]);
});

test('directories on the way are sent once, and only those', async (t) => {
  const root = await repository(t);
  const directories: string[] = [];
  const layout = await planSource(join(root, 'apps/pad'), { source: kit });
  for await (const file of listSource(layout, null)) if (file.kind === 'directory') directories.push(file.path);
  assert.deepEqual(directories, ['apps', 'apps/pad', 'packages', 'packages/kit']);
});

test('without `include` it is the whole repository', async (t) => {
  const root = await repository(t);
  const paths = await sent(join(root, 'apps/pad'), { root: '../..', include: null });
  assert.deepEqual(paths, [
    '.gitignore',
    'README.md',
    'apps/.gitignore',
    'apps/blog/main.ts',
    'apps/pad/berth.yaml',
    'apps/pad/main.ts',
    'package-lock.json',
    'package.json',
    'packages/kit/index.ts',
    'packages/other/index.ts',
  ]);
});

test('an app at the root, or of nothing else, is possible', async (t) => {
  const root = await repository(t, { 'berth.yaml': '' });
  const top = await planSource(root, { source: { root: '.', include: ['packages/kit'] } });
  assert.equal(top.directory, '.');
  assert.equal(placeIn(top, 'packages/other/index.ts'), 'inside', 'the own directory of the app is everything');
  assert.deepEqual(await sent(join(root, 'apps/pad'), { root: '..', include: [] }), ['pad/berth.yaml', 'pad/main.ts']);
});

test('the manifest comes along even when it is ignored', async (t) => {
  const root = await repository(t, { 'apps/.gitignore': '*.yaml\n' });
  assert.ok((await sent(join(root, 'apps/pad'), kit)).includes('apps/pad/berth.yaml'));
});

test('a link to the directory of the app does not change where its repository is', async (t) => {
  const root = await repository(t);
  const elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'berth-elsewhere-')));
  t.after(() => rm(elsewhere, { recursive: true, force: true }));
  await symlink(join(root, 'apps/pad'), join(elsewhere, 'pad'));
  const { root: found, directory } = await planSource(join(elsewhere, 'pad'), { source: kit });
  assert.deepEqual([found, directory], [root, 'apps/pad']);
});

test('the top of the file system is no repository', async (t) => {
  const root = await repository(t);
  const source = { root: Array(15).fill('..').join('/'), include: null };
  await assert.rejects(planSource(root, { source }), { code: 'SOURCE_ROOT_INVALID' });
});

const refused = [
  {
    name: 'a name that is not there',
    include: ['packages/kit', 'packages/gone', 'nowhere'],
    error: { code: 'SOURCE_INCLUDE_MISSING', fields: ['packages/gone', 'nowhere'] },
  },
  { name: 'a pattern', include: ['packages/*'], error: { code: 'SOURCE_INCLUDE_MISSING', fields: ['packages/*'] } },
  {
    name: 'something below a link',
    include: ['linked/kit'],
    error: { code: 'SOURCE_INCLUDE_MISSING', fields: ['linked/kit'] },
  },
  {
    name: 'what is ignored, itself or above',
    include: ['packages/kit/debug.log', 'packages/kit/dist/index.js', 'packages/kit/node_modules'],
    error: {
      code: 'SOURCE_INCLUDE_IGNORED',
      fields: ['packages/kit/debug.log', 'packages/kit/dist/index.js', 'packages/kit/node_modules'],
    },
  },
];
for (const { name, include, error } of refused) {
  test(`${name} in \`include\` is refused with every such name`, async (t) => {
    const root = await repository(t);
    await symlink('packages', join(root, 'linked'));
    await assert.rejects(planSource(join(root, 'apps/pad'), { source: { root: '../..', include } }), {
      code: error.code,
      fields: { root, paths: error.fields },
    });
  });
}

test('an app that its repository ignores is refused', async (t) => {
  const root = await repository(t, { '.gitignore': '/apps/pad/\n' });
  await assert.rejects(planSource(join(root, 'apps/pad'), { source: kit }), {
    code: 'SOURCE_INCLUDE_IGNORED',
    fields: { root, paths: ['apps/pad'] },
  });
});

test('a link to what is sent too is kept; one to the rest of the repository says what to include', async (t) => {
  const root = await repository(t);
  await symlink('../../packages/kit', join(root, 'apps/pad/kit'));
  assert.ok((await sent(join(root, 'apps/pad'), kit)).includes('apps/pad/kit'));
  await symlink('../../README.md', join(root, 'apps/pad/README.md'));
  await assert.rejects(sent(join(root, 'apps/pad'), kit), {
    code: 'SOURCE_LINK_OUTSIDE',
    hint: /add README\.md to source\.include/,
  });
});
