/** The machine is lost with everything on it. On an empty one, with the kit and a target, everything comes back. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createS3Server, S3_TEST_CREDENTIALS, temporaryDirectory, waitUntil } from '@berth/testing';
import { cutPower, EmptyMachine, loseMachine } from './harness/machines.ts';
import { StoryPlatform } from './harness/platform.ts';
import { findRecovered, untilRecoverable } from './harness/recovering.ts';
import { archive, type SourceFiles } from './harness/source.ts';
import { ask, Visitor } from './harness/visitor.ts';

const notes: SourceFiles = {
  'berth.yaml': `
app: notes
services:
  web: { run: exec node server.js, health: /, stop: { within: 5s } }
stores:
  db: { sqlite: notes.db }
  pictures: { files: pictures }
routes:
  notes: web
`,
  'server.js': `
const { DatabaseSync } = require('node:sqlite');
const { createServer } = require('node:http');
const { readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const db = new DatabaseSync(process.env.STORE_DB);
db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS note (token TEXT PRIMARY KEY, text TEXT)');
const add = db.prepare('INSERT INTO note VALUES (?, ?)');
const all = db.prepare('SELECT token FROM note ORDER BY rowid');
createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://notes');
  const token = searchParams.get('token');
  if (pathname === '/add') add.run(token, 'x'.repeat(200));
  if (pathname === '/draw') writeFileSync(join(process.env.STORE_PICTURES, token), token.repeat(1000));
  const answer = pathname === '/all' ? all.all().map((row) => row.token) : pathname === '/pictures' ? readdirSync(process.env.STORE_PICTURES) : token;
  response.end(JSON.stringify(answer));
}).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`,
};

/** A page from the release itself, built. */
const site: SourceFiles = {
  'berth.yaml': `
app: site
build: mkdir -p dist && cp page.html dist/index.html
services:
  api: { run: exec node server.js, health: /, stop: { within: 5s } }
routes:
  site:
    /: { files: dist }
    /api/: api
`,
  'server.js': `
require('node:http').createServer((_request, response) => response.end('api')).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`,
  'page.html': '<h1>site</h1>',
};

type Target = { readonly url: string; readonly credentials?: typeof S3_TEST_CREDENTIALS };

/** Two apps, a target, a kit in a file, and everything that exists at the target. */
const prepare = async (platform: StoryPlatform, { url, credentials }: Target, kitFile: string): Promise<void> => {
  for (const source of [notes, site]) {
    const receipt = await platform.finished(await platform.client.call('deploy', { body: archive(source), query: {} }));
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  }
  await platform.client.call('addTarget', { body: { url, name: 'far', takeOver: false, ...(credentials && { credentials }) } });
  const { kit } = await platform.client.call('kit', {});
  await writeFile(kitFile, kit, { mode: 0o600 });
};

type Stage = AsyncDisposable & {
  readonly platform: StoryPlatform;
  readonly machine: EmptyMachine;
  readonly kitFile: string;
  /** A directory that is not there yet. */
  readonly vault: Target;
};

