/** A replicator that outlives whoever started it, and the next one that takes its place. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryDirectory, type TemporaryDirectory, waitUntil } from '@berth/testing';
import { readCatalogue } from './catalogue.ts';
import { createDirectoryTarget } from './directory-target.ts';
import { endReplicator } from './left-replicator.ts';
import { identifyProcess } from './process-identity.ts';
import type { ReplicationPlan } from './replication-messages.ts';
import type { Notice } from './replication-status.ts';
import { restore } from './restore.ts';
import { type Replication, startReplication } from './start-replication.ts';

const PARENT = `
  import { startReplication } from ${JSON.stringify(new URL('./start-replication.ts', import.meta.url).href)};
  const replication = await startReplication(JSON.parse(process.argv[1]));
  process.on('SIGTERM', () => { replication.leave(); process.stdout.write('left'); });
  process.stdout.write(String(replication.pid));`;

class Home implements AsyncDisposable {
  readonly directory: TemporaryDirectory;
  readonly path: string;
  readonly plan: ReplicationPlan;
  readonly notices: Notice[] = [];
  readonly application: DatabaseSync;

  constructor(directory: TemporaryDirectory) {
    this.directory = directory;
    this.path = directory.join('app.db');
    this.plan = {
      databases: [{ id: 'app', path: this.path }],
      targets: [{ kind: 'directory', name: 'near', path: directory.join('target') }],
      stateDirectory: directory.join('state'),
      options: { intervalMs: 50, whenParentDies: 'continue' },
    };
    this.application = createNotes(this.path);
  }

  write(count = 1): void {
    const insert = this.application.prepare('INSERT INTO notes (text) VALUES (hex(randomblob(300)))');
    for (let left = count; left > 0; left -= 1) insert.run();
  }

  /** A parent that is not this process, and the process id of its replicator. */
  async startParent(): Promise<{ parent: ChildProcess; pid: number }> {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT, JSON.stringify(this.plan)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    return { parent, pid: Number(said.toString()) };
  }

  /** A replicator whose parent was killed. */
  async leaveReplicator(): Promise<number> {
    const { parent, pid } = await this.startParent();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    return pid;
  }

  takeOver(): Promise<Replication> {
    return startReplication(this.plan, { onNotice: (notice) => this.notices.push(notice) });
  }

  async logs(): Promise<number> {
    const target = createDirectoryTarget(this.directory.join('target'));
    const catalogue = await readCatalogue(target, 'app').catch(() => undefined);
    return catalogue?.lineages[0]?.segments.length ?? 0;
  }

  told(name: Notice['name']): number {
    return this.notices.filter((notice) => notice.name === name).length;
  }

  async assertEqual(): Promise<void> {
    const into = this.directory.join('restored.db');
    rmSync(into, { force: true });
    await restore({ target: createDirectoryTarget(this.directory.join('target')), database: 'app', to: 'latest', into });
    if (this.application.isOpen) this.application.close();
    const last = new DatabaseSync(this.path);
    last.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    last.close();
    assert.ok(readFileSync(into).equals(readFileSync(this.path)), 'what comes back is the source');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endReplicator(this.plan.stateDirectory);
    if (this.application.isOpen) this.application.close();
    await this.directory[Symbol.asyncDispose]();
  }
}

const createNotes = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)');
  return database;
};

const createHome = async (): Promise<Home> => new Home(await temporaryDirectory('left-'));
const isAlive = (pid: number): boolean => identifyProcess(pid) !== undefined;

/** The start times of processes are read from /proc. */
const linuxOnly = (): string | false => (process.platform === 'linux' ? false : 'only Linux tells when a process began');

test('the parent is killed, the replicator goes on, and the next parent’s resumes exactly', {
  skip: linuxOnly(),
}, async (context: TestContext) => {
  await using home = await createHome();
  home.application.exec('PRAGMA wal_autocheckpoint = 0');
  const { parent, pid } = await home.startParent();
  const writing = setInterval(() => home.write(3), 5);
  try {
    await waitUntil(async () => (await home.logs()) > 2, { what: 'something is shipped', withinMs: 10_000 });
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    const before = await home.logs();
    await waitUntil(async () => (await home.logs()) > before + 2, { what: 'it goes on shipping', withinMs: 10_000 });
    const from = performance.now();
    const replication = await home.takeOver();
    try {
      context.diagnostic(`taken over from a busy one in ${Math.round(performance.now() - from)} ms`);
      assert.equal(isAlive(pid), false);
      await replication.point();
      assert.deepEqual([home.told('lineage.resumed'), home.told('lineage.reconciled'), home.told('lineage.started')], [1, 0, 0]);
      clearInterval(writing);
      await replication.flush();
    } finally {
      await replication.stop();
    }
  } finally {
    clearInterval(writing);
  }
  await home.assertEqual();
});

