import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RoundEvent, RoundPlan } from './round-plan.ts';
import type { Replicator, Subject } from './subject.ts';
import { judge, type Verdict } from './verdict.ts';
import { Writers, type WritersSqlite } from './writers.ts';

export type Places = { readonly database: string; readonly target: string; readonly state: string; readonly directory: string };

/** When the replicator followed the database, in ms since 1970, and whether it was closed then: it has everything, or killed. */
export type Watch = { readonly from: number; readonly to: number; readonly isClosed: boolean };

/** The replicator must get everything to the target in this time once the writers are gone. Fault windows make it slow. */
const CLOSE_WITHIN_MS = 20_000;
const FOLLOWS_WITHIN_MS = 5_000;

export function placesIn(directory: string): Places {
  return { directory, database: join(directory, 'app.db'), target: join(directory, 'target'), state: join(directory, 'state') };
}

export type Setting = {
  readonly places: Places;
  readonly subject: Subject;
  readonly signal: AbortSignal;
  readonly writersSqlite: WritersSqlite;
};

/** Plays one round and judges it; null when it was aborted. The directory is left as it is, for whoever wants to see why. */
export async function playRound(plan: RoundPlan, setting: Setting): Promise<Verdict | null> {
  const round = new Round(plan, setting);
  try {
    return await round.play();
  } catch (error) {
    if (setting.signal.aborted) return null;
    throw error;
  } finally {
    await round.clearAway();
  }
}

class Round {
  readonly #plan: RoundPlan;
  readonly #places: Places;
  readonly #subject: Subject;
  readonly #signal: AbortSignal;
  readonly #writers: Writers;
  readonly #watches: Watch[] = [];
  readonly #complaints: string[] = [];
  #replicator: Replicator | null = null;

  constructor(plan: RoundPlan, { places, subject, signal, writersSqlite }: Setting) {
    this.#plan = plan;
    this.#signal = signal;
    this.#places = places;
    this.#subject = subject;
    const images = join(places.directory, 'images');
    for (const directory of [images, places.target, places.state]) mkdirSync(directory, { recursive: true });
    const { pauseMs, sampled } = plan;
    const lock = join(places.directory, 'writers.lock');
    const task = { database: places.database, lock, directory: images, pauseMs, sampled };
    this.#writers = new Writers(task, plan.seed, writersSqlite);
  }

