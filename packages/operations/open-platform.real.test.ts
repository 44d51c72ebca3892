import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { createZstdCompress } from 'node:zlib';
import { prepareHome } from '@berth/host';
import type { Operation } from '@berth/protocol';
import { waitUntil } from '@berth/testing';
import { archive, openPlatformFixture, type PlatformFixture } from './testing/platform-fixture.ts';

const SERVER = `
const http = require('node:http');
process.on('SIGTERM', () => process.exit(0));
http.createServer((request, response) => response.end(process.env.GREETING ?? 'hello')).listen(process.env.PORT, '127.0.0.1');
console.log('listening');
`;
const MANIFEST = 'app: hello\nservices:\n  web:\n    run: exec node server.js\n    stop: { within: 5s }\n';

let fixture: PlatformFixture;
const by = 'ann';
const signal = new AbortController().signal;

beforeEach(async () => {
  fixture = await openPlatformFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const deploy = (files: Record<string, string> = { 'berth.yaml': MANIFEST, 'server.js': SERVER }, force = false) =>
  fixture.deploy(files, force);
const finished = (operation: Operation) => fixture.finished(operation);
const answer = async () => {
  const { services } = await fixture.platform.app('hello');
  const port = services[0]?.instances.find((it) => it.state === 'healthy')?.port;
  return (await fetch(`http://127.0.0.1:${port}/`)).text();
};

test('an application is deployed, changed, rolled back, stopped, started and removed', async () => {
  const first = await deploy();
  assert.equal(first.ok, true, JSON.stringify(first.error));
  assert.equal(first.release, 1);
  assert.equal(await answer(), 'hello');
  assert.equal(fixture.edge.states.at(-1)?.services[0]?.servers[0]?.state, 'ready');
  assert.deepEqual(
    fixture.edge.states.at(-1)?.hosts.map((host) => host.host),
    ['hello.localhost'],
  );

  const same = await deploy();
  assert.deepEqual([same.release, same.ok, same.changed], [1, true, false]);

  const second = await deploy({ 'berth.yaml': MANIFEST, 'server.js': SERVER.replace("'hello'", "'changed'") });
  assert.deepEqual([second.release, second.ok, second.previousRelease], [2, true, 1]);
  assert.equal(await answer(), 'changed');

  const back = await finished(fixture.platform.rollback('hello', { by, withData: false }));
  assert.deepEqual([back.release, back.ok], [1, true]);
  assert.equal(await answer(), 'hello');

  assert.equal((await finished(fixture.platform.stop('hello', { by }))).ok, true);
  assert.equal((await fixture.platform.app('hello')).state, 'stopped');
  assert.equal((await finished(fixture.platform.start('hello', { by }))).ok, true);
  assert.equal(await answer(), 'hello');

  assert.equal((await finished(fixture.platform.remove('hello', { by, purge: true }))).ok, true);
  await assert.rejects(fixture.platform.app('hello'), { code: 'APP_NOT_FOUND' });
  assert.deepEqual(fixture.edge.states.at(-1)?.services, []);
});

test('a release that does not start never serves, and its error says why', async () => {
  await deploy();
  const broken = await deploy({ 'berth.yaml': MANIFEST, 'server.js': "console.log('about to fail'); process.exit(3)" });
  assert.equal(broken.ok, false);
  assert.equal(broken.error?.code, 'INSTANCE_NOT_HEALTHY');
  assert.match(broken.error?.message ?? '', /exited with code 3[^]*about to fail/);
  assert.equal((await fixture.platform.app('hello')).release, 1);
  assert.equal(await answer(), 'hello');
  assert.deepEqual(
    fixture.platform.releases('hello').map((release) => release.state),
    ['failed', 'serving'],
  );
});

test('a handover never has two owners, and a failed one gives the old owner back', async () => {
  const manifest = `${MANIFEST}    switch: handover\nstores:\n  log: { files: log }\n`;
  const owner = `
    const fs = require('node:fs');
    const note = (what) => fs.appendFileSync(process.env.STORE_LOG + '/owners', what + ' ' + process.env.BERTH_INSTANCE + '\\n');
    note('start');
    process.on('SIGTERM', () => setTimeout(() => { note('stop'); process.exit(0) }, 100));
    require('node:http').createServer((q, s) => s.end('VERSION')).listen(process.env.PORT);
  `;
  const files = (version: string) => ({ 'berth.yaml': manifest, 'server.js': owner.replace('VERSION', version) });
  assert.equal((await deploy(files('one'))).ok, true);
  assert.equal((await deploy(files('two'))).ok, true);
  assert.equal(await answer(), 'two');
  const failed = await deploy({ 'berth.yaml': manifest, 'server.js': 'process.exit(1)' });
  assert.equal(failed.ok, false);
  assert.equal(await answer(), 'two');
  const owners = await readFile(join(fixture.home, 'apps/hello/stores/log/log/owners'), 'utf8');
  assert.match(owners, /^start (\S+)\nstop \1\nstart (\S+)\nstop \2\nstart \2\n$/);
  assert.ok(fixture.edge.states.some((state) => state.services[0]?.hold.armed));
  assert.equal(fixture.edge.states.at(-1)?.services[0]?.hold.armed, false);
});

test('an instance that dies is started again, and a crash loop is reported instead of retried for ever', async () => {
  await deploy();
  const before = (await fixture.platform.app('hello')).services[0]?.instances[0];
  process.kill(-(before?.pid ?? 0), 'SIGKILL');
  await waitUntil(async () => (await fixture.platform.app('hello')).services[0]?.instances[0]?.restarts === 1, {
    what: 'a restart',
    withinMs: 10_000,
  });
  await waitUntil(async () => (await fixture.platform.app('hello')).state === 'running', {
    what: 'it to be healthy',
    withinMs: 10_000,
  });
  const after = (await fixture.platform.app('hello')).services[0]?.instances[0];
  assert.equal(after?.id, before?.id);
  assert.equal(after?.port, before?.port);
});

test('one that is started again has as long to become healthy as a new one', async () => {
  const late = SERVER.replace('http.createServer', 'setTimeout(() => http.createServer').replace(
    "listen(process.env.PORT, '127.0.0.1');",
    "listen(process.env.PORT, '127.0.0.1'), 1_500);",
  );
  await deploy({ 'berth.yaml': MANIFEST, 'server.js': late });
  const instance = async () => (await fixture.platform.app('hello')).services[0]?.instances[0];
  process.kill(-((await instance())?.pid ?? 0), 'SIGKILL');
  await waitUntil(async () => (await instance())?.restarts === 1, { what: 'a restart', withinMs: 10_000 });
  await waitUntil(async () => (await instance())?.state === 'healthy', { what: 'it to be healthy', withinMs: 10_000 });
  assert.equal((await instance())?.restarts, 1, 'it was not taken for hung while it started');
});

test('variables and secrets reach the next release, and values are shown only when asked for', async () => {
  await deploy();
  const changed = await finished(fixture.platform.changeEnvironment('hello', { by, changes: { GREETING: 'good day' } }));
  assert.deepEqual([changed.release, changed.changes], [2, ['variable GREETING changed']]);
  assert.equal(await answer(), 'good day');
  await finished(await fixture.platform.changeSecrets('hello', { by, set: { TOKEN: 's3cret-value' }, generate: [] }));
  assert.equal((await fixture.platform.secrets('hello', { by, reveal: false }))[0]?.value, null);
  assert.equal((await fixture.platform.secrets('hello', { by, reveal: true }))[0]?.value, 's3cret-value');
  const database = await readFile(join(fixture.home, 'journal.db-wal'));
  assert.equal(database.includes('s3cret-value'), false);
});

test('a secret that nobody set stops the deploy before anything is touched', async () => {
  const manifest = `${MANIFEST}    secrets: [TOKEN]\n`;
  const refused = await deploy({ 'berth.yaml': manifest, 'server.js': SERVER });
  assert.equal(refused.error?.code, 'SECRET_MISSING');
  assert.deepEqual(fixture.platform.releases('hello'), []);
});

test('a new life of the daemon adopts what runs and touches nothing', async () => {
  await deploy();
  const before = (await fixture.platform.app('hello')).services[0]?.instances[0];
  await fixture.reopen();
  await waitUntil(async () => (await fixture.platform.app('hello')).state === 'running', {
    what: 'it to be adopted',
    withinMs: 5_000,
  });
  const after = (await fixture.platform.app('hello')).services[0]?.instances[0];
  assert.deepEqual([after?.pid, after?.restarts], [before?.pid, 0]);
});

test('the build runs in a clean copy, its failure shows its output, and the same source is built once', async () => {
  const manifest = `build: node build.js\n${MANIFEST}`;
  const files = {
    'berth.yaml': manifest,
    'server.js': SERVER,
    'build.js': "console.log('compiling'); require('node:fs').writeFileSync('made', '1')",
  };
  assert.equal((await deploy(files)).ok, true);
  const again = await deploy({ ...files, 'berth.yaml': manifest.replace('5s', '10s') });
  assert.match(again.steps.find((step) => step.name === 'build')?.note ?? '', /unchanged/);
  const failed = await deploy({ ...files, 'build.js': "console.log('compiling'); process.exit(2)" });
  assert.equal(failed.error?.code, 'BUILD_FAILED');
  assert.match(failed.error?.message ?? '', /exited with code 2[^]*compiling/);
});

test('an app of a repository builds, runs and answers one-offs in its own directory', async () => {
  const manifest = `source: { root: ../.. }
build: cat ../../kit/greeting > greeting && mkdir dist && cp greeting dist && where-am-i > built-in
${MANIFEST}routes:
  hello: { /: web, /files/: { files: dist } }
`;
  const tool = { name: 'node_modules/.bin/where-am-i', mode: 0o755, text: '#!/bin/sh\npwd' };
  const send = (greeting: string, unrelated: string) =>
    fixture.platform.deploy(
      archive(
        {
          'apps/hello/berth.yaml': manifest,
          'apps/hello/server.js': SERVER.replace(
            "process.env.GREETING ?? 'hello'",
            "require('node:fs').readFileSync('greeting')",
          ),
          'kit/greeting': greeting,
          'berth.yaml': unrelated,
        },
        tool,
      ),
      { by, force: false, directory: 'apps/hello' },
    );
  const first = await send('from the kit', 'app: another').then(finished);
  assert.equal(first.ok, true, JSON.stringify(first.error));
  assert.equal(await answer(), 'from the kit');
  const released = prepareHome(fixture.home, process.getuid?.() ?? 0).publicOf('hello');
  const published = await readdir(released, { recursive: true });
  assert.deepEqual(
    published.filter((path) => path.endsWith('greeting')).map((path) => path.replace(/\/[0-9a-f]+\//, '/KEY/')),
    ['1/KEY/greeting'],
  );

  const where = async () => {
    let out = '';
    for await (const frame of fixture.platform.run('hello', { by, argv: ['sh', '-c', 'pwd; cat built-in'], stdin: null }, signal))
      if (frame.kind === 'stdout') out += Buffer.from(frame.data, 'base64').toString();
    return out;
  };
  const ranIn = new RegExp(`^(${fixture.home}/apps/hello/builds/[^/]+/apps/hello)\\n\\1\\n$`);
  assert.match(await where(), ranIn);

  assert.equal((await send('changed', 'app: another').then(finished)).ok, true);
  assert.equal(await answer(), 'changed');
  await fixture.reopen();
  const back = await finished(fixture.platform.rollback('hello', { by, withData: false }));
  assert.equal(back.ok, true, JSON.stringify(back.error));
  assert.equal(await answer(), 'from the kit');
  assert.match(await where(), ranIn);
});

test('a release has the commit that it was made from, and another commit with the same files changes nothing', async () => {
  const first = { hash: 'a1'.repeat(20), dirty: true };
  const second = { hash: 'b2'.repeat(20), dirty: false };
  const server = SERVER.replace("process.env.GREETING ?? 'hello'", "process.env.BERTH_COMMIT ?? 'of no commit'");
  const build = 'build: "[ -z \\"$BERTH_COMMIT\\" ]"\n';
  const send = (text: string, commit?: typeof first) =>
    fixture.platform
      .deploy(archive({ 'berth.yaml': `${build}${MANIFEST}`, 'server.js': text }), {
        by,
        force: false,
        ...(commit && { commit }),
      })
      .then(finished);
  const made = await send(server, first);
  assert.deepEqual([made.ok, made.commit], [true, first], JSON.stringify(made.error));
  assert.equal(await answer(), 'a1a1a1a+');

  const same = await send(server, second);
  assert.deepEqual([same.changed, same.release, same.commit], [false, 1, first]);
  assert.match(same.steps.find((step) => step.name === 'prepare')?.note ?? '', /release 1 \(a1a1a1a\+\) is the same/);
  assert.equal(await answer(), 'a1a1a1a+');

  const next = await send(`${server}// changed`, second);
  assert.deepEqual([next.release, next.commit], [2, second]);
  assert.equal(await answer(), 'b2b2b2b');
  const configured = await finished(fixture.platform.changeEnvironment('hello', { by, changes: { A: '1' } }));
  assert.deepEqual([configured.release, configured.commit], [3, second]);
  const seen = [];
  const argv = ['sh', '-c', 'echo $BERTH_COMMIT'];
  for await (const frame of fixture.platform.run('hello', { by, argv, stdin: null }, signal))
    if (frame.kind === 'stdout') seen.push(Buffer.from(frame.data, 'base64').toString());
  assert.deepEqual(seen, ['b2b2b2b\n']);

  const back = await finished(fixture.platform.rollback('hello', { by, to: 1, withData: false }));
  assert.deepEqual(back.commit, first);
  assert.equal(await answer(), 'a1a1a1a+');
  await send(`${server}// without git`);
  assert.equal(await answer(), 'of no commit');
  assert.deepEqual(
    fixture.platform.releases('hello').map((release) => release.commit),
    [null, second, second, first],
  );
});

test('a source of another shape than its manifest says is refused', async () => {
  const files = { 'apps/hello/berth.yaml': `source: { root: .. }\n${MANIFEST}` };
  const deployFrom = (directory: string) => fixture.platform.deploy(archive(files), { by, force: false, directory });
  await assert.rejects(deployFrom('apps/hello'), { code: 'SOURCE_INVALID', message: /lies in apps\/hello/ });
  await assert.rejects(deployFrom('../hello'), { code: 'SOURCE_INVALID', message: /not a relative path/ });
});

test('a build cannot lead the edge out of the release', async () => {
  await writeFile(join(fixture.home, 'private'), 'not for the world');
  const manifest = `build: ln -s ${fixture.home} dist\n${MANIFEST}routes:\n  hello: { /: web, /files/: { files: dist } }\n`;
  const refused = await deploy({ 'berth.yaml': manifest, 'server.js': SERVER });
  assert.equal(refused.error?.code, 'FILES_OUTSIDE', JSON.stringify(refused.error));
});

test('a deploy is cancelled while it builds, and the old release is untouched', async () => {
  await deploy();
  const slow = { 'berth.yaml': `build: node -e "setTimeout(()=>0,60000)"\n${MANIFEST}`, 'server.js': SERVER };
  const operation = await fixture.platform.deploy(archive(slow), { by, force: false });
  await waitUntil(
    () => fixture.platform.operation(operation.id).steps.some((step) => step.name === 'build' && step.state === 'running'),
    { what: 'the build', withinMs: 5_000 },
  );
  fixture.platform.cancel(operation.id);
  const receipt = await finished(operation);
  assert.equal(receipt.error?.code, 'OPERATION_CANCELLED');
  assert.equal(fixture.platform.operation(operation.id).state, 'cancelled');
  assert.equal(await answer(), 'hello');
});

test('an archive that would leave its directory is refused', async () => {
  const bad = archive({ 'berth.yaml': MANIFEST, '../escape': 'x' });
  await assert.rejects(fixture.platform.deploy(bad, { by, force: false }), { code: 'SOURCE_INVALID' });
  const notAnArchive = createZstdCompress();
  notAnArchive.end('hello');
  await assert.rejects(fixture.platform.deploy(notAnArchive, { by, force: false }), { code: 'SOURCE_INVALID' });
  await assert.rejects(fixture.platform.deploy(Readable.from([]), { by, force: false }), { code: 'SOURCE_INVALID' });
});

test('a one-off command sees the environment of the release, and its exit code comes back', async () => {
  await deploy();
  const frames = [];
  for await (const frame of fixture.platform.run(
    'hello',
    { by, argv: ['sh', '-c', 'echo $BERTH_APP $BERTH_RELEASE; exit 4'], stdin: null },
    signal,
  ))
    frames.push(frame);
  assert.deepEqual(frames, [
    { kind: 'stdout', data: Buffer.from('hello 1\n').toString('base64') },
    { kind: 'exit', code: 4 },
  ]);
});

test('logs have times, levels and filters', async () => {
  await deploy();
  await writeFile(join(fixture.home, 'apps/hello/logs/hello.web.0-old.log'), 'ERROR one\ntwo\n');
  const read = async (query: object) => {
    const lines = [];
    for await (const line of fixture.platform.logs('hello', { follow: false, ...query }, signal)) lines.push(line.text);
    return lines;
  };
  await waitUntil(async () => (await read({})).includes('listening'), { what: 'the line', withinMs: 5_000 });
  assert.deepEqual(await read({ level: 'error' }), ['ERROR one']);
  assert.deepEqual(await read({ grep: '^tw' }), ['two']);
  await assert.rejects(read({ grep: '(' }), { code: 'LOG_QUERY_INVALID' });
});

test('metrics are in the text format', async () => {
  await deploy();
  const text = await fixture.platform.metrics();
  assert.match(text, /^berth_app_up\{app="hello"\} 1$/m);
  assert.match(text, /^berth_operations_total\{kind="deploy",state="succeeded"\} 1$/m);
});

test('operations of one app wait for each other, and old builds go', async () => {
  const version = (number: number) => ({ 'berth.yaml': MANIFEST, 'server.js': `${SERVER}// ${number}` });
  const operations = [];
  for (let number = 1; number <= 9; number += 1)
    operations.push(await fixture.platform.deploy(archive(version(number)), { by, force: false }));
  const receipts = await Promise.all(operations.map(finished));
  assert.deepEqual(
    receipts.map((receipt) => [receipt.ok, receipt.release]),
    receipts.map((_, index) => [true, index + 1]),
  );
  const builds = (await readdir(join(fixture.home, 'apps/hello/builds'))).filter((name) => name.endsWith('.ready'));
  assert.ok(builds.length <= 6, `${builds.length} builds are kept`);
  const states = fixture.platform.releases('hello').map((release) => release.state);
  assert.deepEqual([states[0], states[1], states.at(-1)], ['serving', 'previous', 'pruned']);
  assert.throws(() => fixture.platform.rollback('hello', { by, to: 1, withData: false }), {
    code: 'RELEASE_NOT_USABLE_CONFLICT',
  });
});

test('a service starts when those it needs are healthy, and gets its secrets as it asked for them', async () => {
  const manifest = `app: hello
services:
  web: { run: exec node server.js, needs: [db], health: /, stop: { within: 5s } }
  db: { run: exec node db.js, health: tcp, secrets: { TOKEN: { generate: true, as: file } }, stop: { within: 5s } }
`;
  const db = `
    const { readFileSync, statSync } = require('node:fs');
    console.log('token of', readFileSync(process.env.TOKEN_FILE, 'utf8').length, process.env.TOKEN === undefined, (statSync(process.env.TOKEN_FILE).mode & 0o777).toString(8));
    setTimeout(() => require('node:net').createServer().listen(process.env.PORT, '127.0.0.1'), 300);
    process.on('SIGTERM', () => process.exit(0));`;
  const receipt = await deploy({ 'berth.yaml': manifest, 'server.js': SERVER, 'db.js': db });
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  const started: string[] = [];
  for await (const event of fixture.platform.events({ since: 0, app: 'hello', follow: false }, signal)) {
    if (event.name === 'instance.started' || event.name === 'instance.healthy')
      started.push(`${event.name} ${event.fields.service}`);
  }
  assert.ok(started.indexOf('instance.healthy db') < started.indexOf('instance.started web'), started.join(', '));
  const lines = [];
  for await (const line of fixture.platform.logs('hello', { follow: false, service: 'db' }, signal)) lines.push(line.text);
  assert.deepEqual(lines, ['token of 43 true 400']);
});