test('also among writers that checkpoint, reconnect and VACUUM nothing is lost', { skip: linuxOnly() }, async () => {
  await using home = await createHome();
  const writers = [1, 2].map((seed) =>
    fork(new URL('./fake-writer.ts', import.meta.url), [home.path, String(seed), '1'], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  try {
    for (let round = 0; round < 4; round += 1) {
      await pause(300);
      await home.leaveReplicator();
    }
  } finally {
    for (const writer of writers) writer.kill('SIGTERM');
    await Promise.all(writers.filter(({ exitCode }) => exitCode === null).map((writer) => once(writer, 'exit')));
  }
  const replication = await home.takeOver();
  await replication.flush();
  await replication.stop();
  assert.equal(home.told('lineage.started'), 0);
  await home.assertEqual();
});

test('from an idle one it is taken over in well under a second', { skip: linuxOnly() }, async (context: TestContext) => {
  await using home = await createHome();
  await home.leaveReplicator();
  home.write();
  await waitUntil(async () => (await home.logs()) > 0, { what: 'it is idle' });
  const from = performance.now();
  await using replication = await home.takeOver();
  const [point] = await replication.point();
  const ms = Math.round(performance.now() - from);
  context.diagnostic(`${ms} ms`);
  // Some 300 ms, most of it the start of a process; the rest is room for a machine with ten times as much to do as it can.
  assert.ok(ms < 5000, `${ms} ms`);
  assert.equal(point?.txid, 2);
  assert.equal(home.told('lineage.resumed'), 1);
});

test('one that hangs is killed', { skip: linuxOnly() }, async () => {
  await using home = await createHome();
  const pid = await home.leaveReplicator();
  process.kill(pid, 'SIGSTOP');
  await using replication = await home.takeOver();
  assert.equal(isAlive(pid), false);
  home.write();
  await replication.flush();
});

test('one that was let go by a parent that lives is taken over as well', { skip: linuxOnly() }, async () => {
  await using home = await createHome();
  const { parent, pid } = await home.startParent();
  parent.kill('SIGTERM');
  await once(parent, 'exit');
  assert.ok(isAlive(pid), 'the parent has ended by itself, and the replicator has not');
  assert.equal(await endReplicator(home.plan.stateDirectory), true);
  assert.equal(isAlive(pid), false);
  assert.equal(await endReplicator(home.plan.stateDirectory), false);
});

test('one whose parent is there is not touched', { skip: linuxOnly() }, async () => {
  await using home = await createHome();
  await using replication = await home.takeOver();
  await assert.rejects(endReplicator(home.plan.stateDirectory), { code: 'REPLICATION_STATE_IN_USE' });
  await assert.rejects(startReplication(home.plan), { code: 'REPLICATION_STATE_IN_USE' });
  assert.equal((await replication.status()).databases.length, 1);
});

test('a process that has only the number of one that is gone is not touched', { skip: linuxOnly() }, async () => {
  await using home = await createHome();
  const innocent = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    const identity = identifyProcess(innocent.pid ?? 0);
    assert.ok(identity);
    mkdirSync(home.plan.stateDirectory, { recursive: true });
    using lock = new DatabaseSync(`${home.plan.stateDirectory}/lock.db`);
    lock.exec('BEGIN EXCLUSIVE');
    for (const replicator of [
      { ...identity, startedAt: `${Number(identity.startedAt) - 1}` },
      { ...identity, boot: 'another' },
    ]) {
      const record = { format: 1, replicator, parent: null, left: true };
      writeFileSync(`${home.plan.stateDirectory}/replicator.json`, JSON.stringify(record));
      assert.equal(await endReplicator(home.plan.stateDirectory), false);
      await assert.rejects(startReplication(home.plan), { code: 'REPLICATION_STATE_IN_USE' });
    }
    assert.ok(isAlive(identity.pid));
  } finally {
    innocent.kill('SIGKILL');
  }
});

test('without a parent it begins anew by itself when the database is replaced', { skip: linuxOnly() }, async () => {
  await using home = await createHome();
  const pid = await home.leaveReplicator();
  home.write();
  await waitUntil(async () => (await home.logs()) > 0, { what: 'the first database is shipped' });
  home.application.close();
  const other = createNotes(home.directory.join('other.db'));
  other.exec("INSERT INTO notes (text) VALUES ('another')");
  other.close();
  for (const suffix of ['-wal', '-shm']) rmSync(home.path + suffix, { force: true });
  renameSync(home.directory.join('other.db'), home.path);
  await waitUntil(() => !isAlive(pid), { what: 'the first one is gone' });
  const target = createDirectoryTarget(home.directory.join('target'));
  const isThere = async () =>
    (await readCatalogue(target, 'app')).lineages.filter(({ snapshots }) => snapshots.length > 0).length === 2;
  await waitUntil(isThere, { what: 'the other database is shipped', withinMs: 10_000 });
  await home.assertEqual();
});

test('one that is just beginning anew is ended with what it began', { skip: linuxOnly() }, async () => {
  for (const waitMs of [0, 500, 1000, 1200]) {
    await using home = await createHome();
    await home.leaveReplicator();
    home.application.close();
    createNotes(home.directory.join('other.db')).close();
    for (const suffix of ['-wal', '-shm']) rmSync(home.path + suffix, { force: true });
    renameSync(home.directory.join('other.db'), home.path);
    // The file is looked at once a second.
    await pause(waitMs);
    assert.equal(await endReplicator(home.plan.stateDirectory), true);
    const record = JSON.parse(readFileSync(`${home.plan.stateDirectory}/replicator.json`, 'utf8')) as {
      replicator: { pid: number };
    };
    assert.equal(isAlive(record.replicator.pid), false);
    // Whoever still ran would hold it.
    using lock = new DatabaseSync(`${home.plan.stateDirectory}/lock.db`, { timeout: 2000 });
    lock.exec('BEGIN EXCLUSIVE; COMMIT');
  }
});
