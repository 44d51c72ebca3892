import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFakeClock, waitUntil } from '@berth/testing';
import type { ProtectedStore, StoreNotice } from '../store.ts';
import { treeTargetFailed } from './errors.ts';
import type { FollowedTree } from './followed-tree.ts';
import { createFollowing } from './following.ts';
import { createSlots } from './slots.ts';
import type { SavedTree, Tree, Trees, TreeSave } from './trees.ts';

const HOUR_MS = 3_600_000;

/** A directory that is whatever the test says, and a target where every copy ends when the test says so. */
const open = ({ known = [], state = 'one' }: { known?: readonly Tree[]; state?: string | null } = {}) => {
  const clock = createFakeClock();
  const notices: StoreNotice[] = [];
  const running: { save: TreeSave; end: (how?: { unread?: readonly string[]; error?: Error }) => void }[] = [];
  const store: ProtectedStore = { id: 'files1', path: '/data/files', owner: null, snapshotEveryMs: HOUR_MS };
  const now = { state, exists: true };
  let seen = { state, at: clock.now().getTime() };
  const tree: FollowedTree = {
    store,
    bytes: 1,
    error: null,
    walkMs: 1,
    async look() {
      if (!now.exists) return null;
      seen = { state: now.state, at: clock.now().getTime() };
      return { state: now.state, bytes: 1, entries: 1, databases: [], ms: 1 };
    },
    exists: async () => now.exists,
    isIn: (asked) => asked !== null && asked === seen.state,
    lastSeenIn: () => null,
  };
  const trees: Pick<Trees, 'list' | 'save'> = {
    list: async () => known,
    save: (_, save) =>
      new Promise((resolve, reject) => {
        running.push({
          save,
          end: ({ unread = [], error } = {}) => {
            const { tag, at, state: saved = null } = save;
            const made: SavedTree = {
              id: 'x',
              tag,
              at,
              state: saved,
              isComplete: unread.length === 0,
              files: 1,
              bytes: 1,
              addedBytes: 7,
              unread,
            };
            if (error === undefined) resolve(made);
            else reject(error);
          },
        });
        save.signal?.addEventListener('abort', () => reject(save.signal?.reason), { once: true });
      }),
  };
  const following = createFollowing(
    tree,
    { name: 'near', url: 'dir:/near', dataKey: new Uint8Array(32) },
    {
      trees: trees as Trees,
      now: clock.now,
      sleep: clock.sleep,
      notice: (notice) => notices.push(notice),
      slots: createSlots(1),
    },
  );
  /** The copy of that number, once it has begun. */
  const copy = (number: number) => waitUntil(() => running[number - 1], { what: `copy ${number} has begun`, everyMs: 1 });
  const idle = () => waitUntil(() => !following.isBusy, { what: 'nothing is being saved', everyMs: 1 });
  const named = () => notices.map(({ name }) => name);
  return { clock, following, running, copy, idle, now, tree, notices, named };
};

test('a mark claims its own moment when its copy begins at once', async () => {
  const { clock, following, copy, idle } = open();
  const at = clock.now().getTime() - 800;
  following.mark(at);
  const { save, end } = await copy(1);
  assert.deepEqual([save.at, save.tag, save.directory, save.state], [at, 'files1', '/data/files', 'one']);
  end();
  await idle();
  assert.deepEqual([following.lagMs(), following.safeAtMs, following.sentBytes, following.error], [0, at, 7, null]);
  await following.end();
});

test('a mark while a copy is made is next; of several the newest, and those that are left out are told', async () => {
  const { clock, following, copy, idle, notices, running } = open();
  const start = clock.now().getTime();
  following.mark(start);
  const first = await copy(1);
  for (const later of [1, 2, 3]) following.mark(start + later);
  first.end();
  (await copy(2)).end();
  await idle();
  assert.deepEqual(
    running.map(({ save }) => save.at - start),
    [0, 3],
  );
  const skipped = notices.filter(({ name }) => name === 'snapshot.skipped');
  assert.deepEqual(
    skipped.map(({ fields }) => Number(fields.at) - start),
    [1, 2],
  );
  await following.end();
});

test('a copy that begins late does not claim the moment that was marked', async () => {
  const { clock, following, copy, idle, named } = open();
  const start = clock.now().getTime();
  following.mark(start);
  const first = await copy(1);
  following.mark(start + 1);
  await clock.advance(60_000);
  first.end();
  const second = await copy(2);
  assert.equal(second.save.at, start + 60_000);
  second.end();
  await idle();
  assert.ok(named().includes('snapshot.late'));
  await following.end();
});

