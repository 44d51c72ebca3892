import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { MANIFEST, openStage, openStageWithShop } from './testing.ts';

test('deploy sends the sources and ends with a summary', async (t) => {
  const stage = await openStage(t);
  const app = await stage.directory({ 'berth.yaml': MANIFEST, 'server.js': 'code', 'x.log': '', '.gitignore': '*.log\n' });
  const { code, out, err } = await stage.berth('deploy', app);
  assert.equal(code, 0, err);
  assert.deepEqual([...stage.platform.lastSource.keys()], ['.gitignore', 'berth.yaml', 'server.js']);
  assert.deepEqual(stage.platform.asked, ['deploy shop by ada']);
  t.assert.fileSnapshot(`${out}--- standard error\n${err}`, join(import.meta.dirname, 'golden/deploy.txt'), {
    serializers: [String],
  });
});

test('deploy takes the directory it is in', async (t) => {
  const stage = await openStage(t);
  const cwd = await stage.directory({ 'berth.yaml': MANIFEST });
  assert.equal((await stage.berthWith({ cwd }, 'deploy', '--force')).code, 0);
  assert.deepEqual(stage.platform.asked, ['deploy shop by ada forced']);
});

test('deploy sends what the app needs of its repository, and says where the app lies', async (t) => {
  const stage = await openStage(t);
  const files = { 'kit/index.js': 'kit', 'other/index.js': '', 'apps/shop/server.js': 'code', '.gitignore': '*.log\n' };
  const manifest = (include: string) => `source: { root: ../.., include: [${include}] }\n${MANIFEST}`;
  const root = await stage.directory({ ...files, 'kit/x.log': '', 'apps/shop/berth.yaml': manifest('kit') });
  const { code, err } = await stage.berth('deploy', join(root, 'apps/shop'));
  assert.equal(code, 0, err);
  const sent = [...stage.platform.lastSource.keys()].filter((path) => !path.endsWith('/'));
  assert.deepEqual(sent, ['apps/shop/berth.yaml', 'apps/shop/server.js', 'kit/index.js']);
  assert.deepEqual(stage.platform.asked, ['deploy shop by ada from apps/shop']);

  const wrong = await stage.directory({ ...files, 'apps/shop/berth.yaml': manifest('kitt') });
  for (const command of ['deploy', 'up']) {
    const refused = await stage.berth(command, join(wrong, 'apps/shop'), '--json');
    assert.deepEqual([refused.code, JSON.parse(refused.out).error.code], [1, 'SOURCE_INCLUDE_MISSING']);
  }
  assert.equal(stage.platform.asked.length, 1);
});

test('deploy says of which commit it is, and releases and receipts show it', async (t) => {
  const stage = await openStage(t);
  const app = await stage.directory({ 'berth.yaml': MANIFEST });
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org', ...words], { cwd: app, encoding: 'utf8' });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  const short = git('rev-parse', 'HEAD').slice(0, 7);
  assert.equal((await stage.berth('deploy', app)).code, 0);
  await writeFile(join(app, 'server.js'), 'new');
  assert.equal((await stage.berth('deploy', app)).code, 0);
  assert.deepEqual(stage.platform.asked, [`deploy shop by ada at ${short}`, `deploy shop by ada at ${short}+`]);
  assert.match((await stage.berth('receipt', 'shop')).out, new RegExp(`^commit    ${short}\\+$`, 'm'));
  const { out } = await stage.berth('releases', 'shop');
  assert.match(out, new RegExp(`^ *2 .* ${short}\\+ [^]*\n *1 .* ${short} `, 'm'));
});

test('deploy --json prints the receipt and nothing else', async (t) => {
  const stage = await openStage(t);
  const app = await stage.directory({ 'berth.yaml': MANIFEST });
  const { code, out, err } = await stage.berth('deploy', app, '--json');
  const receipt = JSON.parse(out);
  assert.deepEqual([code, err], [0, '']);
  for (const key of ['operation', 'app', 'release', 'ok', 'ms', 'steps', 'requests']) assert.ok(key in receipt, key);
  assert.deepEqual([receipt.app, receipt.release, receipt.ok], ['shop', 1, true]);
  assert.ok('name' in receipt.steps[0] && 'ms' in receipt.steps[0]);
  assert.deepEqual(receipt.requests, { served: 1204, held: 3, failed: 0 });
});

