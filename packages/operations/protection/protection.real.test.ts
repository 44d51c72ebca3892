/** What deploys, restores, rollbacks and rehearsals do with data, on a whole platform; the drivers keep it in memory. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { RestoreAppRequest } from '../platform.ts';
import { openPlatformFixture, type PlatformFixture } from '../testing/platform-fixture.ts';

/** Its data is one line in a file; every start adds what it found to a log of its own. */
const SERVER = `
const { readFileSync, writeFileSync, existsSync } = require('node:fs');
const file = process.env.STORE_DB;
if (!existsSync(file)) writeFileSync(file, 'empty');
process.on('SIGTERM', () => process.exit(0));
require('node:http')
  .createServer((request, response) => {
    const to = new URL(request.url, 'http://app').searchParams.get('to');
    if (to !== null) writeFileSync(file, to);
    response.end(VERSION + ' ' + readFileSync(file, 'utf8'));
  })
  .listen(process.env.PORT, '127.0.0.1');
`;
type Changes = { version?: string; manifest?: string };
const source = ({ version = 'one', manifest = '' }: Changes = {}) => ({
  'berth.yaml': `app: notes\nservices:\n  web: { run: exec node server.js, switch: handover }\nstores: { db: { sqlite: notes.db } }\n${manifest}`,
  'server.js': `const VERSION = '${version}';${SERVER}`,
});

