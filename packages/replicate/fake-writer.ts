/**
 * An application for tests, as a process: `node fake-writer.ts PATH SEED PAUSE_MS`. Writes at random, VACUUMs, checkpoints in every
 * mode, opens its connection anew, reads for long; ends with SIGTERM, and tells on stdout how many transactions it committed.
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '@berth/testing';

const [path = '', seed = '1', pauseMs = '0'] = process.argv.slice(2);
const random = createRandom(Number(seed));

const connect = (): DatabaseSync => {
  const connection = new DatabaseSync(path, { timeout: 5000 });
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  connection.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text BLOB)');
  return connection;
};

let database = connect();
let ending = false;
let committed = 0;
process.on('SIGTERM', () => {
  ending = true;
});

const write = (): void => {
  database.exec('BEGIN IMMEDIATE');
  for (let left = random.integer(1, 20); left > 0; left -= 1) {
    const id = random.integer(1, 3000);
    if (random.boolean(0.2)) database.prepare('DELETE FROM notes WHERE id = ?').run(id);
    else database.prepare('INSERT OR REPLACE INTO notes VALUES (?, zeroblob(?))').run(id, random.integer(0, 6000));
  }
  const isKept = random.boolean(0.9);
  database.exec(isKept ? 'COMMIT' : 'ROLLBACK');
  if (isKept) committed += 1;
};

const ACTS: readonly { share: number; act: () => void }[] = [
  { share: 0.93, act: write },
  { share: 0.01, act: () => database.exec('VACUUM') },
  {
    share: 0.04,
    act: () => void database.prepare(`PRAGMA wal_checkpoint(${random.pick(['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'])})`).get(),
  },
  {
    share: 0.02,
    act: () => {
      database.close();
      database = connect();
    },
  },
];

while (!ending) {
  let left = random.next();
  for (const { share, act } of ACTS) {
    left -= share;
    if (left >= 0) continue;
    try {
      act();
    } catch (error) {
      // Two writers and a replicator: being told to wait is part of it.
      if (!(error instanceof Error && /locked|busy/.test(error.message))) throw error;
      if (database.isTransaction) database.exec('ROLLBACK');
    }
    break;
  }
  await pause(Number(pauseMs));
}
database.close();
process.stdout.write(`${committed}\n`);
