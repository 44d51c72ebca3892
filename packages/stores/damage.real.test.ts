import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { asBerthError } from '@berth/core';
import { type TemporaryDirectory, temporaryDirectory } from '@berth/testing';
import type { VaultAccess } from '@berth/vault';
import { DAMAGES, openRepository } from './damage-ways.ts';
import { createFilesDriver } from './files/files-driver.ts';
import { createTrees } from './files/trees.ts';
import { createSqliteDriver } from './sqlite/sqlite-driver.ts';
import type { ProtectedStore, StoreDriver } from './store.ts';

const RESTIC = '/usr/bin/restic';
const ROUNDS = 14;
// oxlint-disable-next-line node/no-process-env -- how much of it, as for the other tortures
const isTorture = process.env.BERTH_DOSE === 'torture';
const skip = existsSync(RESTIC) ? false : 'no restic on this machine';

describe('of a repository that was damaged the newest state comes back as it was, or not at all', { skip }, () => {
  let directory: TemporaryDirectory;
  let access: VaultAccess;
  let stores: Record<'sqlite' | 'files', ProtectedStore>;
  /** Of the newest content, and of the one before it. */
  const digests: Record<'sqlite' | 'files', string[]> = { sqlite: [], files: [] };
  /** The moments of the newest ones, as a restore tells them. */
  const newest = new Map<string, number>();
  let numbers = 0;

  /** Each with a cache of its own unless told: what restic remembers would hide what the target has lost. */
  const openDrivers = (cacheName?: string): Record<'sqlite' | 'files', StoreDriver> => {
    numbers += 1;
    const shared = { now: () => new Date(), notice: () => undefined };
    const cache = directory.join(cacheName ?? `cache-${numbers}`);
    return {
      sqlite: createSqliteDriver({
        stateDirectory: directory.join('state'),
        onNotice: () => undefined,
        replication: { intervalMs: 20 },
      }),
      files: createFilesDriver({
        ...shared,
        trees: createTrees({ ...shared, cache, restic: async () => ({ path: RESTIC, env: {} }) }),
      }),
    };
  };

  const write = async (round: number): Promise<void> => {
    const database = new DatabaseSync(stores.sqlite.path, { timeout: 5000 });
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS content (id INTEGER PRIMARY KEY, body BLOB)');
    database.exec(`INSERT INTO content (body) VALUES (randomblob(9000)), (randomblob(${100 * round}))`);
    database.close();
    await mkdir(join(stores.files.path, `${round}`), { recursive: true });
    for (let file = 0; file < 3; file += 1) await writeFile(join(stores.files.path, `${round}`, `${file}`), randomBytes(50_000));
  };

  before(async () => {
    directory = await temporaryDirectory('damage-');
    await mkdir(directory.join('target'));
    access = { name: 'near', url: `dir:${directory.join('target')}`, dataKey: randomBytes(32) };
    const store = (id: string): ProtectedStore => ({ id, path: directory.join(id), owner: null, snapshotEveryMs: 3_600_000 });
    stores = { sqlite: store('database'), files: store('uploads') };
    const drivers = openDrivers();
    try {
      for (let round = 1; round <= ROUNDS; round += 1) {
        await write(round);
        for (const kind of ['sqlite', 'files'] as const) {
          if (round === 1) await drivers[kind].protect([stores[kind]], [access]);
          if (kind === 'files' && round < ROUNDS - 1) continue;
          await drivers[kind].backup([stores[kind].id], { timeoutMs: 30_000 });
          digests[kind].unshift(await digestOf(stores[kind].path));
        }
        // What is old by then is merged, and what is newer stays in logs.
        if (round === 5) {
          const keep = { everythingMs: 86_400_000, hourlyMs: 86_400_000, dailyMs: 86_400_000 };
          await drivers.sqlite.upkeep({ store: stores.sqlite, at: access, keep, pins: [], nowMs: Date.now() + 120_000 });
        }
      }
    } finally {
      for (const driver of Object.values(drivers)) await driver.stop({ timeoutMs: 10_000 });
    }
  });
  after(() => directory[Symbol.asyncDispose]());

  /** As a rehearsal does it: which of the states came back, or the code of what was said. */
  const bringBack = async (
    kind: 'sqlite' | 'files',
    from: VaultAccess,
    { cacheName, fresh = false }: { cacheName?: string; fresh?: boolean } = {},
  ): Promise<{ what: string; atMs: number }> => {
    numbers += 1;
    const into = directory.join(`restored-${numbers}`);
    try {
      const { atMs } = await openDrivers(cacheName)[kind].restore({ store: stores[kind], from, to: 'latest', into, fresh });
      const found = digests[kind].indexOf(await digestOf(into));
      return { what: found === 0 ? 'right' : found > 0 ? 'older' : 'WRONG', atMs };
    } catch (thrown) {
      assert.ok(!existsSync(into), 'something is left');
      return { what: asBerthError(thrown).code, atMs: Number.NaN };
    }
  };

  test('undamaged, it comes back', async () => {
    for (const kind of ['sqlite', 'files'] as const) {
      const { what, atMs } = await bringBack(kind, access);
      assert.equal(what, 'right', kind);
      newest.set(kind, atMs);
    }
    const repository = openRepository(directory.join('target'));
    for (const [kind, least] of Object.entries({ log: 10, merged: 1, pack: 2, copy: 2 } as const)) {
      const objects = await repository.of(kind as 'log');
      assert.ok(objects.length >= least, `${kind}: ${objects.length}`);
    }
  });

  const played = DAMAGES.filter(({ isSlow = false }) => isTorture || !isSlow);
  for (const { name, store, outcome, apply } of played) {
    test(`${store}, without ${name}: ${outcome}`, async (t) => {
      const damaged = directory.join('damaged');
      await cp(directory.join('target'), damaged, { recursive: true, preserveTimestamps: true });
      try {
        await apply(openRepository(damaged));
        const { what, atMs } = await bringBack(store, { ...access, url: `dir:${damaged}` });
        t.diagnostic(what);
        assert.ok(what !== 'WRONG' && what !== 'INTERNAL', what);
        assert.equal(what === 'right' || what === 'older' ? what : 'fails', outcome, what);
        // Whoever knows what was safe can tell by this.
        if (what === 'older') assert.ok(atMs < (newest.get(store) ?? 0));
      } finally {
        await rm(damaged, { recursive: true, force: true });
      }
    });
  }

  test('what restic remembers does not stand for what the target holds', async () => {
    const damaged = directory.join('damaged');
    await cp(directory.join('target'), damaged, { recursive: true, preserveTimestamps: true });
    assert.equal((await bringBack('files', access, { cacheName: 'warm' })).what, 'right');
    await DAMAGES.find(({ name }) => name === 'a bit of the index')?.apply(openRepository(damaged));
    const { what } = await bringBack('files', { ...access, url: `dir:${damaged}` }, { cacheName: 'warm', fresh: true });
    await rm(damaged, { recursive: true, force: true });
    assert.equal(what, 'TREE_DAMAGED');
  });
});

/** Of a database its content, of a directory names and bytes. */
const digestOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) {
    const database = new DatabaseSync(path, { timeout: 5000 });
    for (const row of database.prepare('SELECT id, hex(body) AS body FROM content ORDER BY id').iterate())
      hash.update(`${String(row['id'])} ${String(row['body'])}\n`);
    database.close();
  } else {
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.toSorted()) hash.update(file.slice(path.length)).update(await readFile(file));
  }
  return hash.digest('hex');
};