test('a deploy that fails says why, and that the old release serves', async (t) => {
  const stage = await openStage(t, { failAt: 'switch' });
  const app = await stage.directory({ 'berth.yaml': MANIFEST });
  const plain = await stage.berth('deploy', app);
  assert.equal(plain.code, 1);
  assert.equal(plain.out, '');
  // Which steps were seen before they were undone depends on the machine; what is said in the end does not.
  t.assert.fileSnapshot(plain.err.slice(plain.err.indexOf('Error:')), join(import.meta.dirname, 'golden/deploy-failed.txt'), {
    serializers: [String],
  });
  assert.match(plain.err, /undone build/);
  const json = await stage.berth('deploy', app, '--json');
  const receipt = JSON.parse(json.out);
  assert.deepEqual([json.code, receipt.ok, receipt.error.code], [1, false, 'DEPLOY_NEVER_HEALTHY']);
});

test('a wrong manifest is refused before anything is sent', async (t) => {
  const stage = await openStage(t);
  const app = await stage.directory({ 'berth.yaml': 'app: shop\nservices:\n  web: { rum: node x }\n' });
  const { code, out } = await stage.berth('deploy', app, '--json');
  const { error } = JSON.parse(out);
  assert.deepEqual([code, error.code, stage.platform.asked], [3, 'MANIFEST_INVALID', []]);
  assert.match(error.message, /berth\.yaml:3:10/);
});

test('a directory without a manifest gets one suggested', async (t) => {
  const stage = await openStage(t);
  const app = await stage.directory({
    'package.json': JSON.stringify({ name: '@acme/Shop', scripts: { build: 'tsc', start: 'node dist/server.js' } }),
    'package-lock.json': '{}',
  });
  const { code, err } = await stage.berth('deploy', app);
  assert.equal(code, 3);
  t.assert.fileSnapshot(err.replaceAll(app, 'DIR'), join(import.meta.dirname, 'golden/no-manifest.txt'), {
    serializers: [String],
  });
});

test('the first Ctrl-C cancels a deploy and waits for its outcome', async (t) => {
  const stage = await openStage(t, { stepMs: 400 });
  const app = await stage.directory({ 'berth.yaml': MANIFEST });
  const deploy = stage.start('deploy', app);
  await deploy.says('build');
  deploy.child.kill('SIGINT');
  const { code, err } = await deploy.ended;
  assert.equal(code, 130);
  assert.ok(stage.platform.asked.includes('cancel 1'));
  assert.match(err, /cancelling the deploy of shop/);
  assert.match(err, /Cancelled: the deploy of shop; what it had begun is undone/);
});

test('the second Ctrl-C leaves the operation alone', async (t) => {
  const stage = await openStage(t, { stepMs: 5_000 });
  const app = await stage.directory({ 'berth.yaml': MANIFEST });
  const deploy = stage.start('deploy', app);
  await deploy.says('operation 1');
  deploy.child.kill('SIGINT');
  await deploy.says('cancelling the deploy');
  deploy.child.kill('SIGINT');
  const { code, err } = await deploy.ended;
  assert.equal(code, 130);
  assert.match(err, /it goes on without you/);
});

test('rollback goes to the release before, or to the one named', async (t) => {
  const stage = await openStageWithShop(t);
  await stage.berth('deploy', stage.app);
  const { code, out } = await stage.berth('rollback', 'shop', '--json');
  assert.deepEqual([code, JSON.parse(out).release], [0, 1]);
  const missing = await stage.berth('rollback', 'shop', '--to', '9', '--json');
  assert.deepEqual([missing.code, JSON.parse(missing.out).error.code], [4, 'RELEASE_NOT_FOUND']);
});

