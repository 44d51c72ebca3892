/** What `loseMachine` lost, looked for in a home that was recovered. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { homeLayout } from '@berth/host';
import { type Journal, openJournal } from '@berth/journal';

export const withJournal = <T>(home: string, look: (journal: Journal) => T): T => {
  const journal = openJournal(homeLayout(home).journal, { now: () => new Date() });
  try {
    return look(journal);
  } finally {
    journal.close();
  }
};

export const readStore = (home: string, name: string) => readFileSync(join(home, 'apps/notes/stores', name), 'utf8');

/** All that must be true of a home that came back whole. */
export const assertWhole = (home: string): void => {
  assert.equal(readStore(home, 'main/main.db'), 'late rows');
  assert.equal(readStore(home, 'pictures/content'), 'pictures');
  assert.deepEqual(readdirSync(join(home, 'apps/notes/stores')).toSorted(), ['main', 'pictures']);
  assert.deepEqual(readdirSync(join(home, 'apps/notes/builds')).toSorted(), ['b1', 'b1.ready', 'b2', 'b2.ready']);
  assert.equal(readFileSync(join(home, 'apps/notes/builds/b2/server.js'), 'utf8'), 'second build');
  assert.equal(readFileSync(join(home, 'edge/authority/server.js'), 'utf8'), 'root');
  assert.equal(statSync(join(home, 'secrets/key.txt')).mode & 0o777, 0o600);
  withJournal(home, (journal) => {
    const serving = journal.instances.list().map(({ app, service, release, want, restarts, deaths, stopping }) => {
      return { app, service, release, want, restarts, deaths: deaths.length, stopping };
    });
    const fresh = { want: 'serving', restarts: 0, deaths: 0, stopping: false };
    assert.deepEqual(serving, [
      { app: 'notes', service: 'web', release: 2, ...fresh },
      { app: 'notes', service: 'web', release: 2, ...fresh },
      { app: 'notes', service: 'worker', release: 2, ...fresh },
      { app: 'site', service: 'web', release: 1, ...fresh },
    ]);
    const ports = [...journal.instances.list(), ...journal.apps.addresses()].flatMap(({ port }) => port ?? []);
    assert.equal(new Set(ports).size, 5, 'three instances and two services have a port each');
    assert.ok(
      ports.every((port) => port >= 29_000 && port < 29_500),
      `of this home, not of the lost one: ${ports.join(' ')}`,
    );
    assert.deepEqual(journal.operations.open(), []);
    const [deploy] = journal.operations.list({ app: 'notes' });
    assert.equal(deploy?.state, 'failed');
    assert.equal(deploy?.error?.code, 'OPERATION_LOST');
    assert.equal(journal.operations.receipts('notes')[0]?.steps[0]?.state, 'failed');
    assert.deepEqual(journal.instances.holds(), []);
    assert.deepEqual(journal.bakes.list(), []);
    assert.equal(journal.releases.get('notes', 3).state, 'failed');
    assert.deepEqual(
      journal.targets
        .list()
        .map(({ name }) => name)
        .toSorted(),
      ['far', 'near'],
    );
    assert.deepEqual(
      journal.points.list('notes').map(({ number }) => number),
      [9],
    );
  });
};
