import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { waitUntil } from '@berth/testing';
import type { VaultAccess } from '@berth/vault';
import type { BreakableTarget } from './fake-targets.ts';
import type { ProtectedStore, StoreDriver, StoreMoment, StoreRestore } from './store.ts';

/** One driver in a place of its own, as the suite needs it. Disposing ends the driver and removes everything. */
export type StoreHarness = AsyncDisposable & {
  readonly driver: StoreDriver;
  /** Ends the driver, and opens another over the same state, as after a restart. */
  restart(): Promise<StoreDriver>;
  /** A store that does not exist yet. Its directory does. */
  newStore(): ProtectedStore;
  newTarget(): Promise<BreakableTarget>;
  /** Makes the store exist with this content, whatever was in it before. Other numbers make other content of other length. */
  write(store: ProtectedStore, value: number): Promise<void>;
  /** Of the content of a store, live or restored: equal when every byte that matters is. */
  digest(path: string): Promise<string>;
  /** A directory where restored stores are put, empty. */
  readonly scratch: string;
  /** Restores in a process of its own, which gets SIGKILL after so long; resolves when all that it had started has ended. */
  restoreAndKill(request: KillableRestore, afterMs: number): Promise<void>;
};

/** What can be given to another process. */
export type KillableRestore = Pick<StoreRestore, 'store' | 'from' | 'to' | 'into'>;

export type StoreSuite = {
  readonly open: () => Promise<StoreHarness>;
  /** How long one backup may take at the most on a busy machine. */
  readonly patienceMs?: number;
  /** When to kill a restore: some of them in the middle. */
  readonly killAfterMs: readonly number[];
};

/** Each test waits for its disk and its targets most of the time. */
const AT_ONCE = 3;