test('up deploys, and prints what runs where', async (t) => {
  const stage = await openStage(t);
  const apps = await Promise.all([
    stage.directory({ 'berth.yaml': MANIFEST }),
    stage.directory({ 'berth.yaml': MANIFEST.replaceAll('shop', 'blog') }),
  ]);
  const plain = await stage.berth('up', ...apps, '--detach');
  assert.equal(plain.code, 0, plain.err);
  t.assert.fileSnapshot(plain.out.replaceAll(stage.home, '/HOME'), join(import.meta.dirname, 'golden/up.txt'), {
    serializers: [String],
  });
  const json = await stage.berth('up', ...apps, '--detach', '--json');
  const { ca, apps: listed } = JSON.parse(json.out);
  assert.equal(ca, join(stage.home, 'ca/root.pem'));
  assert.deepEqual(
    listed.map(({ app, release, url, state }: Record<string, unknown>) => ({ app, release, url, state })),
    [
      { app: 'shop', release: 2, url: 'https://shop.localhost:8443', state: 'running' },
      { app: 'blog', release: 2, url: 'https://blog.localhost:8443', state: 'running' },
    ],
  );
});

test('up changes the settings that its flags name, and no others', async (t) => {
  const stage = await openStage(t);
  const words = [
    '--http',
    '9080',
    '--tls',
    'off',
    '--bind',
    '0.0.0.0',
    '--bind',
    '::',
    '--domain',
    'example.com',
    '--trusted-proxy',
    '10.0.0.0/8',
  ];
  const { code, out } = await stage.berth('up', '--detach', '--json', ...words);
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).ca, null);
  assert.deepEqual(stage.platform.settingsNow, {
    domain: 'example.com',
    addresses: ['0.0.0.0', '::'],
    httpPort: 9080,
    httpsPort: null,
    trustedProxies: ['10.0.0.0/8'],
    redactQuery: [],
    acme: null,
  });
});

test('up with a failing app says so and exits with 1', async (t) => {
  const stage = await openStage(t, { failAt: 'build' });
  const app = await stage.directory({ 'berth.yaml': MANIFEST });
  const { code, out } = await stage.berth('up', app, '--detach', '--json');
  assert.deepEqual([code, JSON.parse(out).error.code], [1, 'DEPLOY_NEVER_HEALTHY']);
});

test('up follows its apps; Ctrl-C leaves a platform that ran before', async (t) => {
  const stage = await openStage(t);
  const app = await stage.directory({ 'berth.yaml': MANIFEST });
  const up = stage.start('up', app);
  await up.says('following');
  stage.platform.addLog({ app: 'shop', text: 'a new order' });
  await up.says('a new order');
  up.child.kill('SIGINT');
  assert.equal((await up.ended).code, 0);
  assert.ok(!stage.platform.asked.some((asked) => asked.startsWith('shutdown')));
});

test('down stops everything and waits until the daemon has gone', async (t) => {
  const daemon = spawn('sleep', ['60']);
  t.after(() => daemon.kill('SIGKILL'));
  const stage = await openStage(t, { pid: daemon.pid ?? 0, onShutdown: () => daemon.kill() });
  const { code, out } = await stage.berth('down', '--json');
  assert.deepEqual([code, JSON.parse(out).stopped], [0, true]);
  assert.deepEqual(stage.platform.asked, ['shutdown everything']);
  assert.ok(existsSync(join(stage.home, 'down')));
});

test('releases, receipts and events are listed', async (t) => {
  const stage = await openStageWithShop(t);
  assert.match((await stage.berth('releases', 'shop')).out, /1 +serving +baking/);
  const receipt = await stage.berth('receipt', 'shop');
  t.assert.fileSnapshot(receipt.out, join(import.meta.dirname, 'golden/receipt.txt'), { serializers: [String] });
  assert.equal(JSON.parse((await stage.berth('receipt', 'shop', '1', '--json')).out).operation, 1);
  assert.equal((await stage.berth('receipt', 'shop', '9')).code, 4);
  assert.match((await stage.berth('events')).out, /operation\.finished shop #1 state=succeeded/);
});
