import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { createRandom, type TemporaryDirectory, temporaryDirectory } from '@berth/testing';
import { startReplication } from '../index.ts';
import { diskAfterCut, type LossKind, lossesOf } from './power-cut-disk.ts';
import { type DiskEntry, readDiskLog, recordingEnvironment } from './power-cut-log.ts';
import { neglect } from './power-cut.ts';

const LOSSES: readonly LossKind[] = ['nothing', 'everything', 'names', 'bytes', 'zeros', 'anything', 'anything', 'anything'];

describe('a power cut while a database is restored', () => {
  let directory: TemporaryDirectory;
  let disk: readonly DiskEntry[];
  let whole: Buffer;
  let into: string;
  let root: string;
  const seed = Math.floor(Math.random() * 1_000_000);

  before(async () => {
    directory = await temporaryDirectory('power-cut-restore-');
    for (const name of ['log', 'restored', 'state', 'target']) mkdirSync(directory.join(name));
    const [path, target] = [directory.join('app.db'), directory.join('target')];
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE content (id INTEGER PRIMARY KEY, body BLOB)');
    const replication = await startReplication({
      databases: [{ id: 'app', path }],
      targets: [{ kind: 'directory', name: 'near', path: target }],
      stateDirectory: directory.join('state'),
    });
    await replication.flush();
    for (let commit = 0; commit < 30; commit += 1) {
      database.exec('INSERT INTO content (body) VALUES (randomblob(60000))');
      if (commit === 20) database.exec('DELETE FROM content WHERE id < 15; VACUUM');
      if (commit % 5 === 0) await replication.flush();
    }
    await replication.flush();
    await replication.stop();
    database.close();

    root = directory.join('restored');
    into = `${root}/app.db`;
    const restorer = new URL('./power-cut-restorer.ts', import.meta.url).pathname;
    const env = recordingEnvironment(directory.join('log'), [root]);
    await promisify(execFile)(process.execPath, [restorer, target, into], { env });
    disk = readDiskLog(directory.join('log'));
    whole = readFileSync(into);
  });
  after(() => directory[Symbol.asyncDispose]());

  /** Of every moment and every kind of loss, those that leave something else than nothing or the whole database. */
  const complaintsOf = (log: readonly DiskEntry[]): string[] => {
    const random = createRandom(seed);
    const complaints: string[] = [];
    for (let cut = 0; cut <= log.length; cut += 1) {
      for (const kind of LOSSES) {
        const left = diskAfterCut(log, { roots: [root], cut, losses: lossesOf(kind, random) }).get(into);
        const what = `behind ${cut} of ${log.length}, loses ${kind}`;
        if (left === undefined ? cut === log.length : left === null || !left.equals(whole)) complaints.push(what);
      }
    }
    return complaints;
  };

  test('leaves nothing or the whole database, and the whole one when it was said to be there', (t) => {
    for (const op of ['open', 'write', 'sync', 'link', 'unlink'])
      assert.ok(
        disk.some((entry) => entry.op === op),
        op,
      );
    t.diagnostic(`${disk.length} moments, ${LOSSES.length} kinds of loss each`);
    assert.deepEqual(complaintsOf(disk), [], `seed ${seed}`);
  });

  test('is told from one of a restore that does not sync the file, or the directory', (t) => {
    const isRoot = (path: string): boolean => path === root;
    for (const [name, skips] of Object.entries({ file: (path: string) => !isRoot(path), directory: isRoot })) {
      const complaints = complaintsOf(neglect(disk, { name, skips }));
      t.diagnostic(`${name}: ${complaints.length} complaints, ${complaints[0] ?? ''}`);
      assert.ok(complaints.length > 0, name);
    }
  });
});