/** What every kind of store does, in executable form. Each test has a place of its own, and they run side by side. */
export const describeStore = (name: string, { open, patienceMs = 60_000, killAfterMs }: StoreSuite): void => {
  describe(`a store of ${name}`, { concurrency: AT_ONCE }, () => {
    const it = (sentence: string, body: (harness: StoreHarness, acts: Acts) => Promise<void>): void => {
      test(sentence, { timeout: 3 * patienceMs }, async () => {
        await using harness = await open();
        await body(harness, actsOf(harness, patienceMs));
      });
    };

    it('need not exist yet, and is followed once it does', async ({ driver, ...harness }, { protect, backup, restored }) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      await protect([store], [access]);
      const [before] = await driver.health();
      assert.deepEqual([before?.id, before?.bytes, before?.error], [store.id, null, null]);
      assert.equal((await driver.mark([store.id], new Date())).size, 0);
      await harness.write(store, 1);
      await backup(store);
      assert.equal(await restored(store, access, 'latest'), await harness.digest(store.path));
    });

    it('comes back as it was when it was marked', async ({ driver, ...harness }, { protect, backup, mark, restored }) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      await harness.write(store, 1);
      await protect([store], [access]);
      await backup(store);
      const positions = [];
      const digests = [];
      for (const value of [2, 3, 4]) {
        await harness.write(store, value);
        digests.push(await harness.digest(store.path));
        positions.push(await mark(store));
        // Copies are made when they are asked for: the state has to last that long.
        if (!driver.supports.continuous) await backup(store);
      }
      await harness.write(store, 5);
      await backup(store);
      const found = [];
      for (const position of positions) found.push(await restored(store, access, { position }));
      assert.deepEqual(found, digests);
      assert.equal(await restored(store, access, 'latest'), await harness.digest(store.path));
    });

    it('comes back as it was at a moment, and says of which', async ({ driver, ...harness }, { protect, backup, into }) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      await harness.write(store, 1);
      await protect([store], [access]);
      await backup(store);
      const first = await harness.digest(store.path);
      const between = await nextMoment();
      await harness.write(store, 2);
      await backup(store);
      const path = into();
      const back = await driver.restore({ store, from: access, to: { at: new Date(between) }, into: path });
      assert.equal(await harness.digest(path), first);
      assert.ok(back.atMs <= between, `${back.atMs} is after ${between}`);
      assert.ok(back.bytes > 0 && back.ms >= 0);
      assert.match(back.evidence, /^\S[^\n]*\S$/);
    });

    it('is not brought back where something is, or from where nothing is', async ({ driver, ...harness }, acts) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      const path = acts.into();
      await assert.rejects(driver.restore({ store, from: access, to: 'latest', into: path }), isBerthError);
      await harness.write(store, 1);
      await acts.protect([store], [access]);
      await acts.backup(store);
      await assert.rejects(driver.restore({ store, from: access, to: { at: new Date(86_400_000) }, into: path }), isBerthError);
      assert.deepEqual(await readdir(dirname(path)), []);
      await writeFile(path, 'somebody else');
      await assert.rejects(driver.restore({ store, from: access, to: 'latest', into: path }), isBerthError);
      assert.deepEqual(await readdir(dirname(path)), [path.split('/').at(-1)]);
    });

    it('is at every target, also at one that comes later', async (harness, { protect, backup, restored }) => {
      const store = harness.newStore();
      const [first, second, later] = [await harness.newTarget(), await harness.newTarget(), await harness.newTarget()];
      await harness.write(store, 1);
      await protect([store], [first.access, second.access]);
      await backup(store);
      const digest = await harness.digest(store.path);
      for (const { access } of [first, second]) assert.equal(await restored(store, access, 'latest'), digest);
      await protect([store], [first.access, second.access, later.access]);
      await backup(store);
      assert.equal(await restored(store, later.access, 'latest'), digest);
    });

    it('goes to one target while another fails, and to that one when it is back', async ({ driver, ...harness }, acts) => {
      const store = harness.newStore();
      const [good, bad] = [await harness.newTarget(), await harness.newTarget()];
      await harness.write(store, 1);
      await acts.protect([store], [good.access, bad.access]);
      await acts.backup(store);
      await bad.break();
      await harness.write(store, 2);
      const digest = await harness.digest(store.path);
      // Longer than what follows continuously repeats a request.
      await assert.rejects(driver.backup([store.id], { timeoutMs: driver.supports.continuous ? 8_000 : 15_000 }), isBerthError);
      assert.equal(await acts.restored(store, good.access, 'latest'), digest);
      const lags = await acts.lags(store);
      assert.equal(lags.get(good.access.name), 0);
      assert.ok((lags.get(bad.access.name) ?? 0) > 0, `lag of the broken target: ${lags.get(bad.access.name)}`);
      assert.ok(await acts.errorAt(store, bad.access), 'the broken target has an error');
      await assert.rejects(driver.ranges(store, bad.access), isBerthError);
      await bad.repair();
      await acts.backup(store);
      assert.equal(await acts.restored(store, bad.access, 'latest'), digest);
      assert.equal(await acts.errorAt(store, bad.access), null);
    });

    it('whose restore is killed or aborted leaves nothing, and comes back when it is asked for again', async (harness, acts) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      await harness.write(store, 1);
      await acts.protect([store], [access]);
      await acts.backup(store);
      const digest = await harness.digest(store.path);
      for (const afterMs of killAfterMs) {
        const path = acts.into();
        await harness.restoreAndKill({ store, from: access, to: 'latest', into: path }, afterMs);
        const isWhole = existsSync(path);
        if (isWhole) assert.equal(await harness.digest(path), digest, `killed after ${afterMs} ms`);
        else await harness.driver.restore({ store, from: access, to: 'latest', into: path });
        assert.equal(await harness.digest(path), digest);
        // Killed between giving it its name and letting go of the one before, it has both: the same file, which the next one removes.
        const isAnotherName = (name: string): boolean => isWhole && name.startsWith(`${basename(path)}.restoring-`);
        const left = (await readdir(dirname(path))).filter((name) => !isAnotherName(name));
        assert.deepEqual(left, [basename(path)], `killed after ${afterMs} ms`);
      }
      const path = acts.into();
      const aborted = new AbortController();
      const pending = harness.driver.restore({ store, from: access, to: 'latest', into: path, signal: aborted.signal });
      aborted.abort(new Error('enough'));
      await assert.rejects(pending);
      assert.deepEqual(await readdir(dirname(path)), []);
    });

    it('says to which times it can go back', async ({ driver, ...harness }, { protect, backup }) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      assert.deepEqual(await driver.ranges(store, access), []);
      const from = Date.now();
      await harness.write(store, 1);
      await protect([store], [access]);
      await backup(store);
      await harness.write(store, 2);
      await backup(store);
      const ranges = await driver.ranges(store, access);
      assert.ok(ranges.length > 0);
      for (const [index, range] of ranges.entries()) {
        assert.ok(range.fromMs >= from - 1_000 && range.fromMs <= range.toMs && range.toMs <= Date.now(), JSON.stringify(range));
        assert.ok(range.fromMs >= (ranges[index - 1]?.toMs ?? 0), 'oldest first');
        assert.equal(range.resolution === 'every-change', range.states === null);
      }
      assert.equal(
        ranges.some(({ resolution }) => resolution === 'every-change'),
        driver.supports.continuous,
      );
    });

    it('keeps what is pinned and the newest state when the rest has grown old', async ({ driver, ...harness }, acts) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      await harness.write(store, 1);
      await acts.protect([store], [access]);
      await acts.backup(store);
      await harness.write(store, 2);
      const pinned = await harness.digest(store.path);
      const pin = await acts.mark(store);
      await acts.backup(store);
      for (const value of [3, 4]) {
        await harness.write(store, value);
        await acts.backup(store);
      }
      const keep = { everythingMs: 1_000, hourlyMs: 1_000, dailyMs: 1_000 };
      const nowMs = Date.now() + 10 * 365 * 86_400_000;
      for (const times of ['once', 'twice']) {
        const { deleted, bytesFreed } = await driver.upkeep({ store, at: access, keep, pins: [pin], nowMs });
        assert.ok(deleted >= 0 && bytesFreed >= 0);
        assert.equal(await acts.restored(store, access, { position: pin }), pinned, times);
        assert.equal(await acts.restored(store, access, 'latest'), await harness.digest(store.path), times);
      }
      await harness.write(store, 5);
      await acts.backup(store);
      assert.equal(await acts.restored(store, access, 'latest'), await harness.digest(store.path));
    });

    it('is measured', async ({ driver, ...harness }, { protect, backup, lags }) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      await harness.write(store, 1);
      await protect([store], [access]);
      await backup(store);
      const health = await waitUntil(async () => (await driver.health()).find(({ id, bytes }) => id === store.id && bytes), {
        what: 'the store was measured',
      });
      assert.ok((health.bytes ?? 0) > 0);
      assert.equal(health.error, null);
      assert.deepEqual(
        health.targets.map(({ target, isFenced }) => ({ target, isFenced })),
        [{ target: access.name, isFenced: false }],
      );
      assert.equal((await lags(store)).get(access.name), 0);
      await protect([], [access]);
      assert.deepEqual(await driver.health(), []);
    });

    it('goes on after a restart', async (harness, { backup, protect }) => {
      const store = harness.newStore();
      const { access } = await harness.newTarget();
      await harness.write(store, 1);
      await protect([store], [access]);
      await backup(store);
      const position = await harness.driver.mark([store.id], new Date());
      const first = await harness.digest(store.path);
      await backup(store);
      const driver = await harness.restart();
      await harness.write(store, 2);
      await driver.protect([store], [access]);
      await driver.backup([store.id], { timeoutMs: patienceMs });
      const pin = position.get(store.id);
      assert.ok(pin);
      for (const [to, digest] of [
        [{ position: pin }, first],
        ['latest', await harness.digest(store.path)],
      ] as const) {
        const path = actsOf(harness, patienceMs).into();
        await driver.restore({ store, from: access, to, into: path });
        assert.equal(await harness.digest(path), digest);
      }
      await driver.stop({ timeoutMs: 10_000 });
    });
  });
};

