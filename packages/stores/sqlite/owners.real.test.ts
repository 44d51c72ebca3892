/** Root follows and restores what belongs to the users that apps run as. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { createSqliteDriver } from './sqlite-driver.ts';

/** `nobody`, which every system has. */
const USER = { name: 'nobody', uid: 65_534, gid: 65_534 };

const rootOnly = (): string | false => (process.getuid?.() === 0 ? false : 'only root may act for other users');

const WRITE = `
  import { DatabaseSync } from 'node:sqlite';
  const database = new DatabaseSync(process.argv[1], { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS notes (text); INSERT INTO notes VALUES (randomblob(100))');
  process.stdout.write(String(database.prepare('SELECT count(*) AS n FROM notes').get().n));
  database.close();`;

const open = async () => {
  const directory = await temporaryDirectory('stores-');
  const data = directory.join('data');
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, USER.uid, USER.gid);
  const path = `${data}/app.db`;
  const driver = createSqliteDriver({ stateDirectory: directory.join('state'), onNotice: () => undefined });
  const target = { name: 'near', url: `dir:${directory.join('near')}`, dataKey: Buffer.alloc(32, 1) };
  const store = { id: 'app', path, owner: USER, snapshotEveryMs: 0 };
  return {
    directory,
    driver,
    target,
    store,
    write: (into = path) =>
      Number(
        execFileSync(process.execPath, ['--input-type=module', '-e', WRITE, into], { uid: USER.uid, gid: USER.gid, cwd: '/' }),
      ),
    async [Symbol.asyncDispose]() {
      await driver.stop({ timeoutMs: 500 });
      await directory[Symbol.asyncDispose]();
    },
  };
};

const ownersIn = (directory: string): number[] => readdirSync(directory).map((name) => statSync(`${directory}/${name}`).uid);

test('an app writes to its database although root opened it first', { skip: rootOnly() }, async () => {
  await using at = await open();
  // Its last connection is closed: neither log nor shared memory are there when root comes.
  assert.equal(at.write(), 1);
  assert.deepEqual(readdirSync(at.directory.join('data')), ['app.db']);
  await at.driver.protect([at.store], [at.target]);
  await at.driver.backup(['app'], { timeoutMs: 30_000 });
  await waitUntil(() => readdirSync(at.directory.join('data')).includes('app.db-shm'), { what: 'root has opened it' });
  assert.equal(at.write(), 2);
  await at.driver.backup(['app'], { timeoutMs: 30_000 });
  assert.equal(at.write(), 3);
  assert.ok(ownersIn(at.directory.join('data')).every((uid) => uid === USER.uid));
  await at.driver.stop({ timeoutMs: 5000 });
  assert.equal(at.write(), 4);
});

test('what is restored belongs to the app, and is refused where something is', { skip: rootOnly() }, async () => {
  await using at = await open();
  at.write();
  at.write();
  await at.driver.protect([at.store], [at.target]);
  await at.driver.backup(['app'], { timeoutMs: 30_000 });
  const scratch = at.directory.join('scratch');
  mkdirSync(scratch);
  chownSync(scratch, USER.uid, USER.gid);
  const into = `${scratch}/restored.db`;
  const fractions: number[] = [];
  const { evidence } = await at.driver.restore({
    store: at.store,
    from: at.target,
    to: 'latest',
    into,
    onProgress: (fraction) => fractions.push(fraction),
  });
  assert.match(evidence, /^\d+ pages equal the source’s checksum at transaction \d+, quick_check ok$/);
  assert.ok(fractions.length > 0 && fractions.every((fraction) => fraction >= 0 && fraction <= 1));
  assert.deepEqual(readdirSync(scratch), ['restored.db']);
  assert.deepEqual(ownersIn(scratch), [USER.uid]);
  assert.equal(at.write(into), 3);
  const again = { store: at.store, from: at.target, to: 'latest', into: `${scratch}/other.db` } as const;
  writeFileSync(`${again.into}-wal`, 'a log that would be replayed');
  await assert.rejects(at.driver.restore(again), { code: 'STORE_PLACE_TAKEN' });
  await assert.rejects(
    at.driver.restore({ ...again, to: { at: new Date(1000) }, into: `${scratch}/early.db` }),
    (error: Error) => {
      assert.match(error.message, /the earliest is from 20\d\d-/);
      return true;
    },
  );
});

test('a database that is not in WAL mode is told of, with what to do, and marks nothing', { skip: rootOnly() }, async () => {
  await using at = await open();
  const program = `
    import { DatabaseSync } from 'node:sqlite';
    new DatabaseSync(process.argv[1]).exec('CREATE TABLE notes (text)');`;
  execFileSync(process.execPath, ['--input-type=module', '-e', program, at.store.path], { ...USER, cwd: '/' });
  await at.driver.protect([at.store], [at.target]);
  const health = await waitUntil(async () => (await at.driver.health()).find(({ error }) => error !== null), {
    what: 'it is told',
  });
  assert.equal(health.error?.code, 'DATABASE_NOT_WAL');
  assert.match(health.error?.hint ?? '', /PRAGMA journal_mode = WAL/);
  assert.equal(health.targets[0]?.lagMs, null);
  await assert.rejects(at.driver.mark(['app'], new Date()), { code: 'STORE_NOT_FOLLOWED' });
  assert.equal(at.write(), 1);
  assert.equal((await at.driver.mark(['app'], new Date())).size, 1);
});
