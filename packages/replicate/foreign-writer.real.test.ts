/** Applications bring an SQLite of their own: here that of the distribution's command line, which is years older than ours. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, temporaryDirectory, waitUntil } from '@berth/testing';
import { createDirectoryTarget } from './directory-target.ts';
import { restore } from './restore.ts';
import { type Replication, startReplication } from './start-replication.ts';

const ROUNDS = process.env.BERTH_DOSE === 'torture' ? 200 : 6;
const ACTS_PER_ROUND = 40;

const CHECKPOINTS = ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'];
const ACTS: readonly string[] = [
  'INSERT INTO notes (text) SELECT randomblob(abs(random()) % 9000) FROM generate_series(1, 20)',
  'BEGIN IMMEDIATE; UPDATE notes SET text = randomblob(300) WHERE id % 7 = abs(random()) % 7; COMMIT',
  'BEGIN IMMEDIATE; DELETE FROM notes; ROLLBACK',
  'DELETE FROM notes WHERE id % 5 = abs(random()) % 5',
  'CREATE TABLE IF NOT EXISTS more AS SELECT * FROM notes; CREATE INDEX IF NOT EXISTS by_text ON more (text)',
  'DROP TABLE IF EXISTS more',
  'INSERT INTO notes (text) VALUES (zeroblob(400000))',
  'VACUUM',
  ...CHECKPOINTS.map((mode) => `PRAGMA wal_checkpoint(${mode})`),
];

/** `sqlite3`, which does one thing after the other as it is told. */
class CommandLine {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #said = '';

  constructor(path: string) {
    this.#child = spawn('sqlite3', ['-batch', '-init', '/dev/null', path], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'exit');
    this.#child.stderr?.on('data', (text: Buffer) => (this.#said += text.toString()));
    // What was told to one that is killed in between is lost with it.
    this.#child.stdin?.on('error', () => undefined);
    this.#answers = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** Resolves when all of it is done, with the last line that was printed before. */
  async perform(sql: readonly string[]): Promise<string> {
    this.#child.stdin?.write(`${sql.join(';\n')};\nSELECT 'done';\n`);
    for (let last = ''; ; ) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`sqlite3 ended: ${this.#said}`);
      if (value === 'done') return last;
      last = value;
    }
  }

  /** Tells it something and kills it while it is at it. */
  async killDuring(sql: string): Promise<void> {
    this.#child.stdin?.write(`${sql};\nSELECT 'begun';\n${`${sql};\n`.repeat(50)}`);
    while ((await this.#answers.next()).value !== 'begun');
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Busy is what SQLite may say at any time; anything else is a complaint. */
  async end(): Promise<string[]> {
    this.#child.stdin?.end();
    await this.#ended;
    return this.#said.split('\n').filter((line) => line !== '' && !/database (table )?is locked/.test(line));
  }
}

test('what another version of SQLite writes comes back byte for byte, whatever it does and whoever is killed', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = createRandom(seed);
  await using directory = await temporaryDirectory('replicate-');
  const path = directory.join('app.db');
  const open = async () => {
    const writer = new CommandLine(path);
    await writer.perform(['PRAGMA busy_timeout = 5000', 'PRAGMA journal_mode = WAL']);
    return writer;
  };
  const target = createDirectoryTarget(directory.join('target'));
  const replicate = (): Promise<Replication> =>
    startReplication({
      databases: [{ id: 'app', path }],
      targets: [{ kind: 'directory', name: 'near', path: directory.join('target') }],
      stateDirectory: directory.join('state'),
      options: { intervalMs: 50, checkpointFrames: 200, truncateLogBytes: 1 << 20 },
    });

  let writer = await open();
  await writer.perform(['CREATE TABLE notes (id INTEGER PRIMARY KEY, text BLOB)']);
  t.diagnostic(`seed ${seed}, sqlite3 ${await writer.perform(['SELECT sqlite_version()'])}`);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const replication = await replicate();
    try {
      for (let act = 0; act < ACTS_PER_ROUND; act += 1) {
        await writer.perform([random.pick(ACTS)]);
        if (random.boolean(0.05)) {
          await writer.killDuring(ACTS[0] ?? '');
          writer = await open();
        }
        if (random.boolean(0.05) && replication.pid !== undefined) process.kill(replication.pid, 'SIGKILL');
      }
      await waitUntil(() => replication.flush().catch(() => null), { what: 'all of it is safe', withinMs: 60_000 });
    } finally {
      await replication.stop();
    }
    assert.deepEqual(await writer.end(), [], `seed ${seed}, round ${round}`);
    const into = directory.join(`restored-${round}.db`);
    await restore({ target, database: 'app', to: 'latest', into });
    const original = new DatabaseSync(path);
    original.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    original.close();
    assert.ok(readFileSync(into).equals(readFileSync(path)), `seed ${seed}, round ${round}: another database came back`);
    writer = await open();
  }
  await writer.end();
});