type Acts = ReturnType<typeof actsOf>;

let places = 0;

const actsOf = ({ driver, digest, scratch }: StoreHarness, timeoutMs: number) => {
  /** A path in a directory of its own, in which nothing is. */
  const into = (): string => {
    const directory = join(scratch, `${++places}`);
    mkdirSync(directory, { recursive: true });
    return join(directory, 'restored');
  };
  const targetsOf = async (store: ProtectedStore) => (await driver.health()).find(({ id }) => id === store.id)?.targets ?? [];
  return {
    into,
    protect: (stores: readonly ProtectedStore[], targets: readonly VaultAccess[]) => driver.protect(stores, targets),
    backup: (store: ProtectedStore) => driver.backup([store.id], { timeoutMs }),
    async mark(store: ProtectedStore) {
      const position = (await driver.mark([store.id], new Date())).get(store.id);
      assert.ok(position, 'a position was marked');
      return position;
    },
    /** Brings it back somewhere, and gives the digest of that. */
    async restored(store: ProtectedStore, from: VaultAccess, to: StoreMoment) {
      const path = into();
      await driver.restore({ store, from, to, into: path });
      return digest(path);
    },
    lags: async (store: ProtectedStore) => new Map((await targetsOf(store)).map(({ target, lagMs }) => [target, lagMs])),
    errorAt: async (store: ProtectedStore, { name }: VaultAccess) =>
      (await targetsOf(store)).find(({ target }) => target === name)?.error ?? null,
  };
};

const isBerthError = (error: unknown): true => {
  assert.ok(error instanceof Error && error.name === 'BerthError', String(error));
  return true;
};

/** A millisecond that nothing before and nothing after falls into. */
const nextMoment = async (): Promise<number> => {
  const at = Date.now() + 2;
  await waitUntil(() => Date.now() > at, { what: 'the clock went on', everyMs: 1 });
  return at;
};