/** A platform, and an empty machine to which it may come back. */
const openStage = async (): Promise<Stage> => {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const platform = opened.use(await StoryPlatform.open({ tls: 'off' }));
  const machine = opened.use(await EmptyMachine.open({ beside: platform.home }));
  const kept = opened.move();
  const places = { kitFile: directory.join('kit.txt'), vault: { url: `dir:${directory.join('vault')}` } };
  return { platform, machine, ...places, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

const onNotes = async <T>(port: number, path: string): Promise<T> => {
  const { status, body } = await ask(port, 'notes.localhost', { path });
  assert.equal(status, 200, `${path}: ${body.slice(0, 200)}`);
  return JSON.parse(body) as T;
};

type Note = { readonly token: string; readonly atMs: number };

/** Somebody who writes without a pause and remembers when each note was acknowledged. */
const writing = (port: number): { acknowledged: Note[]; visitor: Visitor } => {
  const acknowledged: Note[] = [];
  let number = 0;
  const visitor = new Visitor(async () => {
    number += 1;
    const token = `n${number}`;
    await onNotes(port, `/add?token=${token}`);
    acknowledged.push({ token, atMs: Date.now() });
  });
  return { acknowledged, visitor };
};

const textOf = ({ stdout, stderr }: { stdout: string; stderr: string }): string => `${stdout.slice(-4_000)}${stderr}`;

const SAFE_AFTER_MS = 1_000;
const APPS = 2;

/** Answers with the age of the newest note that came back, when the machine was lost. */
const assertEverything = async (machine: EmptyMachine, written: readonly Note[], lostAtMs: number): Promise<number> => {
  const present = await onNotes<string[]>(machine.httpPort, '/all');
  const promised = written.filter(({ atMs }) => atMs <= lostAtMs - SAFE_AFTER_MS).map(({ token }) => token);
  const missing = promised.filter((token) => !present.includes(token));
  assert.deepEqual(missing, [], `of ${promised.length} notes that were acknowledged a second before`);
  const numbers = present.map((token) => Number(token.slice(1)));
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
    'and none in between is missing',
  );
  assert.deepEqual(await onNotes(machine.httpPort, '/pictures'), ['p1']);
  assert.equal((await ask(machine.httpPort, 'site.localhost')).body, '<h1>site</h1>');
  assert.equal((await ask(machine.httpPort, 'site.localhost', { path: '/api/x' })).body, 'api');
  const { apps } = await machine.client.call('status', {});
  assert.deepEqual(
    apps.map(({ app, state, release }) => `${app} ${state} ${release}`),
    ['notes running 1', 'site running 1'],
  );
  for (const { services } of apps)
    for (const { instances } of services)
      assert.deepEqual(
        instances.map(({ restarts }) => restarts),
        instances.map(() => 0),
      );
  return lostAtMs - (written.findLast(({ token }) => present.includes(token))?.atMs ?? 0);
};

/** The whole story with a target; answers with what the recovery said. */
const story = async (t: TestContext, target: Target, { interruptAt }: { interruptAt?: string } = {}): Promise<void> => {
  await using directory = await temporaryDirectory();
  const kitFile = directory.join('kit.txt');
  await using platform = await StoryPlatform.open({ tls: 'off' });
  await using machine = await EmptyMachine.open();
  await prepare(platform, target, kitFile);
  await onNotes(platform.httpPort, '/draw?token=p1');
  const backup = await platform.client.call('backup', { params: { app: 'notes' }, body: {} });
  assert.equal((await platform.finished(backup)).ok, true);
  await untilRecoverable(machine, kitFile, APPS);
  assert.deepEqual(readdirSync(machine.home), [], 'a dry run leaves nothing behind');

  const { acknowledged, visitor } = writing(platform.httpPort);
  await waitUntil(() => acknowledged.length >= 300, { what: '300 notes were written', withinMs: 60_000 });
  const lostAtMs = Date.now();
  await loseMachine(platform);
  await visitor[Symbol.asyncDispose]();
  assert.equal(existsSync(join(platform.home, 'journal.db')), false);

  const words = ['recover', kitFile, '--yes', '--json', '--http', String(machine.httpPort)];
  const refused = await machine.berth(words);
  assert.match(refused.stdout, /VAULT_OWNED/, 'the machine was at work a moment ago');
  assert.deepEqual(readdirSync(machine.home), []);
  if (interruptAt !== undefined) {
    const interrupted = await machine.berth([...words, '--take-over'], { BERTH_FAULT: interruptAt });
    assert.equal(interrupted.code, -1, `${interrupted.stdout}${interrupted.stderr}`);
    const tooEarly = await machine.berth(['up', '--detach', '--json']);
    assert.match(tooEarly.stdout, /RECOVERY_UNFINISHED/);
  }
  // Half done it is ours: nobody has to say again that the other one is lost.
  const again = interruptAt === undefined ? [...words, '--take-over'] : words;
  const typed = await machine.berth(again);
  const [recovered, text] = [findRecovered(typed.stdout), textOf(typed)];
  assert.equal(typed.code, 0, text);
  assert.equal(recovered?.ok, true, text);
  if (interruptAt !== undefined) assert.match(typed.stdout, /"event":"resumed"/);
  const newestMs = await assertEverything(machine, acknowledged, lostAtMs);
  const parts = recovered?.parts.map(
    ({ what, app, name, bytes, ms }) => `${what} ${app ?? ''} ${name}: ${bytes ?? 0} bytes in ${ms} ms`,
  );
  t.diagnostic(`${acknowledged.length} notes; the newest that came back was ${newestMs} ms old when the machine was lost`);
  t.diagnostic(`recovered: ${JSON.stringify(recovered?.times)}`);
  for (const line of parts ?? []) t.diagnostic(line);
};

// Each on machines of its own, which they wait for much of the time.
describe('a machine that is lost', { concurrency: 2 }, () => {
  test('everything typed until a second before comes back from a directory, also after a recovery that was killed', async (t) => {
    await using target = await temporaryDirectory();
    await story(t, { url: `dir:${target.join('vault')}` }, { interruptAt: 'recover.platform.after' });
  });

  test('everything typed until a second before comes back from S3', async (t) => {
    await using s3 = await createS3Server({ buckets: ['backup'] });
    await story(t, { url: `s3://backup/berth?endpoint=${s3.endpoint}`, credentials: S3_TEST_CREDENTIALS });
  });

  test('a machine that was thought lost and comes back may not write any more', async () => {
    await using stage = await openStage();
    const { platform, machine, kitFile, vault } = stage;
    await prepare(platform, vault, kitFile);
    await onNotes(platform.httpPort, '/draw?token=p1');
    await onNotes(platform.httpPort, '/add?token=before');
    const backup = await platform.client.call('backup', { params: { app: 'notes' }, body: {} });
    assert.equal((await platform.finished(backup)).ok, true);
    await untilRecoverable(machine, kitFile, APPS);
    assert.deepEqual(readdirSync(machine.home), [], 'a dry run leaves nothing behind');
    await cutPower(platform);
    const typed = await machine.berth(['recover', kitFile, '--yes', '--take-over', '--json', '--http', String(machine.httpPort)]);
    assert.equal(typed.code, 0, textOf(typed));
    await onNotes(machine.httpPort, '/add?token=on-the-new');

    // Its data is whole, and it serves; only its backups are not its own any more, and it says so.
    await platform.start();
    await onNotes(platform.httpPort, '/add?token=on-the-old');
    const states = async (client: EmptyMachine['client']) =>
      (await client.call('targets', {})).targets.find(({ name }) => name === 'far')?.state;
    await waitUntil(async () => (await states(platform.client)) === 'fenced', {
      what: 'the old machine to be fenced',
      withinMs: 60_000,
    });
    await onNotes(machine.httpPort, '/add?token=still-on-the-new');
    await waitUntil(async () => (await states(machine.client)) === 'protecting', {
      what: 'the new one to go on',
      withinMs: 60_000,
    });

    // What the target holds is the new one's.
    await cutPower(platform);
    await using third = await EmptyMachine.open();
    const after = await third.berth(['recover', kitFile, '--yes', '--take-over', '--json', '--http', String(third.httpPort)]);
    assert.equal(after.code, 0, textOf(after));
    assert.deepEqual(await onNotes(third.httpPort, '/all'), ['before', 'on-the-new', 'still-on-the-new']);
  });

  test('the whole machine goes back to a moment, and on from there', async () => {
    await using stage = await openStage();
    const { platform, machine, kitFile, vault } = stage;
    const secure = async (client: EmptyMachine['client']) => {
      const { id } = await client.call('backup', { params: { app: 'notes' }, body: {} });
      const isOver = async () => (await client.call('operation', { params: { id } })).finishedAt !== null;
      await waitUntil(isOver, { what: 'the backup to end', withinMs: 60_000 });
      const receipt = await client.call('receipt', { params: { app: 'notes', operation: id } });
      assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
    };
    await prepare(platform, vault, kitFile);
    await onNotes(platform.httpPort, '/draw?token=p1');
    await onNotes(platform.httpPort, '/add?token=before');
    await secure(platform.client);
    await untilRecoverable(machine, kitFile, APPS);
    assert.deepEqual(readdirSync(machine.home), [], 'a dry run leaves nothing behind');
    const moment = new Date().toISOString();
    await onNotes(platform.httpPort, '/add?token=mistake');
    const wrong = archive({ ...site, 'page.html': '<h1>wrong</h1>' });
    const receipt = await platform.finished(await platform.client.call('deploy', { body: wrong, query: {} }));
    assert.equal(receipt.release, 2);
    await secure(platform.client);
    await loseMachine(platform);

    const back = async (to: EmptyMachine, ...more: string[]) => {
      const typed = await to.berth([
        'recover',
        kitFile,
        '--yes',
        '--take-over',
        '--json',
        '--http',
        String(to.httpPort),
        ...more,
      ]);
      assert.equal(typed.code, 0, textOf(typed));
    };
    await back(machine, '--at', moment);
    assert.deepEqual(await onNotes(machine.httpPort, '/all'), ['before']);
    assert.equal((await ask(machine.httpPort, 'site.localhost')).body, '<h1>site</h1>');
    await onNotes(machine.httpPort, '/add?token=after');
    await secure(machine.client);
    await machine.cutPower();

    // What came after the moment is at the target still, but it is not what goes on.
    await using third = await EmptyMachine.open();
    await back(third);
    assert.deepEqual(await onNotes(third.httpPort, '/all'), ['before', 'after']);
    assert.equal((await ask(third.httpPort, 'site.localhost')).body, '<h1>site</h1>');
  });
});
