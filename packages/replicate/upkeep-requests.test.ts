/** Requests are money: what looking after a replica costs when there is nothing to do. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, temporaryDirectory } from '@berth/testing';
import { compact } from './compact.ts';
import { createFakeReplica } from './fake-replica.ts';
import { createFakeTarget } from './fake-target.ts';
import { applyRetention } from './retention.ts';
import { DEFAULT_RETENTION } from './retention-plan.ts';
import type { Target } from './target.ts';

const HOUR = 3_600_000;

/** Counts a listing of up to 1000 objects, a read, a put and a deletion as one each, as an object store bills them. */
const counting = (target: Target): { target: Target; requests: { count: number } } => {
  const requests = { count: 0 };
  const counted =
    <Args extends unknown[], T>(call: (...args: Args) => T) =>
    (...args: Args): T => {
      requests.count += 1;
      return call(...args);
    };
  const { description, put, get, list } = target;
  return {
    target: { description, put: counted(put), get: counted(get), list: counted(list), delete: counted(target.delete) },
    requests,
  };
};

test('a database that was written for a day and is idle since costs some tens of requests per run', async (context) => {
  await using directory = await temporaryDirectory();
  const file = directory.join('app.db');
  using database = new DatabaseSync(file);
  database.exec(
    'PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE note(body TEXT)',
  );
  const { target, requests } = counting(createFakeTarget());
  const replica = await createFakeReplica({ target, database: 'app', pageSize: 4096 });
  const random = createRandom(11);
  let at = 0;
  replica.capture(`${file}-wal`, at);
  await replica.shipSnapshot();
  while (at < 24 * HOUR) {
    at += random.integer(1_000, 1_200_000);
    database.exec("INSERT INTO note VALUES ('x')");
    replica.capture(`${file}-wal`, at);
    await replica.shipLog();
  }
  const upkeep = { target, database: 'app', policy: DEFAULT_RETENTION, scratchDirectory: directory.path };
  await compact({ ...upkeep, now: at + HOUR });
  await applyRetention({ ...upkeep, now: at + HOUR });
  const runs: number[] = [];
  // After a day the single transactions go, which takes reading once more what stands for them; the other runs find nothing.
  for (const later of [2, 26, 28, 72]) {
    requests.count = 0;
    await compact({ ...upkeep, now: at + later * HOUR });
    await applyRetention({ ...upkeep, now: at + later * HOUR });
    runs.push(requests.count);
  }
  context.diagnostic(`requests per run: ${runs.join(', ')}`);
  const [soon = 0, , next = 0, late = 0] = runs;
  for (const count of [soon, next, late]) assert.ok(count < 60, `run each hour that is ${count * 24} a day`);
});
