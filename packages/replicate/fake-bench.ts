import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { temporaryDirectory, type TemporaryDirectory, waitUntil } from '@berth/testing';
import { createFakeTarget, type FakeTarget } from './fake-target.ts';
import { createLockWatch } from './foreign-locks.ts';
import { noFault } from './fault-windows.ts';
import type { ReplicationOptions, SafePoint } from './replication-messages.ts';
import { settingsOf } from './replication-settings.ts';
import type { Notice } from './replication-status.ts';
import { type Replicator, startReplicator } from './replicator.ts';
import { restore } from './restore.ts';
import type { DiskSpace } from './space.ts';

/** An application's database and a replicator in one process: SQLite keeps their locks apart as it does for two. */
export class Bench implements AsyncDisposable {
  readonly directory: TemporaryDirectory;
  readonly path: string;
  readonly application: DatabaseSync;
  targets: Record<string, FakeTarget> = { near: createFakeTarget() };
  readonly notices: Notice[] = [];
  readonly running: Replicator[] = [];
  now = Date.UTC(2026, 0, 1);
  readonly locks = createLockWatch();
  replaced = 0;
  /** How often the disk was asked for its space. */
  looks = 0;
  /** The one disk that everything is on. */
  disk: DiskSpace = { device: 1, freeBytes: 50e9, bytes: 100e9 };

  constructor(directory: TemporaryDirectory, { wal = true, isCopy = false }: { wal?: boolean; isCopy?: boolean } = {}) {
    this.directory = directory;
    this.path = directory.join('app.db');
    this.application = new DatabaseSync(this.path, { timeout: 5000 });
    if (wal) this.application.exec('PRAGMA journal_mode = WAL');
    if (!isCopy) this.application.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)');
  }

  start(options: ReplicationOptions = {}): Replicator {
    const plan = { databases: [], targets: [], stateDirectory: '', options: { intervalMs: 20, ...options } };
    const replicator = startReplicator({
      database: { id: 'app', path: this.path },
      targets: Object.entries(this.targets).map(([name, target]) => ({ name, target })),
      stateDirectory: this.directory.join('state'),
      owner: 'this',
      settings: settingsOf(plan),
      fault: noFault,
      locks: this.locks,
      spaceOf: () => {
        this.looks += 1;
        return this.disk;
      },
      now: () => this.now,
      notice: (notice) => this.notices.push(notice),
      onReplaced: () => {
        this.replaced += 1;
      },
    });
    this.running.push(replicator);
    return replicator;
  }

  write(count: number): void {
    const insert = this.application.prepare('INSERT INTO notes (text) VALUES (?)');
    for (let number = 0; number < count; number += 1) insert.run(`note ${number} ${'x'.repeat(number % 500)}`);
  }

  async flush(replicator: Replicator): Promise<number> {
    const point = await this.captured(replicator);
    await waitUntil(() => replicator.isSafe(point), { what: `transaction ${point.txid} is safe` });
    return point.txid;
  }

  async captured(replicator: Replicator): Promise<SafePoint> {
    const point = await replicator.capture();
    if (point === undefined) throw new Error('there is no database');
    return point;
  }

  async stop(replicator: Replicator, withinMs = 5000): Promise<void> {
    this.running.splice(this.running.indexOf(replicator), 1);
    await replicator.stop(AbortSignal.timeout(withinMs));
  }

  /** The notes as they come back from a target. */
  async restored(target = 'near', to: 'latest' | { txid: number } | { at: Date } = 'latest'): Promise<number> {
    const into = this.directory.join('restored.db');
    for (const suffix of ['', '-wal', '-shm']) rmSync(into + suffix, { force: true });
    await restore({ target: this.targets[target] ?? createFakeTarget(), database: 'app', to, into });
    const copy = new DatabaseSync(into, { readOnly: true });
    try {
      return Number(copy.prepare('SELECT count(*) AS count FROM notes').get()?.count);
    } finally {
      copy.close();
    }
  }

  told(name: Notice['name']): number {
    return this.notices.filter((notice) => notice.name === name).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replicator of this.running) await replicator.stop(AbortSignal.abort());
    this.locks[Symbol.dispose]();
    if (this.application.isOpen) this.application.close();
    await this.directory[Symbol.asyncDispose]();
  }
}

export const openBench = async (options?: { wal?: boolean }): Promise<Bench> => new Bench(await temporaryDirectory(), options);
