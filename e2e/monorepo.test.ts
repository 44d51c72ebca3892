/** An app that is part of a repository: an npm workspace, deployed by the real command. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { Receipt } from '@berth/protocol';
import { temporaryDirectory } from '@berth/testing';
import { StoryPlatform } from './harness/platform.ts';
import { ask } from './harness/visitor.ts';

const CLI = join(import.meta.dirname, '..', 'programs', 'cli', 'main.ts');

const manifest = `
app: shop
source: { root: ../.., include: [package.json, package-lock.json, packages/kit] }
build: npm ci --no-audit --no-fund && npm run build
services:
  web:
    run: exec node main.ts
    stop: { within: 5s }
routes:
  shop: { /: web, /assets/: { files: dist } }
`;
const server = `
import { createServer } from 'node:http';
import { greeting } from '@story/kit';
createServer((request, response) => response.end(greeting)).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;
const kit = (greeting: string) => `export const greeting: string = '${greeting}';\n`;
const repository = {
  'package.json': JSON.stringify({ private: true, workspaces: ['packages/*', 'apps/*'] }),
  '.gitignore': 'node_modules/\ndist/\n',
  'packages/kit/package.json': JSON.stringify({ name: '@story/kit', version: '1.0.0', type: 'module', exports: './index.ts' }),
  'packages/kit/index.ts': kit('hello'),
  'packages/unrelated/package.json': JSON.stringify({ name: '@story/unrelated', version: '1.0.0' }),
  'apps/shop/package.json': JSON.stringify({
    name: '@story/shop',
    type: 'module',
    scripts: { build: 'mkdir dist && cp berth.yaml dist/manifest.txt && pwd > dist/where.txt' },
    dependencies: { '@story/kit': '1.0.0' },
  }),
  'apps/shop/berth.yaml': manifest,
  'apps/shop/main.ts': server,
};

test('an app of an npm workspace is built with the package it needs, and only when that or the app changes', async () => {
  await using platform = await StoryPlatform.open({ tls: 'off' });
  await using clone = await temporaryDirectory();
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(clone.path, path)), { recursive: true });
      await writeFile(join(clone.path, path), text);
    }
  };
  const deploy = async (): Promise<Receipt> => {
    const env = { ...process.env, BERTH_HOME: platform.home };
    const words = [CLI, 'deploy', join(clone.path, 'apps/shop'), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, words, { env });
    return JSON.parse(stdout) as Receipt;
  };
  const note = (receipt: Receipt, step: string) => receipt.steps.find(({ name }) => name === step)?.note ?? '';
  const answer = async (path = '/') => (await ask(platform.httpPort, 'shop.localhost', { path })).body;

  await write(repository);
  execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: clone.path, stdio: 'ignore' });
  // As after work in a clone: none of it may be sent.
  execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: clone.path, stdio: 'ignore' });

  const first = await deploy();
  assert.deepEqual([first.ok, first.release], [true, 1], JSON.stringify(first.error));
  assert.equal(await answer(), 'hello');
  assert.match(await answer('/assets/where.txt'), /\/builds\/[^/]+\/apps\/shop\n$/);
  assert.equal(await answer('/assets/manifest.txt'), manifest);

  await write({ 'packages/unrelated/index.js': 'changed', 'README.md': 'new' });
  const same = await deploy();
  assert.deepEqual([same.release, same.changed], [1, false]);
  assert.match(note(same, 'build'), /used again/);

  await write({ 'packages/kit/index.ts': kit('good day') });
  const second = await deploy();
  assert.deepEqual([second.ok, second.release], [true, 2], JSON.stringify(second.error));
  assert.doesNotMatch(note(second, 'build'), /used again/);
  assert.equal(await answer(), 'good day');

  // Where the app lies is remembered by a daemon that was not there when it was deployed.
  await platform.kill();
  await platform.start();
  const rolledBack = await platform.finished(await platform.client.call('rollback', { params: { app: 'shop' }, body: {} }));
  assert.deepEqual([rolledBack.ok, rolledBack.release], [true, 1], JSON.stringify(rolledBack.error));
  assert.equal(await answer(), 'hello');
});
