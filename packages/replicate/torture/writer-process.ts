/**
 * A hostile application: `node writer-process.ts '{"database": …}'`. It works on its database until it is killed or told to
 * end by SIGTERM, and keeps the image of some states that it committed. Ends with 3 when the database was hurt.
 */
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, type Random } from './random.ts';
import { DatabaseImage } from './database-image.ts';
import { ACTS, type Act, isOrdinary, pickAct, WRITES } from './hostile-acts.ts';
import { type Database, type OpenDatabase, opener } from './writer-sqlite.ts';
import { WritersLock } from './writers-lock.ts';

export type WriterTask = {
  readonly database: string;
  readonly lock: string;
  /** Where images of sampled states go, as `NAME-NUMBER.image`, and what was done, as `NAME.log` in lines of JSON. */
  readonly directory: string;
  readonly name: string;
  readonly seed: number;
  /** Between two acts, at most; 0 is as fast as it goes. */
  readonly pauseMs: number;
  /** The share of acts whose state is kept. */
  readonly sampled: number;
  /** The directory of better-sqlite3, when that is to write. */
  readonly betterSqlite3?: string | undefined;
};

export type WriterLine =
  | { readonly kind: 'begin'; readonly sqlite: string }
  | { readonly kind: 'sample'; readonly image: string; readonly act: string; readonly committedAt: number }
  | { readonly kind: 'end'; readonly acts: Readonly<Record<string, number>>; readonly refused: number }
  | { readonly kind: 'hurt'; readonly act: string; readonly message: string };

class Writer {
  readonly #task: WriterTask;
  readonly #random: Random;
  readonly #lock: WritersLock;
  readonly #image: DatabaseImage;
  readonly #open: OpenDatabase;
  readonly #done: Record<string, number> = {};
  #database: Database;
  #reader: Database | null = null;
  #refused = 0;
  #samples = 0;

  constructor(task: WriterTask) {
    this.#task = task;
    this.#random = createRandom(task.seed);
    this.#lock = new WritersLock(task.lock);
    this.#image = new DatabaseImage(task.database);
    this.#open = opener(task.betterSqlite3);
    this.#database = this.#connect();
    const sqlite = this.#database.prepare('SELECT sqlite_version() AS version').get()?.['version'];
    this.#note({ kind: 'begin', sqlite: String(sqlite) });
  }

  async work(isToEnd: () => boolean): Promise<void> {
    while (!isToEnd()) {
      if (this.#random.boolean(0.02)) this.#reconnect();
      if (this.#random.boolean(this.#reader === null ? 0.02 : 0.15)) this.#readForLong();
      if (this.#random.boolean(this.#task.sampled)) this.#sample();
      else this.#lock.together(() => this.#do(pickAct(ACTS, this.#random)));
      await sleep(this.#random.integer(0, this.#task.pauseMs));
    }
    this.#note({ kind: 'end', acts: this.#done, refused: this.#refused });
    if (this.#random.boolean()) this.#reader?.close();
    if (this.#random.boolean()) this.#database.close();
  }

  #do(act: Act): void {
    try {
      act.run(this.#database, this.#random);
      this.#done[act.name] = (this.#done[act.name] ?? 0) + 1;
    } catch (error) {
      if (!isOrdinary(error)) {
        this.#note({ kind: 'hurt', act: act.name, message: String(error) });
        process.exit(3);
      }
      this.#refused += 1;
    }
  }

  /**
   * Only of what it wrote itself: a writer that was killed in its commit may have left frames that no one sees until SQLite
   * recovers the log, and that the next commit overwrites.
   */
  #sample(): void {
    this.#lock.alone(() => {
      const before = this.#image.end();
      const act = pickAct(WRITES, this.#random);
      this.#do(act);
      if (this.#image.end() === before) return;
      const committedAt = Date.now();
      const image = join(this.#task.directory, `${this.#task.name}-${++this.#samples}.image`);
      writeFileSync(`${image}.tmp`, this.#image.read());
      renameSync(`${image}.tmp`, image);
      this.#note({ kind: 'sample', image, act: act.name, committedAt });
    });
  }

  /** The last one to close a database checkpoints and deletes its log. */
  #reconnect(): void {
    this.#database.close();
    this.#database = this.#connect();
  }

  #connect(): Database {
    const database = this.#open(this.#task.database, { timeout: this.#random.pick([0, 20, 100, 400]) });
    this.#do({
      name: 'connect',
      weight: 0,
      run: () => {
        // A page size change that was killed left another mode behind.
        database.exec('PRAGMA journal_mode = WAL');
        if (this.#random.boolean()) database.prepare(`PRAGMA wal_autocheckpoint = ${this.#random.pick([1, 50, 1000])}`).all();
        if (this.#random.boolean(0.3)) database.exec('PRAGMA cache_size = 5');
      },
    });
    return database;
  }

  /** Starts a reading transaction that holds the log, or ends the one there is. */
  #readForLong(): void {
    if (this.#reader !== null) {
      this.#reader.close();
      this.#reader = null;
      return;
    }
    const reader = this.#open(this.#task.database, { readOnly: true });
    this.#reader = reader;
    this.#do({ name: 'long reader', weight: 0, run: () => reader.exec('BEGIN; SELECT count(*) FROM sqlite_schema') });
  }

  #note(line: WriterLine): void {
    appendFileSync(join(this.#task.directory, `${this.#task.name}.log`), `${JSON.stringify(line)}\n`);
  }
}

let isToEnd = false;
process.on('SIGTERM', () => {
  isToEnd = true;
});
await new Writer(JSON.parse(process.argv[2] ?? '{}')).work(() => isToEnd);
process.exit(0);
