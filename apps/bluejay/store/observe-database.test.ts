import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createMetrics } from '@berth/kit';
import { temporaryDirectory } from '@berth/testing';
import { observeDatabase } from './observe-database.ts';

test('statements are timed, and one that finds the database locked is counted so', async () => {
  await using directory = await temporaryDirectory();
  const file = `${directory.path}/x.db`;
  const database = new DatabaseSync(file, { timeout: 1 });
  const metrics = createMetrics({ prefix: '' });
  observeDatabase(database, {
    databaseSeconds: metrics.histogram('seconds', 'Seconds', [1]),
    databaseErrors: metrics.counter('errors_total', 'Errors', ['kind']),
  });
  database.exec('CREATE TABLE t (x)');
  database.prepare('INSERT INTO t VALUES (?)').run(1);
  assert.equal(database.prepare('SELECT x FROM t WHERE x = ?').get(1)?.['x'], 1);

  const other = new DatabaseSync(file);
  other.exec('BEGIN EXCLUSIVE');
  assert.throws(() => database.prepare('INSERT INTO t VALUES (?)').run(2), /locked/);
  other.exec('ROLLBACK');
  other.close();
  const text = await metrics.render();
  database.close();
  assert.match(text, /^seconds_count [4-9]$/m);
  assert.match(text, /^errors_total\{kind="locked"\} 1$/m);
});
