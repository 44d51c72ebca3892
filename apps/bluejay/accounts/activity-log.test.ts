import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '@berth/kit';
import { openActivity } from './activity-log.ts';
import type { ActivityEntry } from './activity.ts';
import { openDatabase } from './testing/panel.ts';

const ENTRY: ActivityEntry = {
  actor: { id: 7, name: 'Ana' },
  action: 'published',
  resource: 'product',
  resourceId: 12,
  title: 'X-200',
  description: 'Published the product “X-200”',
};

const open = () => {
  const database = openDatabase();
  const errors: unknown[] = [];
  const log = { ...silentLog, error: (event: string, fields?: object) => void errors.push([event, fields]) };
  return { database, errors, activity: openActivity({ database, now: () => 1_900_000_000_000, log }) };
};

for (const statement of [
  "UPDATE activity_log SET title = 'other'",
  'UPDATE OR REPLACE activity_log SET id = 2 WHERE id = 1',
  'DELETE FROM activity_log',
  'DELETE FROM activity_log WHERE id = 1',
  "INSERT OR REPLACE INTO activity_log SELECT id, at, actor, actor_name, action, resource, resource_id, 'other', description FROM activity_log",
  "REPLACE INTO activity_log (id, at, actor_name, action, resource, title, description) VALUES (1, 0, '', '', '', '', '')",
  `INSERT INTO activity_log (id, at, actor_name, action, resource, title, description) VALUES (1, 0, '', '', '', '', '')
   ON CONFLICT (id) DO UPDATE SET title = 'other'`,
])
  test(`SQL cannot change what was written: ${statement.slice(0, 60)}`, () => {
    const { database, activity } = open();
    activity.record(ENTRY);
    activity.record(ENTRY);
    const before = activity.list({ page: 1 });
    assert.throws(() => database.exec(statement), /the activity log cannot be changed/);
    assert.deepEqual(activity.list({ page: 1 }), before);
    assert.equal(before.total, 2);
  });

test('it belongs to the transaction that it tells of', () => {
  const { database, activity } = open();
  database.exec('BEGIN');
  activity.record(ENTRY);
  database.exec('ROLLBACK');
  assert.equal(activity.list({ page: 1 }).total, 0);
});

test('that it cannot be written is logged, and fails nothing else', () => {
  const { database, errors, activity } = open();
  database.exec('BEGIN; CREATE TABLE other (x); DROP TABLE activity_log;');
  activity.record(ENTRY);
  database.exec('INSERT INTO other VALUES (1); COMMIT');
  const [[event, fields]] = errors as [[string, Record<string, unknown>]];
  assert.equal(event, 'failed to log activity');
  assert.equal(fields['action'], 'published');
  assert.equal(fields['resource'], 'product');
  assert.match(String(fields['error']), /no such table/);
});

test('pages hold 50, the newest first, and the last one is what lies beyond', () => {
  const { activity } = open();
  for (let index = 1; index <= 120; index += 1) activity.record({ ...ENTRY, title: `Entry ${index}` });
  const titles = (page: number) => activity.list({ page }).entries.map(({ title }) => title);
  assert.deepEqual(titles(1).slice(0, 2), ['Entry 120', 'Entry 119']);
  assert.equal(titles(1).length, 50);
  assert.equal(titles(3).at(-1), 'Entry 1');
  assert.deepEqual(titles(99), titles(3));
  assert.deepEqual(titles(0), titles(1));
  const { total, pages } = activity.list({ page: 2 });
  assert.deepEqual([total, pages], [120, 3]);
});

test('text is found in who, what and the sentence, letter by letter', () => {
  const { activity } = open();
  activity.record(ENTRY);
  activity.record({ ...ENTRY, actor: null, action: 'deleted', title: '100% wool_', description: "It's gone" });
  const found = (text: string) => activity.list({ page: 1, text }).entries.map(({ title }) => title);
  assert.deepEqual(found('ANA'), ['X-200']);
  assert.deepEqual(found('100%'), ['100% wool_']);
  assert.deepEqual(found('%'), ['100% wool_']);
  assert.deepEqual(found('l_'), ['100% wool_']);
  assert.deepEqual(found("it's"), ['100% wool_']);
  assert.deepEqual(found('\\'), []);
  assert.deepEqual(
    activity.list({ page: 1, action: 'deleted' }).entries.map(({ actorName }) => actorName),
    [''],
  );
  assert.equal(activity.list({ page: 1, action: 'deleted', text: 'ana' }).total, 0);
});
