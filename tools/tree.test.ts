/** What holds for every file of the repository. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { readText, repositoryFiles, ROOT } from './source-tree.ts';

const LONGEST_FILE_LINES = 450;

const files = repositoryFiles();
const isText = (file: string): boolean => !/\.(?:png|jpe?g|gif|ico|webp|woff2?|pem|db|gz|br)$/.test(file);

test('no file is a drawer', () => {
  const drawers = files.filter((file) => /^(?:utils?|helpers?|common|misc|shared|lib)(?:\.|$)/.test(path.basename(file)));
  const folders = files.filter((file) =>
    path
      .dirname(file)
      .split('/')
      .some((folder) => /^(?:utils?|helpers?|common|misc)$/.test(folder)),
  );
  assert.deepEqual([...drawers, ...folders], []);
});

test(`no source is longer than ${LONGEST_FILE_LINES} lines, unless a program wrote it`, () => {
  const long = files
    .filter((file) => /\.(?:ts|js|lua|sh)$/.test(file))
    .map((file) => ({ file, text: readText(file) }))
    .filter(({ text }) => !/\bgenerated\b/i.test(text.slice(0, text.indexOf('\n'))))
    .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LONGEST_FILE_LINES);
  assert.deepEqual(long, []);
});

test('no file names a package registry', () => {
  const configured = execFileSync('npm', ['config', 'get', 'registry', '--loglevel=silent'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
  // Put together here, so that this file does not name them either.
  const known = [
    ['registry', 'npmjs', 'org'],
    ['registry', 'yarnpkg', 'com'],
    ['npm', 'pkg', 'github', 'com'],
  ].map((words) => words.join('.'));
  const hosts = [...known, URL.canParse(configured) ? new URL(configured).host : ''].filter((host) => host !== '');
  const wrong = files.filter(isText).flatMap((file) => {
    const text = readText(file);
    return hosts.filter((host) => text.includes(host)).map((host) => `${file}: ${host}`);
  });
  assert.deepEqual(wrong, []);
});

test('lockfiles say what to install, not from where', () => {
  const wrong = files.filter(
    (file) => path.basename(file) === 'package-lock.json' && /"resolved": "\w+:\/\//.test(readText(file)),
  );
  assert.deepEqual(wrong, []);
});

test('no file speaks of the place where it was written', () => {
  const words = [['..', 'shared'].join('/'), ['', 'work', 'main'].join('/'), ['', 'work', 'shared'].join('/')];
  const wrong = files.filter(isText).flatMap((file) => {
    const text = readText(file);
    return words.filter((word) => text.includes(word)).map((word) => `${file}: ${word}`);
  });
  assert.deepEqual(wrong, []);
});

test('the lockfile knows what each package.json asks for', () => {
  // npm ci refuses a lockfile that does not, and with it the first start of every new clone.
  type Asks = { dependencies?: object; devDependencies?: object; optionalDependencies?: object };
  const pick = ({ dependencies = {}, devDependencies = {}, optionalDependencies = {} }: Asks) => ({
    dependencies,
    devDependencies,
    optionalDependencies,
  });
  const locked = (JSON.parse(readText('package-lock.json')) as { packages: Record<string, Asks> }).packages;
  for (const file of files.filter((name) => /^(?:(?:packages|programs|apps)\/[^/]+\/)?package\.json$/.test(name))) {
    const folder = file === 'package.json' ? '' : path.dirname(file);
    assert.deepEqual(pick(locked[folder] ?? {}), pick(JSON.parse(readText(file)) as Asks), file);
  }
});
