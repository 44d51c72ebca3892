import { createHash, randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

const BODY_BYTES = 1_000;

/** A database in WAL mode, filled to about so many MB. Gives the number of rows. Half of each body can be compressed. */
export function createDatabase(path: string, megabytes: number): number {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec(
    'CREATE TABLE written (id INTEGER PRIMARY KEY, at REAL, body BLOB); CREATE TABLE filler (id INTEGER PRIMARY KEY, body BLOB)',
  );
  const rows = Math.round((megabytes * 2 ** 20) / (BODY_BYTES * 1.1));
  const insert = database.prepare('INSERT INTO filler (body) VALUES (?)');
  for (let at = 0; at < rows; at += 20_000) {
    database.exec('BEGIN');
    for (let row = at; row < Math.min(rows, at + 20_000); row += 1) {
      const body = Buffer.alloc(BODY_BYTES, 'what people write, over and over again; ');
      randomBytes(BODY_BYTES / 2).copy(body);
      insert.run(body);
    }
    database.exec('COMMIT');
  }
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  database.close();
  return rows;
}

/** Of everything that the application put into it. */
export function digestOf(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const hash = createHash('sha256');
  for (const table of ['written', 'filler']) {
    for (const row of database.prepare(`SELECT * FROM ${table} ORDER BY id`).iterate()) {
      for (const value of Object.values(row)) hash.update(value instanceof Uint8Array ? value : `${String(value)};`);
    }
  }
  database.close();
  return hash.digest('hex').slice(0, 16);
}

export function lastWrittenAt(path: string): { readonly id: number; readonly at: number; readonly firstAt: number } {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare('SELECT max(id) AS id, max(at) AS at, min(at) AS firstAt FROM written').get();
  database.close();
  return { id: Number(row?.['id'] ?? 0), at: Number(row?.['at'] ?? 0), firstAt: Number(row?.['firstAt'] ?? 0) };
}