let fixture: PlatformFixture;
const by = 'ann';
beforeEach(async () => {
  fixture = await openPlatformFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const ask = async (to?: string) => {
  const { services } = await fixture.platform.app('notes');
  const port = services[0]?.instances.find((it) => it.state === 'healthy')?.port;
  return (await fetch(`http://127.0.0.1:${port}/${to === undefined ? '' : `?to=${to}`}`)).text();
};
const restore = (request: Omit<RestoreAppRequest, 'by'>) =>
  fixture.finished(fixture.platform.restore('notes', { by, ...request }));
const backup = async (label: string) => {
  const receipt = await fixture.finished(fixture.platform.backup('notes', { by, label }));
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  return receipt.restorePoint ?? '';
};

test('data goes back to a restore point, and the restore can be undone', async () => {
  assert.equal((await fixture.deploy(source())).ok, true);
  await ask('good');
  const point = await backup('before the mistake');
  await ask('bad');
  const receipt = await restore({ to: point });
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  assert.equal(await ask(), 'one good');
  assert.ok(receipt.restorePoint, 'what was there is a restore point too');
  assert.equal((await restore({ to: receipt.restorePoint })).ok, true);
  assert.equal(await ask(), 'one bad');
  const { points } = await fixture.platform.timeLine('notes');
  assert.deepEqual(
    points.map(({ kind, label }) => label ?? kind),
    ['restore', 'restore', 'before the mistake'],
  );
});

test('a copy goes into a directory while the app goes on, and never over something', async () => {
  await fixture.deploy(source());
  await ask('good');
  const point = await backup('now');
  await ask('later');
  const into = join(fixture.home, 'copy');
  const [instance] = (await fixture.platform.app('notes')).services[0]?.instances ?? [];
  const copied = await restore({ to: point, into });
  assert.deepEqual([copied.ok, copied.restorePoint], [true, null], JSON.stringify(copied.error));
  assert.deepEqual(
    copied.steps.map(({ name }) => name),
    ['choose', 'fetch'],
  );
  assert.equal(readFileSync(join(into, 'db/notes.db'), 'utf8'), 'good');
  assert.equal(await ask(), 'one later');
  assert.equal((await fixture.platform.app('notes')).services[0]?.instances[0]?.pid, instance?.pid);
  assert.equal((await restore({ to: point, into })).error?.code, 'RESTORE_INTO_TAKEN');
});

test('a moment is a state too, and one that nothing is known of changes nothing', async () => {
  await fixture.deploy(source());
  await ask('good');
  await backup('one');
  const at = new Date().toISOString();
  await ask('bad');
  await backup('two');
  assert.equal((await restore({ at })).ok, true);
  assert.equal(await ask(), 'one good');
  const receipt = await restore({ at: '2001-01-01T00:00:00Z' });
  assert.equal(receipt.error?.code, 'RESTORE_POINT_UNREACHABLE');
  assert.equal(await ask(), 'one good');
});

test('a release is rolled back with its data, to what it was before the next one', async () => {
  await fixture.deploy(source());
  await ask('good');
  const migration = 'release: { run: "printf ruined > $STORE_DB", when: held }\n';
  const bad = await fixture.deploy(source({ version: 'two', manifest: migration }));
  assert.equal(bad.ok, true, JSON.stringify(bad.error));
  assert.equal(await ask(), 'two ruined');
  const back = await fixture.finished(fixture.platform.rollback('notes', { by, withData: true }));
  assert.equal(back.ok, true, JSON.stringify(back.error));
  assert.equal(await ask(), 'one good');
  assert.equal((await restore({ to: back.restorePoint ?? '' })).ok, true);
  assert.equal(await ask(), 'one ruined');
});

test('a migration that fails while requests wait leaves the data as it was', async () => {
  await fixture.deploy(source());
  await ask('good');
  const migration = 'release: { run: "printf half > $STORE_DB; exit 3", when: held }\n';
  const receipt = await fixture.deploy(source({ version: 'two', manifest: migration }));
  assert.equal(receipt.error?.code, 'RELEASE_COMMAND_FAILED');
  assert.equal(await ask(), 'one good');
});

test('a release that does not start after its migration leaves the data as it was', async () => {
  await fixture.deploy(source());
  await ask('good');
  const migration = 'release: { run: "printf new > $STORE_DB", when: held }\n';
  const files = { ...source({ version: 'two', manifest: migration }), 'server.js': 'process.exit(1)' };
  assert.equal((await fixture.deploy(files)).error?.code, 'INSTANCE_NOT_HEALTHY');
  assert.equal(await ask(), 'one good');
});

test('a release that changes data itself and then does not start leaves it as it was', async () => {
  await fixture.deploy(source());
  await ask('good');
  const server = "require('node:fs').writeFileSync(process.env.STORE_DB, 'migrated'); process.exit(1)";
  const receipt = await fixture.deploy({ ...source({ version: 'two' }), 'server.js': server });
  assert.equal(receipt.error?.code, 'INSTANCE_NOT_HEALTHY');
  assert.equal(await ask(), 'one good');
});

test('an app that is stopped gets its data back and stays stopped', async () => {
  await fixture.deploy(source());
  await ask('good');
  const point = await backup('good');
  await ask('bad');
  await fixture.finished(fixture.platform.stop('notes', { by }));
  assert.equal((await restore({ to: point })).ok, true);
  assert.equal((await fixture.platform.app('notes')).state, 'stopped');
  await fixture.finished(fixture.platform.start('notes', { by }));
  assert.equal(await ask(), 'one good');
});

test('what cannot be brought back is refused before anything is queued', async () => {
  await fixture.deploy(source());
  const { platform } = fixture;
  assert.throws(() => platform.restore('notes', { by, to: 'p99' }), { code: 'RESTORE_POINT_NOT_FOUND' });
  assert.throws(() => platform.restore('notes', { by, at: new Date().toISOString(), stores: ['bd'] }), {
    code: 'STORE_NOT_FOUND',
  });
  assert.throws(() => platform.restore('notes', { by, at: new Date().toISOString(), target: 'far' }), {
    code: 'TARGET_NOT_FOUND',
  });
  assert.throws(() => platform.drill('other', { by }), { code: 'APP_NOT_FOUND' });
});

test('a rehearsal passes, fails and is inconclusive, is judged by the manifest, and is remembered', async () => {
  await fixture.deploy(source({ manifest: 'backup: { check: "grep -q good $STORE_DB" }\n' }));
  await ask('good');
  await backup('good');
  const drill = async () => {
    const receipt = await fixture.finished(fixture.platform.drill('notes', { by }));
    return [receipt.error?.code ?? 'ok', fixture.platform.drills('notes')[0]?.outcome];
  };
  assert.deepEqual(await drill(), ['ok', 'passed']);
  await ask('bad');
  await backup('bad');
  assert.deepEqual(await drill(), ['DRILL_FAILED', 'failed']);
  fixture.sqlite.breakRestores('a page is not what it was');
  assert.deepEqual(await drill(), ['DRILL_FAILED', 'failed']);
  fixture.sqlite.breakRestores(null);
  fixture.sqlite.silent.add('local');
  assert.deepEqual(await drill(), ['DRILL_INCONCLUSIVE', 'inconclusive']);
  assert.equal(fixture.platform.drills('notes').length, 4);
  assert.equal(await ask(), 'one bad');
  assert.equal(existsSync(join(fixture.home, 'apps/notes/restoring/op1')), false);
});

test('a rehearsal without a target for everything is no proof, and says what is missing', async () => {
  const files = source();
  const manifest = files['berth.yaml'].replace('notes.db }', 'notes.db }, pictures: { files: pictures }');
  assert.equal((await fixture.deploy({ ...files, 'berth.yaml': manifest })).ok, true);
  await ask('good');
  await backup('the database');
  const receipt = await fixture.finished(fixture.platform.drill('notes', { by }));
  assert.equal(receipt.error?.code, 'DRILL_INCONCLUSIVE');
  assert.deepEqual(
    fixture.platform.drills('notes')[0]?.stores.map(({ store, outcome }) => [store, outcome]),
    [
      ['db', 'passed'],
      ['pictures', 'inconclusive'],
    ],
  );
});

test('what cannot be protected is told and keeps nothing from being deployed', async () => {
  await fixture.deploy(source());
  fixture.sqlite.mark = async () => {
    throw new Error('the database is not in WAL mode');
  };
  const receipt = await fixture.deploy(source({ version: 'two' }));
  assert.equal(receipt.ok, true);
  assert.equal(receipt.restorePoint, null);
  assert.match(receipt.warnings.join(), /no restore point was taken: the database is not in WAL mode/);
});

test('every platform has a target of its own for databases; the daemon finds it again with its keys', async () => {
  await fixture.deploy(source());
  assert.deepEqual(
    (await fixture.platform.targets()).map(({ name }) => name),
    ['local'],
  );
  assert.deepEqual(
    fixture.sqlite.followed.map(({ path }) => path.split('/').at(-1)),
    ['notes.db', 'journal.db'],
  );
  await fixture.reopen();
  assert.equal(fixture.sqlite.followed.length, 2);
  await assert.rejects(fixture.platform.kit({ by }), { code: 'KIT_NO_TARGET' });
});
