import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createGroupCommit, type Uncommitted } from './group-commit.ts';
import { createInstruments, silent } from './testing.ts';
import type { Commit, Store } from '../store/store.ts';

const entry = (revision: number) => ({ revision, author: 0, operation: '["a"]', session: null, sequence: null });

/** Documents with one operation each, a store that records or refuses, and a clock that stands still. */
function setup({ costMs = 0 } = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'], now: 1_000_000 });
  const commits: Commit[] = [];
  const committed: string[] = [];
  const health: boolean[] = [];
  let refusal: Error | null = null;
  const instruments = createInstruments();
  const store = {
    commit(commit: Commit) {
      if (refusal !== null) throw refusal;
      commits.push(commit);
      mock.timers.setTime(Date.now() + costMs);
    },
  } as Store;
  const commit = createGroupCommit({
    store,
    windowMs: 20,
    now: () => Date.now(),
    log: silent,
    instruments,
    onHealthChange: (isFailing) => health.push(isFailing),
    monotonicNow: () => Date.now(),
  });
  const document = (id: string): Uncommitted => ({
    id,
    takeUncommitted: () => ({ entries: [entry(1)], epoch: null }),
    committed: (revision) => committed.push(`${id}@${revision}`),
  });
  const refuse = (error: Error | null): void => {
    refusal = error;
  };
  return { commit, commits, committed, health, instruments, document, refuse, [Symbol.dispose]: () => mock.timers.reset() };
}

test('the first edit after a pause is written at once, and nobody is told before', () => {
  using it = setup();
  it.commit.add(it.document('a'));
  assert.deepEqual(it.committed, []);
  mock.timers.tick(0);
  assert.deepEqual(it.committed, ['a@1']);
});

for (const { costMs, waitMs } of [
  { costMs: 1, waitMs: 4 },
  { costMs: 5, waitMs: 20 },
  { costMs: 50, waitMs: 20 },
])
  test(`after a commit of ${costMs} ms, edits share the next one ${waitMs} ms later`, () => {
    using it = setup({ costMs });
    it.commit.add(it.document('a'));
    mock.timers.tick(0);
    it.commit.add(it.document('b'));
    it.commit.add(it.document('c'));
    mock.timers.tick(waitMs - 1);
    assert.equal(it.commits.length, 1);
    mock.timers.tick(1);
    assert.deepEqual(
      it.commits[1]?.operations.map(({ id }) => id),
      ['b', 'c'],
    );
  });

test('what the store refuses is told to nobody, tried again, and then told', () => {
  using it = setup();
  it.refuse(new Error('disk full'));
  it.commit.add(it.document('a'));
  mock.timers.tick(0);
  assert.deepEqual([it.committed, it.health], [[], [true]]);
  assert.equal(it.instruments.persistErrors.value, 1);
  assert.notEqual(it.commit.failingSince, null);
  mock.timers.tick(100);
  assert.equal(it.instruments.persistErrors.value, 2);
  it.refuse(null);
  mock.timers.tick(200);
  assert.deepEqual([it.committed, it.health, it.commit.failingSince], [['a@1'], [true, false], null]);
});

test('a flush throws what the store says and keeps what waits', () => {
  using it = setup();
  it.refuse(new Error('disk full'));
  it.commit.add(it.document('a'));
  assert.throws(() => it.commit.flushNow(), /disk full/);
  it.refuse(null);
  it.commit.flushNow();
  assert.deepEqual(it.committed, ['a@1']);
});

test('a document that is deleted is not written any more', () => {
  using it = setup();
  const gone = it.document('gone');
  it.commit.add(gone);
  it.commit.forget(gone);
  mock.timers.tick(0);
  assert.deepEqual(it.commits, []);
});