test('a backup is a copy that was begun after it was asked for, and one copy is enough for all who wait', async () => {
  const { clock, following, copy, idle, running } = open();
  following.mark(clock.now().getTime());
  const first = await copy(1);
  await clock.advance(10);
  let isSafe = false;
  const both = Promise.all([following.backup(), following.backup()]).then(() => {
    isSafe = true;
  });
  first.end();
  const second = await copy(2);
  assert.equal(isSafe, false);
  second.end();
  await both;
  await idle();
  assert.equal(running.length, 2);
  await following.end();
});

test('a target that fails is tried again, at once when somebody asks, and named meanwhile', async () => {
  const { clock, following, copy, idle, running, named } = open();
  const safe = following.backup();
  const failure = treeTargetFailed('near', { doing: 'saving', said: 'no route' });
  for (const [number, pauseMs] of [
    [1, 1_000],
    [2, 2_000],
  ] as const) {
    (await copy(number)).end({ error: failure });
    await waitUntil(() => clock.sleepers === 1, { what: 'it waits', everyMs: 1 });
    assert.equal(following.error?.code, 'TREE_TARGET_FAILED');
    await clock.advance(pauseMs - 1);
    assert.equal(running.length, number);
    await clock.advance(1);
  }
  (await copy(3)).end({ error: failure });
  await waitUntil(() => clock.sleepers === 1, { what: 'it waits', everyMs: 1 });
  const again = following.backup();
  (await copy(4)).end();
  await Promise.all([safe, again]);
  await idle();
  assert.equal(following.error, null);
  assert.equal(named().filter((name) => name === 'snapshot.failed').length, 3);
  await following.end();
});

test('a copy without some files is no backup: who waits hears of it, and the newest complete one is as old as it is', async () => {
  const { clock, following, copy, idle, named } = open();
  following.mark(clock.now().getTime());
  (await copy(1)).end();
  await idle();
  await clock.advance(5_000);
  const backup = following.backup();
  const told = assert.rejects(backup, { code: 'TREE_INCOMPLETE', message: /\/data\/files\/closed/ });
  (await copy(2)).end({ unread: ['/data/files/closed'] });
  await told;
  await idle();
  assert.equal(following.error?.code, 'TREE_INCOMPLETE');
  assert.ok(named().includes('snapshot.incomplete'));
  await following.end();
});

describe('a copy is due', () => {
  const made = (minutesAgo: number, state: string | null): Tree => ({
    id: 'a',
    tag: 'files1',
    at: Date.parse('2030-01-01T00:00:00Z') - minutesAgo * 60_000,
    state,
    isComplete: true,
  });
  const cases = [
    { name: 'when there is none', known: [], isDue: true },
    { name: 'not when the newest is young', known: [made(30, 'other')], isDue: false },
    { name: 'when the newest is old and something has changed', known: [made(61, 'other')], isDue: true },
    { name: 'not when it is old and nothing has changed', known: [made(61, 'one')], isDue: false },
    { name: 'when it is old and cannot be compared', known: [made(61, null)], isDue: true },
    { name: 'when the only one is incomplete', known: [{ ...made(1, 'one'), isComplete: false }], isDue: true },
  ];
  for (const { name, known, isDue } of cases)
    test(name, async () => {
      const { following, copy, idle, running } = open({ known });
      following.consider();
      if (isDue) (await copy(1)).end();
      await idle();
      assert.equal(running.length, isDue ? 1 : 0);
      await following.end();
    });
});

test('what does not exist is safe as it is, and is copied once it exists', async () => {
  const { following, copy, idle, now, running } = open();
  now.exists = false;
  await following.backup();
  await idle();
  assert.deepEqual([running.length, following.lagMs(), following.safeAtMs], [0, null, null]);
  now.exists = true;
  following.consider();
  (await copy(1)).end();
  await idle();
  assert.equal(following.lagMs(), 0);
  await following.end();
});

test('what has changed since the copy is as old as the copy at most', async () => {
  const { clock, following, copy, idle, now, tree } = open();
  following.mark(clock.now().getTime());
  (await copy(1)).end();
  await idle();
  await clock.advance(60_000);
  assert.equal(following.lagMs(), 0);
  now.state = 'two';
  await tree.look(new AbortController().signal);
  assert.equal(following.lagMs(), 60_000);
  await following.end();
});

test('its end gives up what is being made, and tells who waits', async () => {
  const { following, copy } = open();
  const backup = assert.rejects(following.backup(), { code: 'FILES_STOPPED' });
  await copy(1);
  await following.end();
  await backup;
  await assert.rejects(following.backup(), { code: 'FILES_STOPPED' });
});
