import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, test } from 'node:test';
import { openJournal } from './journal.ts';
import { migrations } from './schema.ts';

let directory: string;
const now = () => new Date('2026-01-02T03:04:05Z');
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-journal-'));
});
afterEach(() => rmSync(directory, { recursive: true }));
const open = () => openJournal(join(directory, 'journal.db'), { now });

test('what was written is there when it is opened again', () => {
  const first = open();
  first.apps.ensure('pad');
  first.apps.update('pad', { state: 'running', release: 3 });
  const { id } = first.operations.add({
    app: 'pad',
    kind: 'deploy',
    by: 'ann',
    input: { source: 'x' },
    steps: ['build', 'switch'],
  });
  first.operations.update(id, { state: 'running', memory: { release: 3 } });
  first.operations.updateStep(id, 0, { state: 'done', note: 'unchanged' });
  first.close();
  const second = open();
  assert.equal(second.apps.get('pad').release, 3);
  assert.deepEqual(
    second.operations.open().map((operation) => operation.memory),
    [{ release: 3 }],
  );
  assert.deepEqual(
    second.operations.steps(id).map((step) => step.state),
    ['done', 'pending'],
  );
  second.close();
});

test('nobody else may read it', () => {
  const journal = open();
  journal.apps.ensure('pad');
  for (const name of readdirSync(directory)) assert.equal(statSync(join(directory, name)).mode & 0o077, 0, name);
  journal.close();
});

test('a transaction that throws leaves nothing behind', () => {
  const journal = open();
  assert.throws(() =>
    journal.transaction(() => {
      journal.apps.ensure('pad');
      throw new Error('no');
    }),
  );
  assert.equal(journal.apps.find('pad'), undefined);
  journal.close();
});

test('an unknown app, release or operation is an error that names what there is', () => {
  const journal = open();
  journal.apps.ensure('pad');
  assert.throws(() => journal.apps.get('pat'), { code: 'APP_NOT_FOUND', hint: 'known apps: pad' });
  assert.throws(() => journal.releases.get('pad', 4), { code: 'RELEASE_NOT_FOUND' });
  assert.throws(() => journal.operations.get(9), { code: 'OPERATION_NOT_FOUND' });
  journal.close();
});

test('a port belongs to one instance or one service only', () => {
  const journal = open();
  journal.apps.ensure('pad');
  journal.instances.add({ id: 'a', app: 'pad', service: 'web', release: 1, port: 20_001, want: 'standby' });
  journal.apps.setAddress('pad', 'web', 20_000);
  assert.throws(() => journal.instances.add({ id: 'b', app: 'pad', service: 'web', release: 1, port: 20_001, want: 'standby' }));
  assert.deepEqual(
    [...journal.instances.takenPorts()].sort((a, b) => a - b),
    [20_000, 20_001],
  );
  journal.close();
});

test('an old version of a secret stays while a kept release uses it', () => {
  const journal = open();
  const seal = (text: string) => ({ sealed: Buffer.from(text), generated: false });
  journal.configuration.setSecret('pad', 'KEY', seal('one'));
  journal.configuration.setSecret('pad', 'KEY', seal('two'));
  journal.configuration.setSecret('pad', 'KEY', seal('three'));
  journal.configuration.pruneSecrets('pad', new Set(['KEY@1']));
  assert.deepEqual(
    [1, 2, 3].map((version) => journal.configuration.secret('pad', 'KEY', version) !== undefined),
    [true, false, true],
  );
  assert.deepEqual(
    journal.configuration.secrets('pad').map((secret) => secret.version),
    [3],
  );
  journal.close();
});

test('events are numbered for ever and pruned without losing the audit', () => {
  const journal = open();
  journal.events.add({ name: 'audit.secret.revealed', app: 'pad' });
  for (let index = 0; index < 10; index += 1) journal.events.add({ name: 'instance.died', app: 'pad' });
  journal.events.prune(3);
  assert.deepEqual(
    journal.events.list({ since: 0, limit: 100 }).map((event) => event.seq),
    [1, 9, 10, 11],
  );
  assert.equal(journal.events.add({ name: 'x' }).seq, 12);
  journal.close();
});

test('a damaged database is refused by name and left as it is', () => {
  const file = join(directory, 'journal.db');
  writeFileSync(file, 'this is not a database, not even nearly, and longer than a header would have to be'.repeat(60));
  assert.throws(open, { code: 'JOURNAL_CORRUPT' });
});

test('a release keeps its commit; one of a time before commits were known has none', () => {
  const file = join(directory, 'journal.db');
  const before = new DatabaseSync(file);
  before.exec(migrations[0] ?? '');
  before.exec(`PRAGMA user_version = 1;
    INSERT INTO release VALUES ('pad', 1, 'd', 'b', '{}', '{}', '{}', '2026-01-01T00:00:00.000Z', 'ann', 'good', '[]');
    INSERT INTO operation (app, kind, state, by, input, created_at, receipt)
      VALUES ('pad', 'deploy', 'succeeded', 'ann', '{}', '2026-01-01T00:00:00.000Z', '{"operation":1,"release":1}');`);
  before.close();
  const journal = open();
  const { number, createdAt, state, ...old } = journal.releases.get('pad', 1);
  assert.equal(old.commit, null);
  assert.deepEqual(journal.operations.receipts('pad'), [{ commit: null, restorePoint: null, operation: 1, release: 1 }]);
  const commits = [{ hash: 'c0ffee', dirty: true }, { hash: 'c0ffee', dirty: false }, null];
  for (const commit of commits) journal.releases.add({ ...old, commit });
  const kept = journal.releases.list('pad').map((release) => release.commit);
  assert.deepEqual(kept, [...commits.toReversed(), null]);
  journal.close();
  assert.ok(readdirSync(directory).includes('journal.db.format-1'));
});

test('a home written by a newer Berth is refused', () => {
  open().close();
  const db = new DatabaseSync(join(directory, 'journal.db'));
  db.exec('PRAGMA user_version = 99');
  db.close();
  assert.throws(open, { code: 'JOURNAL_TOO_NEW' });
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.includes('format')),
    [],
  );
});
