import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { listSource } from './source-files.ts';
import type { SourceLayout } from './source-layout.ts';
import { packSource } from './sources.ts';

const tree = async (t: TestContext, files: Readonly<Record<string, string>>): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'berth-source-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
};

/** The source of an app that is no part of anything. */
const alone = (root: string): SourceLayout => ({ root, directory: '.', include: null });

const listed = async (root: string): Promise<string[]> => {
  const paths: string[] = [];
  for await (const file of listSource(alone(root), null)) if (file.kind !== 'directory') paths.push(file.path);
  return paths;
};

const unpacked = async (archive: Readable): Promise<{ headers: Header[]; texts: Record<string, string>; bytes: Buffer }> => {
  const bytes = await buffer(archive);
  const headers: Header[] = [];
  const texts: Record<string, string> = {};
  const entries = extract();
  entries.end(zstdDecompressSync(bytes));
  for await (const entry of entries) {
    headers.push(entry.header);
    texts[entry.header.name] = (await buffer(entry)).toString('utf8');
  }
  return { headers, texts, bytes };
};

const names = [
  'a.log',
  'keep.log',
  'b.txt',
  '.env',
  'trail',
  'tmp/x',
  'tmp/keep/y',
  'build/out.js',
  'sub/build/out.js',
  'sub/a.log',
  'sub/special.log',
  'sub/deep/a.txt',
  'sub/deep/b.txt',
  'sub/deep/build/z',
  'doc/a.md',
  'doc/x/b.md',
  'doc/x/y/c.md',
  'logs/one',
  'a/logs/two',
  'foo bar',
  'x!y',
  '#hash',
  '!bang',
  'q[1].txt',
  'q1.txt',
  'Case.TXT',
  'case.txt',
  'we*ird/file',
  'we*ird/other',
  'weXird/file',
  'sp ace/f.tmp',
  'sp ace/g.txt',
];
const ignoreFiles: { name: string; files: Record<string, string> }[] = [
  { name: 'a simple list', files: { '.gitignore': '*.log\n/build\n.env\n' } },
  { name: 'negation', files: { '.gitignore': '*.log\n!keep.log\n!special.log\n' } },
  { name: 'negation below an ignored directory', files: { '.gitignore': 'tmp/\n!tmp/keep/y\n' } },
  { name: 'a directory opened again entry by entry', files: { '.gitignore': 'tmp/*\n!tmp/keep/\n' } },
  { name: 'directories only', files: { '.gitignore': 'build/\ntrail/\n' } },
  { name: 'stars over directories', files: { '.gitignore': 'doc/**/*.md\n**/logs\n' } },
  { name: 'patterns with a slash in the middle', files: { '.gitignore': 'sub/build\ndeep/a.txt\n' } },
  { name: 'a nested file', files: { 'sub/.gitignore': '*.log\n/build\n' } },
  {
    name: 'a nested file that opens what the top ignores',
    files: { '.gitignore': '*.log\nbuild/\n', 'sub/.gitignore': '!special.log\n!build/\n' },
  },
  { name: 'three levels', files: { '.gitignore': '*.txt\n', 'sub/.gitignore': '!*.txt\n', 'sub/deep/.gitignore': '/b.txt\n' } },
  { name: 'comments, blank lines and escapes', files: { '.gitignore': '# a comment\n\n\\#hash\n\\!bang\nq\\[1\\].txt\n' } },
  { name: 'classes and question marks', files: { '.gitignore': 'q[0-9].txt\n?.txt\n' } },
  { name: 'names that differ in case', files: { '.gitignore': 'case.txt\n' } },
  { name: 'trailing spaces', files: { '.gitignore': 'b.txt   \nfoo\\ bar\n' } },
  { name: 'Windows line ends', files: { '.gitignore': '*.log\r\n/build\r\n' } },
  { name: 'a directory whose name has a star', files: { 'we*ird/.gitignore': 'file\n' } },
  { name: 'a directory whose name has a space', files: { 'sp ace/.gitignore': '*.tmp\n!/f.tmp\n/g.txt\n' } },
  { name: 'everything but', files: { '.gitignore': '/*\n!/sub\n/sub/*\n!/sub/deep\n' } },
];
for (const { name, files } of ignoreFiles) {
  test(`${name}: the same files as git takes`, async (t) => {
    const root = await tree(t, { ...Object.fromEntries(names.map((path) => [path, path])), ...files });
    const git = (...argv: string[]) =>
      execFileSync('git', ['-c', 'core.excludesFile=/dev/null', '-c', 'core.quotePath=off', ...argv], {
        cwd: root,
        encoding: 'utf8',
      });
    git('init', '--quiet');
    const expected = git('ls-files', '--others', '--cached', '--exclude-standard', '-z').split('\0').filter(Boolean);
    assert.deepEqual((await listed(root)).sort(), expected.sort());
  });
}

