import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, temporaryDirectory } from '@berth/testing';
import { createDirectoryTarget } from './directory-target.ts';
import { createFakeReplica } from './fake-replica.ts';
import { restore } from './restore.ts';
import { createSealer, sealTarget } from './seal.ts';

/** Growing, shrinking, schema changes and rewrites, one transaction each. */
const changes = (random: ReturnType<typeof createRandom>, database: DatabaseSync): void => {
  const rows = (): number => Number(database.prepare('SELECT count(*) AS n FROM note').get()?.['n']);
  const acts = [
    () => database.prepare('INSERT INTO note VALUES (NULL, ?)').run(random.text(random.integer(1, 3_000))),
    () => database.prepare('INSERT INTO note VALUES (NULL, ?)').run(random.text(random.integer(1, 30_000))),
    () => database.prepare('UPDATE note SET body = ? WHERE id % 7 = ?').run(random.text(200), random.integer(0, 6)),
    () => database.prepare('DELETE FROM note WHERE id % 5 = ?').run(random.integer(0, 4)),
    () => database.exec(`CREATE TABLE IF NOT EXISTS t${random.integer(1, 9)}(a, b UNIQUE)`),
    () => database.exec(`DROP TABLE IF EXISTS t${random.integer(1, 9)}`),
    () => database.exec(`PRAGMA user_version = ${random.integer(1, 1e6)}`),
    () => database.exec('PRAGMA incremental_vacuum'),
    () => (random.boolean(0.1) ? database.exec('VACUUM') : rows() > 50 && database.exec('DELETE FROM note')),
  ];
  random.pick(acts)();
};

/** What SQLite itself makes of the database and its log at this moment. */
const imageNow = async (file: string, scratch: string): Promise<Buffer> => {
  await copyFile(file, scratch);
  await copyFile(`${file}-wal`, `${scratch}-wal`);
  const copy = new DatabaseSync(scratch);
  copy.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  copy.close();
  return readFileSync(scratch);
};

const seed = 4_711;
for (const { pageSize, autoVacuum, sealed, transactions } of [
  { pageSize: 4096, autoVacuum: 0, sealed: false, transactions: 150 },
  { pageSize: 512, autoVacuum: 2, sealed: true, transactions: 100 },
  { pageSize: 65_536, autoVacuum: 1, sealed: false, transactions: 60 },
])
  test(`each of ${transactions} random transactions with pages of ${pageSize} comes back byte for byte`, async () => {
    await using directory = await temporaryDirectory();
    const random = createRandom(seed + pageSize);
    const file = directory.join('app.db');
    const plain = createDirectoryTarget(directory.join('target'));
    const sealer = createSealer({ dataKey: Buffer.alloc(32, 7) });
    const replica = await createFakeReplica({ target: sealed ? sealTarget(plain, sealer) : plain, database: 'app', pageSize });
    using database = new DatabaseSync(file);
    database.exec(`PRAGMA page_size = ${pageSize}; PRAGMA auto_vacuum = ${autoVacuum}; PRAGMA journal_mode = WAL;
      PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 20; CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT)`);
    const images = new Map<number, Buffer>();
    for (let at = 1; at <= transactions; at += 1) {
      if (at > 1) changes(random, database);
      const before = replica.last.txid;
      replica.capture(`${file}-wal`, at);
      const { txid } = replica.last;
      if (txid > before) images.set(txid, await imageNow(file, directory.join('copy.db')));
      if (at === 1) await replica.shipSnapshot();
      if (random.boolean(0.3)) await replica.shipLog();
      if (random.boolean(0.03)) await replica.shipSnapshot();
    }
    await replica.shipLog();
    const options = { target: plain, database: 'app', ...(sealed && { sealer }) };
    let compared = 0;
    for (const [txid, image] of images) {
      const into = directory.join(`restored-${txid}.db`);
      const result = await restore({ ...options, to: { txid }, into });
      assert.equal(result.txid, txid);
      const restored = readFileSync(into);
      assert.ok(restored.equals(image), `transaction ${txid} of ${images.size}`);
      compared += 1;
    }
    assert.ok(compared > transactions / 2, `only ${compared} states were compared`);
    const leftovers = (await readdir(directory.path)).filter((name) => name.includes('restoring'));
    assert.deepEqual(leftovers, []);
  });
