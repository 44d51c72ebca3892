import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { descendants, type Process, readProcess } from '@berth/host';
import { createS3Server, temporaryDirectory, waitUntil } from '@berth/testing';
import { describeStore, type StoreHarness } from '../conformance.ts';
import { breakableDirectory, breakableS3, type BreakableTarget } from '../fake-targets.ts';
import type { ProtectedStore } from '../store.ts';
import { createSqliteDriver, type SqliteDriver } from './sqlite-driver.ts';

const KILLED = new URL('./fake-restorer.ts', import.meta.url);

const openHarness = async (newTarget: (name: string) => Promise<BreakableTarget>): Promise<StoreHarness> => {
  const directory = await temporaryDirectory('stores-');
  let numbers = 0;
  const open = (): SqliteDriver =>
    createSqliteDriver({
      stateDirectory: directory.join('state'),
      onNotice: () => undefined,
      replication: { intervalMs: 50 },
      retry: { totalMs: 2000 },
    });
  let driver = open();
  await mkdir(directory.join('scratch'));
  return {
    driver,
    scratch: directory.join('scratch'),
    async restart() {
      await driver.stop({ timeoutMs: 5000 });
      driver = open();
      return driver;
    },
    newStore(): ProtectedStore {
      numbers += 1;
      return { id: `store-${numbers}`, path: directory.join(`${numbers}.db`), owner: null, snapshotEveryMs: 0 };
    },
    newTarget() {
      numbers += 1;
      return newTarget(directory.join(`target-${numbers}`));
    },
    async write({ path }, value) {
      const database = new DatabaseSync(path, { timeout: 5000 });
      database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS content (id INTEGER PRIMARY KEY, text BLOB)');
      database.exec('BEGIN; DELETE FROM content');
      const insert = database.prepare('INSERT INTO content (text) VALUES (?)');
      for (let row = 0; row < 200 * value; row += 1) insert.run(`${value} ${row} `.repeat(20));
      database.exec('COMMIT');
      database.close();
    },
    async digest(path) {
      const database = new DatabaseSync(path, { timeout: 5000 });
      const rows = database.prepare('SELECT count(*) AS n, group_concat(hex(text)) AS texts FROM content').get();
      database.close();
      return JSON.stringify(rows);
    },
    async restoreAndKill(request, afterMs) {
      const child = fork(KILLED, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      const ended = once(child, 'exit');
      child.send({ stateDirectory: directory.join('state'), request });
      await once(child, 'message');
      await new Promise((next) => setTimeout(next, afterMs));
      const started = child.pid === undefined ? [] : descendants(child.pid);
      child.kill('SIGKILL');
      await ended;
      // Not when it is a zombie: its other threads may then still be at work.
      const isGone = ({ pid, startTime }: Process): boolean => readProcess(pid)?.startTime !== startTime;
      await waitUntil(() => started.every(isGone), { what: 'all of it has ended' });
    },
    async [Symbol.asyncDispose]() {
      await driver.stop({ timeoutMs: 1000 });
      await directory[Symbol.asyncDispose]();
    },
  };
};

const inDirectories = (): Promise<StoreHarness> => openHarness(breakableDirectory);

const inBuckets = async (): Promise<StoreHarness> => {
  const servers: AsyncDisposable[] = [];
  const harness = await openHarness(async (path) => {
    const server = await createS3Server({ buckets: ['vault'] });
    servers.push(server);
    return breakableS3(server, { bucket: 'vault', prefix: path.split('/').at(-1) ?? 'machine' });
  });
  return {
    ...harness,
    async [Symbol.asyncDispose]() {
      await harness[Symbol.asyncDispose]();
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
};

describeStore('sqlite, with directories for targets', { open: inDirectories, killAfterMs: [0, 60, 120, 200, 300] });
describeStore('sqlite, with buckets for targets', { open: inBuckets, killAfterMs: [150, 300], patienceMs: 90_000 });