test('.berthignore has the last word', async (t) => {
  const root = await tree(t, {
    '.gitignore': 'dist/\n',
    '.berthignore': '!dist/\n*.psd\n',
    'dist/a.js': '',
    'logo.psd': '',
    'berth.yaml': '',
  });
  assert.deepEqual(await listed(root), ['.berthignore', '.gitignore', 'berth.yaml', 'dist/a.js']);
});

test('history and installed packages stay behind at any depth, whatever the files say', async (t) => {
  const root = await tree(t, {
    '.gitignore': '!node_modules\n',
    '.git/HEAD': '',
    'node_modules/a/b': '',
    'sub/node_modules/c': '',
    'sub/d': '',
  });
  assert.deepEqual(await listed(root), ['.gitignore', 'sub/d']);
});

test('the manifest comes along even when it is ignored', async (t) => {
  const root = await tree(t, { '.gitignore': '*.yaml\n', 'berth.yaml': '', 'other.yaml': '' });
  assert.deepEqual(await listed(root), ['.gitignore', 'berth.yaml']);
});

test("the platform's own home is no part of an app", async (t) => {
  const root = await tree(t, { 'berth.yaml': '', 'state/journal.db': '' });
  const paths: string[] = [];
  for await (const { path } of listSource(alone(root), join(root, 'state'))) paths.push(path);
  assert.deepEqual(paths, ['berth.yaml']);
});

test('the same files give the same bytes, whenever they were written', async (t) => {
  const files = { 'berth.yaml': 'app: a\n', 'b/c.txt': 'c', 'a.txt': 'a', 'b.txt': 'b', 'ä.txt': 'ä' };
  const [one, two] = [await tree(t, files), await tree(t, Object.fromEntries(Object.entries(files).reverse()))];
  await utimes(join(two, 'a.txt'), 1, 2);
  const [first, second] = [
    await unpacked(packSource(alone(one), { except: null })),
    await unpacked(packSource(alone(two), { except: null })),
  ];
  assert.deepEqual(first.bytes, second.bytes);
  assert.deepEqual(
    first.headers.map(({ name }) => name),
    ['a.txt', 'b/', 'b/c.txt', 'b.txt', 'berth.yaml', 'ä.txt'],
  );
  assert.ok(first.headers.every(({ mtime, uid, gid }) => mtime?.getTime() === 0 && uid === 0 && gid === 0));
});

test('texts, permissions and links inside arrive as they were', async (t) => {
  const large = 'x'.repeat(700_000);
  const root = await tree(t, { 'run.sh': '#!/bin/sh\n', 'lib/a': 'a', empty: '', large });
  await chmod(join(root, 'run.sh'), 0o750);
  await symlink('lib/a', join(root, 'link'));
  await symlink('../run.sh', join(root, 'lib/up'));
  await symlink('lib', join(root, 'directory-link'));
  await symlink('gone', join(root, 'dangling'));
  const { headers, texts } = await unpacked(packSource(alone(root), { except: null }));
  const found = Object.fromEntries(headers.map((header) => [header.name, header]));
  assert.equal(found['run.sh']?.mode, 0o750);
  const links = headers.filter(({ type }) => type === 'symlink').map(({ name, linkname }) => [name, linkname]);
  assert.deepEqual(links, [
    ['dangling', 'gone'],
    ['directory-link', 'lib'],
    ['lib/up', '../run.sh'],
    ['link', 'lib/a'],
  ]);
  assert.deepEqual([texts.large?.length, texts.empty, texts['lib/a']], [700_000, '', 'a']);
});

for (const target of ['/etc/passwd', '../secret', 'sub/../../secret', '..']) {
  test(`a link to ${target} is refused`, async (t) => {
    const root = await tree(t, { 'berth.yaml': '' });
    await symlink(target, join(root, 'link'));
    await assert.rejects(buffer(packSource(alone(root), { except: null })), { code: 'SOURCE_LINK_OUTSIDE' });
  });
}

test('a link outside that is ignored disturbs nobody', async (t) => {
  const root = await tree(t, { '.berthignore': 'link\n' });
  await symlink('/etc/passwd', join(root, 'link'));
  assert.deepEqual(await listed(root), ['.berthignore']);
});

test('a file that cannot be read is named', { skip: process.getuid?.() === 0 ? 'root reads everything' : false }, async (t) => {
  const root = await tree(t, { locked: '' });
  await chmod(join(root, 'locked'), 0);
  await assert.rejects(buffer(packSource(alone(root), { except: null })), { code: 'CLI_FILE_UNREADABLE' });
});

test('a reader that goes away ends the packing', async (t) => {
  const root = await tree(t, Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, 'x'.repeat(100_000)])));
  const archive = packSource(alone(root), { except: null });
  archive.once('data', () => archive.destroy());
  await new Promise((resolve) => archive.once('close', resolve));
});