  async play(): Promise<Verdict> {
    createDatabase(this.#places.database, this.#plan);
    await this.#startReplicator();
    this.#writers.start(this.#plan.writers);
    const startedAt = performance.now();
    for (const event of this.#plan.events) {
      if (event.followed) await this.#followed();
      await this.#sleep(event.afterMs);
      await this.#apply(event);
    }
    await this.#sleep(startedAt + this.#plan.workMs - performance.now());
    await this.#writers.stopAll(this.#plan.end.writers === 'killed' ? 'SIGKILL' : 'SIGTERM');
    ensureWal(this.#places.database);
    await this.#endReplicator();
    return await judge({
      plan: this.#plan,
      places: this.#places,
      subject: this.#subject,
      samples: this.#writers.samples(),
      versions: this.#writers.versions(),
      watches: this.#watches,
      complaints: [...this.#complaints, ...this.#writers.complaints()],
    });
  }

  async #endReplicator(): Promise<void> {
    const { killReplicator, writers } = this.#plan.end;
    if (killReplicator) {
      await this.#killReplicator();
      await this.#startReplicator();
    }
    await this.#closeReplicator();
    if (writers === 'told') return;
    // A writer that was killed may have written a commit and not said so: it counts from when SQLite recovers the log, and that
    // happens when the first one opens a database that no one has open.
    await this.#startReplicator();
    await this.#closeReplicator();
  }

  async clearAway(): Promise<void> {
    await this.#writers.stopAll('SIGKILL');
    await this.#replicator?.kill();
  }

  async #apply(event: RoundEvent): Promise<void> {
    if (event.kind === 'kill') {
      const replicatorDies = event.whom !== 'writer';
      const writerDies = event.whom !== 'replicator';
      await Promise.all([replicatorDies ? this.#killReplicator() : null, writerDies ? this.#writers.killOne() : null]);
      await this.#sleep(event.pauseMs);
      if (writerDies) this.#writers.start(1);
      if (replicatorDies) await this.#startReplicator();
    } else if (event.kind === 'pause') {
      const pids = event.whom === 'writer' ? [this.#writers.pid()] : (this.#replicator?.pids ?? []);
      for (const pid of pids) signal(pid, 'SIGSTOP');
      await this.#sleep(event.forMs);
      for (const pid of pids) signal(pid, 'SIGCONT');
    } else if (event.kind === 'page size') {
      await this.#changePageSize(event.pageSize);
    } else {
      await this.#turnBack(event.forMs);
    }
  }

  /** What somebody does who puts a copy of the files back. The log is the same by its salts, and says something else. */
  async #turnBack(forMs: number): Promise<void> {
    const { database } = this.#places;
    await this.#killReplicator();
    const count = await this.#writers.stopAll('SIGKILL');
    const copy = join(this.#places.directory, 'copy.db');
    copyDatabase(database, copy);
    this.#writers.start(count);
    await this.#startReplicator();
    await this.#followed();
    await this.#sleep(forMs);
    await this.#killReplicator();
    await this.#writers.stopAll('SIGKILL');
    const bytes = logBytes(database);
    copyDatabase(copy, database);
    this.#writers.start(count);
    // Until the other log has grown beyond what was captured of the first, unless it was restarted.
    const giveUpAt = performance.now() + FOLLOWS_WITHIN_MS / 2;
    while (performance.now() < giveUpAt && logBytes(database) <= bytes) await this.#sleep(5);
    await this.#startReplicator();
  }

  /** Resolves when the replicator follows, or seems unable to. */
  async #followed(): Promise<void> {
    const giveUpAt = performance.now() + FOLLOWS_WITHIN_MS;
    while (performance.now() < giveUpAt && this.#replicator?.readyAt === null) await this.#sleep(10);
  }

  async #changePageSize(pageSize: number): Promise<void> {
    const count = await this.#writers.stopAll('SIGTERM');
    await this.#killReplicator();
    const database = new DatabaseSync(this.#places.database, { timeout: 1000 });
    const mode = database.prepare('PRAGMA journal_mode = DELETE').get()?.['journal_mode'];
    if (mode !== 'delete') throw new Error(`the database is still in use: its journal mode stays ${String(mode)}`);
    database.exec(`PRAGMA page_size = ${pageSize}; VACUUM; PRAGMA journal_mode = WAL`);
    database.close();
    this.#writers.start(count);
    await this.#startReplicator();
  }

  async #startReplicator(): Promise<void> {
    this.#signal.throwIfAborted();
    this.#replicator = await this.#subject.start(this.#plan.manner);
  }

  async #killReplicator(): Promise<void> {
    await this.#leave(false, async (replicator) => await replicator.kill());
  }

  async #closeReplicator(): Promise<void> {
    await this.#leave(true, async (replicator) => {
      try {
        await replicator.close(CLOSE_WITHIN_MS);
      } catch (error) {
        this.#complaints.push(`the replicator did not close: ${String(error)}`);
        await replicator.kill();
      }
    });
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(Math.max(0, ms), undefined, { signal: this.#signal });
  }

  async #leave(isClosed: boolean, end: (replicator: Replicator) => Promise<void>): Promise<void> {
    const replicator = this.#replicator;
    if (replicator === null) return;
    const to = Date.now();
    const complaint = replicator.complaint();
    if (complaint !== null) this.#complaints.push(`the replicator ended by itself: ${complaint}`);
    await end(replicator);
    if (complaint === null) this.#watches.push({ from: replicator.readyAt ?? Number.POSITIVE_INFINITY, to, isClosed });
    this.#replicator = null;
  }
}

export function createDatabase(path: string, { pageSize, autoVacuum }: Pick<RoundPlan, 'pageSize' | 'autoVacuum'>): void {
  const database = new DatabaseSync(path);
  database.exec(
    `PRAGMA page_size = ${pageSize}; PRAGMA auto_vacuum = ${autoVacuum}; PRAGMA journal_mode = WAL; CREATE TABLE t (a, b)`,
  );
  database.close();
}

/** Who was killed while changing the page size has left another mode behind, in which nobody can be followed. */
function ensureWal(path: string): void {
  const header = readFileSync(path).subarray(0, 20);
  if (header[18] === 2) return;
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL');
  database.close();
}

function logBytes(database: string): number {
  return statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/** Into the same files: their inodes stay. */
function copyDatabase(from: string, to: string): void {
  copyFileSync(from, to);
  rmSync(`${to}-wal`, { force: true });
  rmSync(`${to}-shm`, { force: true });
  if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${to}-wal`);
}

function signal(pid: number | null, name: 'SIGSTOP' | 'SIGCONT'): void {
  if (pid === null) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended since: there is nothing left to hold or to let go.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
