import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom, temporaryDirectory, type TemporaryDirectory, waitUntil } from '@berth/testing';
import { readCatalogue } from './catalogue.ts';
import { createDirectoryTarget } from './directory-target.ts';
import { getMark } from './mark.ts';
import type { ReplicationOptions } from './replication-messages.ts';
import type { Notice } from './replication-status.ts';
import { restore } from './restore.ts';
import { createSealer, sealTarget } from './seal.ts';
import { type Replication, startReplication } from './start-replication.ts';

const WRITER = new URL('./fake-writer.ts', import.meta.url);

const startWriter = (path: string, seed: number, pauseMs = 1): ChildProcess =>
  fork(WRITER, [path, String(seed), String(pauseMs)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

const endWriter = async (writer: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
  if (writer.exitCode !== null || writer.signalCode !== null) return;
  writer.kill(signal);
  await once(writer, 'exit');
};

/** Where the locks of other processes can be seen. */
const linuxOnly = (): string | false => (process.platform === 'linux' ? false : 'only Linux shows who waits for our reader');

const TRUNCATING = `
  import { DatabaseSync } from 'node:sqlite';
  const database = new DatabaseSync(process.argv[1], { timeout: 5000 });
  let worstMs = 0;
  let completed = 0;
  for (let round = 0; round < 10; round += 1) {
    for (let left = 20; left > 0; left -= 1) database.exec('INSERT INTO notes (text) VALUES (zeroblob(500))');
    await new Promise((next) => setTimeout(next, 100));
    const from = performance.now();
    if (database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get().busy === 0) completed += 1;
    worstMs = Math.max(worstMs, performance.now() - from);
  }
  process.stdout.write(JSON.stringify({ worstMs, completed }));`;

type Place = { directory: TemporaryDirectory; path: string; notices: Notice[] };

const start = ({ directory, path, notices }: Place, options: ReplicationOptions = {}): Promise<Replication> =>
  startReplication(
    {
      databases: [{ id: 'app', path }],
      targets: [{ kind: 'directory', name: 'near', path: directory.join('target') }],
      stateDirectory: directory.join('state'),
      options: { intervalMs: 50, checkpointFrames: 200, truncateLogBytes: 1 << 20, ...options },
    },
    { onNotice: (notice) => notices.push(notice) },
  );

const place = async (): Promise<Place & AsyncDisposable> => {
  const directory = await temporaryDirectory('replicate-');
  const path = directory.join('app.db');
  createNotes(path);
  return { directory, path, notices: [], [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
};

const createNotes = (path: string, text = 'first'): void => {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY, text BLOB)');
  database.prepare('INSERT INTO notes VALUES (1, ?)').run(text);
  database.close();
};

/** Nobody else has it open any more. */
const bytesOf = (path: string): Buffer => {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return readFileSync(path);
};

const restored = async ({ directory }: Place): Promise<Buffer> => {
  const into = directory.join('restored.db');
  rmSync(into, { force: true });
  await restore({ target: createDirectoryTarget(directory.join('target')), database: 'app', to: 'latest', into });
  return readFileSync(into);
};

const flushed = async (replication: Replication): Promise<number> =>
  waitUntil(() => replication.flush().then(([point]) => point?.txid), { what: 'everything is safe', withinMs: 30_000 });

/** Kills what runs, and waits until it was started again. */
const killReplicator = async (replication: Replication): Promise<void> => {
  const { pid } = replication;
  if (pid === undefined) return;
  process.kill(pid, 'SIGKILL');
  await waitUntil(() => replication.pid !== undefined && replication.pid !== pid, { what: 'the replicator is started again' });
};

test('a replicator that is killed under load resumes each time, with no snapshot and no difference', async () => {
  await using at = await place();
  // No checkpoint: a log that is restarted while nobody looks cannot be proven to continue, and costs a difference.
  const replication = await start(at, { checkpointFrames: 1e6 });
  const database = new DatabaseSync(at.path, { timeout: 5000 });
  database.exec('PRAGMA wal_autocheckpoint = 0');
  try {
    for (let kill = 0; kill < 6; kill += 1) {
      for (let number = 0; number < 40; number += 1) {
        database.prepare('INSERT INTO notes (text) VALUES (zeroblob(2000))').run();
        await pause(2);
      }
      await flushed(replication);
      await killReplicator(replication);
    }
    await flushed(replication);
    const { lineages } = await readCatalogue(createDirectoryTarget(at.directory.join('target')), 'app');
    assert.deepEqual(
      lineages.map(({ snapshots }) => snapshots.length),
      [1],
    );
    assert.equal(at.notices.filter(({ name }) => name === 'lineage.resumed').length, 6);
  } finally {
    await replication.stop();
    database.close();
  }
  assert.ok((await restored(at)).equals(bytesOf(at.path)));
});

test('whatever is killed at random, the latest state comes back byte for byte', async (context) => {
  await using at = await place();
  const seed = Math.floor(Math.random() * 1e6);
  context.diagnostic(`seed ${seed}`);
  const random = createRandom(seed);
  const replication = await start(at);
  let writers = [startWriter(at.path, seed), startWriter(at.path, seed + 1)];
  try {
    for (let round = 0; round < 8; round += 1) {
      await pause(random.integer(200, 700));
      if (random.boolean(0.7)) await killReplicator(replication);
      if (random.boolean(0.5)) {
        await Promise.all(writers.map((writer) => endWriter(writer, random.pick(['SIGKILL', 'SIGTERM']))));
        writers = writers.map((_, number) => startWriter(at.path, seed + round * 10 + number));
      }
    }
    await Promise.all(writers.map((writer) => endWriter(writer)));
    await flushed(replication);
  } finally {
    await Promise.all(writers.map((writer) => endWriter(writer, 'SIGKILL')));
    await replication.stop();
  }
  assert.ok((await restored(at)).equals(bytesOf(at.path)));
  const { lineages } = await readCatalogue(createDirectoryTarget(at.directory.join('target')), 'app');
  assert.equal(lineages.length, 1);
});

test('a file that replaces the database begins a lineage that knows where it came from', async () => {
  await using at = await place();
  await using replication = await start(at);
  await flushed(replication);
  createNotes(at.directory.join('other.db'), 'other');
  renameSync(at.directory.join('other.db'), at.path);
  await waitUntil(() => at.notices.filter(({ name }) => name === 'lineage.started').length === 2, { what: 'a lineage begins' });
  await flushed(replication);
  const { lineages } = await readCatalogue(createDirectoryTarget(at.directory.join('target')), 'app');
  const child = lineages.find(({ parent }) => parent !== undefined);
  assert.equal(lineages.length, 2);
  assert.equal(child?.parent?.lineage, lineages.find(({ parent }) => parent === undefined)?.id);
  assert.match((await restored(at)).toString('latin1'), /other/);
});

test('a database that is deleted is waited for, and followed when it is made anew', async () => {
  await using at = await place();
  await using replication = await start(at);
  await flushed(replication);
  for (const suffix of ['', '-wal', '-shm']) rmSync(at.path + suffix, { force: true });
  const codeOf = async (): Promise<string | undefined> => (await replication.status()).databases[0]?.error?.code;
  await waitUntil(async () => (await codeOf()) === 'DATABASE_MISSING', { what: 'it is missed' });
  createNotes(at.path, 'anew');
  await waitUntil(() => at.notices.filter(({ name }) => name === 'lineage.started').length === 2, { what: 'a lineage begins' });
  await flushed(replication);
  assert.match((await restored(at)).toString('latin1'), /anew/);
});

test('what leaves is sealed when there is a key, which is in no argument and no environment', async () => {
  await using at = await place();
  const dataKey = Buffer.alloc(32, 7);
  const target = { kind: 'directory' as const, name: 'near', path: at.directory.join('target'), dataKey };
  const plan = { databases: [{ id: 'app', path: at.path }], targets: [target], stateDirectory: at.directory.join('state') };
  await using replication = await startReplication(plan);
  await flushed(replication);
  for (const place of ['cmdline', 'environ']) {
    const text = readFileSync(`/proc/${replication.pid}/${place}`, 'latin1');
    assert.ok(!text.includes(dataKey.toString('latin1')) && !text.includes(dataKey.toString('hex')));
  }
  const sealed = sealTarget(createDirectoryTarget(target.path), createSealer({ dataKey }));
  await restore({ target: sealed, database: 'app', to: 'latest', into: at.directory.join('restored.db') });
  await assert.rejects(restored({ ...at, directory: at.directory }), /encrypted|SEAL/);
});

test('a mark names a state that can be restored later', async () => {
  await using at = await place();
  await using replication = await start(at);
  await flushed(replication);
  const database = new DatabaseSync(at.path, { timeout: 5000 });
  database.exec("INSERT INTO notes (text) VALUES ('before')");
  await replication.mark('release-7');
  database.exec("INSERT INTO notes (text) VALUES ('after')");
  await flushed(replication);
  database.close();
  const target = createDirectoryTarget(at.directory.join('target'));
  const { lineage, txid } = await getMark(target, 'app', 'release-7');
  const into = at.directory.join('restored.db');
  await restore({ target, database: 'app', lineage, to: { txid }, into });
  assert.match(readFileSync(into, 'latin1'), /before/);
  assert.doesNotMatch(readFileSync(into, 'latin1'), /after/);
  await assert.rejects(replication.mark('No/Name'), { code: 'REPLICATION_PLAN_INVALID' });
});

test('an application that checkpoints with TRUNCATE by itself is let through', { skip: linuxOnly() }, async (t) => {
  await using at = await place();
  await using replication = await start(at, { checkpointFrames: 1e6 });
  await flushed(replication);
  const application = spawn(process.execPath, ['--input-type=module', '-e', TRUNCATING, at.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(application.stdout, 'data')) as [Buffer];
  await once(application, 'exit');
  const { worstMs, completed } = JSON.parse(said.toString()) as { worstMs: number; completed: number };
  t.diagnostic(`the longest took ${worstMs} ms`);
  // Without making way each of them waits for all of its five seconds, and none is completed.
  assert.equal(completed, 10);
  const { counters } = (await replication.status()).databases[0] ?? {};
  assert.ok((counters?.yields ?? 0) > 0);
  assert.equal(counters?.reconciles, 0);
});

test('two replicators cannot share a state directory', async () => {
  await using at = await place();
  await using replication = await start(at);
  await flushed(replication);
  await assert.rejects(start(at), { code: 'REPLICATION_STATE_IN_USE' });
});

test('the replicator ends with its parent', async () => {
  await using at = await place();
  const program = `
    import { startReplication } from ${JSON.stringify(new URL('./start-replication.ts', import.meta.url).href)};
    const replication = await startReplication(JSON.parse(process.argv[1]));
    process.stdout.write(String(replication.pid));`;
  const plan = {
    databases: [{ id: 'app', path: at.path }],
    targets: [{ kind: 'directory', name: 'near', path: at.directory.join('target') }],
    stateDirectory: at.directory.join('state'),
  };
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await waitUntil(() => !isRunning(Number(said.toString())), { what: 'the replicator is gone' });
});

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
