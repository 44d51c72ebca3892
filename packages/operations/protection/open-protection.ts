import { asBerthError, type BerthError } from '@berth/core';
import type { HomeLayout, Logger } from '@berth/host';
import type { Journal, StoreRow } from '@berth/journal';
import { LOCAL_TARGET, type OperationKind } from '@berth/protocol';
import type { Sealer } from '@berth/secrets';
import type { StoreDriver, StoreNotice, Trees } from '@berth/stores';
import { noSource, targetNotFound } from '../protection-errors.ts';
import type { Bus } from '../bus.ts';
import type { Users } from '../steps/deps.ts';
import { adoptStores, locateStore, platformStore, settleStores } from './followed.ts';
import { createKeeper } from './keeper.ts';
import type { FetchRequest, Protection } from './protection.ts';
import { writeKit } from './recovery-kit.ts';
import { positionsOf, takePoint } from './restore-points.ts';
import { createStoreWatch } from './store-watch.ts';
import { createTargetRegistry } from './target-registry.ts';
import { forgetTold } from './tending.ts';
import { describeTimeLine } from './time-line.ts';
import { forgetStamps } from './trees.ts';
import type { VaultWork } from './vault-work.ts';

export type ProtectionDeps = {
  readonly journal: Journal;
  readonly layout: HomeLayout;
  readonly users: Users;
  readonly sealer: Sealer;
  readonly bus: Bus;
  readonly log: Logger;
  readonly now: () => Date;
  readonly version: string;
  /** What does the work; told where it may say what happens. */
  readonly protect: (notice: (notice: StoreNotice) => void) => ProtectionParts;
  readonly enqueue: (app: string, kind: OperationKind) => void;
};

export type ProtectionParts = {
  readonly work: VaultWork;
  readonly sqlite: StoreDriver;
  readonly files: StoreDriver;
  readonly trees: Trees;
};

export function openProtection(deps: ProtectionDeps): Protection {
  const { journal, bus, now } = deps;
  const { sqlite, files, trees, work } = deps.protect(tell);
  const registry = createTargetRegistry({ ...deps, work });
  const watch = createStoreWatch({ journal, bus, drivers: [sqlite, files], registry });
  const driver = (kind: StoreRow['kind']): StoreDriver => (kind === 'sqlite' ? sqlite : files);
  const locate = (store: StoreRow) => locateStore(deps, store);
  const accesses = () => registry.list().filter(({ name }) => !watch.isUnusable(name));
  /** Trees of files only go elsewhere: beside themselves they would only cost space. */
  const accessesFor = (kind: StoreRow['kind']) => accesses().filter(({ name }) => kind === 'sqlite' || name !== LOCAL_TARGET);
  const rows = () => journal.stores.list().filter(({ goneAt }) => goneAt === null);
  const stores = (app: string) => rows().filter((row) => row.app === app);

  const failures = new Map<string, string>();
  let following: Promise<void> = Promise.resolve();
  /** What is followed becomes what the journal says; calls at once are done one after the other. */
  const follow = (): Promise<void> => {
    following = following.catch(() => undefined).then(followNow);
    return following;
  };
  /** What cannot be protected must not keep apps from running: it is told, and tried again with the next change. */
  const followAnyway = () => follow().catch((cause: unknown) => fail('follow', cause));
  const followNow = async () => {
    const all = rows();
    const hasDatabase = all.some(({ kind }) => kind === 'sqlite');
    if (hasDatabase && journal.settings.get<boolean>(NO_LOCAL) !== true) await registry.ensureLocal();
    const targets = accesses();
    const located = await Promise.all(all.map(async (row) => ({ kind: row.kind, store: await locate(row) })));
    const of = (kind: StoreRow['kind']) => located.flatMap((it) => (it.kind === kind ? [it.store] : []));
    const isPlatformWorthIt = hasDatabase || targets.some(({ name }) => name !== LOCAL_TARGET);
    await sqlite.protect([...of('sqlite'), ...(isPlatformWorthIt ? [platformStore(deps)] : [])], targets);
    await files.protect(of('files'), accessesFor('files'));
  };

  const pointDeps = { journal, now, driver, isProtected: (kind: StoreRow['kind']) => accessesFor(kind).length > 0 };
  const keeper = createKeeper({
    ...deps,
    trees,
    work,
    registry,
    watch,
    accesses,
    driver,
    locate,
    takePoint: (what) => takePoint(pointDeps, stores(what.app), what),
    onUsableChanged: () => void followAnyway(),
    onFailure: fail,
  });

  return {
    async begin() {
      await registry.open();
      await followAnyway();
    },
    tick: () => keeper.tick(),
    async end() {
      await keeper.end();
      await files.stop({ timeoutMs: STOP_MS });
    },
    async stopEverything() {
      await sqlite.stop({ timeoutMs: STOP_MS });
    },

    async adopt(manifest) {
      adoptStores(journal, manifest);
      if (manifest.stores.length > 0) await followAnyway();
    },
    async settle() {
      settleStores(journal);
      keeper.lookAtTrees();
      await followAnyway();
    },

    stores,
    locate,
    driver,
    sources: (kind, target) => accessesFor(kind).filter(({ name }) => target === undefined || name === target),
    takePoint: (what, already) => takePoint(pointDeps, stores(what.app), what, already),
    positions: (some) => positionsOf(pointDeps, some, now()),
    fetch,
    safeAt: ({ id }, target) => watch.safeAt(id, target),
    async secure(some, { timeoutMs, signal }) {
      for (const kind of ['sqlite', 'files'] as const) {
        const ids = some.filter((store) => store.kind === kind).map(({ id }) => id);
        if (ids.length > 0 && accessesFor(kind).length > 0)
          await driver(kind).backup(ids, { timeoutMs, ...(signal && { signal }) });
      }
    },

    refresh: watch.refresh,
    status: watch.status,
    targets: watch.targets,
    timeLine: (app) =>
      describeTimeLine({ journal, now, driver, locate, sources: accessesFor, status: watch.status }, journal.apps.get(app).name),
    async addTarget({ by, ...request }) {
      const { access, checks } = await registry.add(request);
      forgetTold(journal, access.name);
      forgetStamps(journal, access.name);
      bus.publish({
        name: 'audit.target.added',
        fields: { target: access.name, url: access.url, takeOver: request.takeOver, by },
      });
      keeper.lookAtTrees();
      await follow();
      await watch.refresh();
      return { target: targetNamed(access.name), checks };
    },
    async removeTarget(name, { by }) {
      await registry.remove(name);
      if (name === LOCAL_TARGET) journal.settings.set(NO_LOCAL, true);
      watch.noteTarget(name, null);
      bus.publish({ name: 'audit.target.removed', fields: { target: name, by } });
      await follow();
    },
    async kit({ by }) {
      const written = await writeKit({ ...deps, registry });
      bus.publish({ name: 'audit.kit.written', fields: { by, targets: written.targets } });
      return written;
    },
  };

  /** From the nearest that has the moment; what the others say is told when none has it. */
  async function fetch({ store, to, into, target, owned, fresh = false, signal, onProgress }: FetchRequest) {
    const located = await locate(store);
    let first: BerthError | undefined;
    for (const from of accessesFor(store.kind).filter(({ name }) => target === undefined || name === target)) {
      try {
        const restored = await driver(store.kind).restore({
          store: owned ? located : { ...located, owner: null },
          from,
          to,
          into,
          signal,
          ...(fresh && { fresh }),
          ...(onProgress && { onProgress }),
        });
        const { warnings = [] } = restored;
        if (warnings.length > 0)
          bus.publish({
            name: 'protection.damage-found',
            app: store.app,
            fields: { store: store.name, target: from.name, warnings },
          });
        return { ...restored, target: from.name };
      } catch (cause) {
        signal.throwIfAborted();
        first ??= asBerthError(cause);
      }
    }
    throw first ?? noSource(store.app, store.name, target);
  }

  function targetNamed(name: string) {
    const found = watch.targets().find((it) => it.name === name);
    if (!found)
      throw targetNotFound(
        name,
        watch.targets().map((it) => it.name),
      );
    return found;
  }

  /** Warnings are events, in the words of people; the rest is for the log. */
  function tell({ level, name, id, target, fields }: StoreNotice): void {
    const store = journal.stores.list().find((row) => row.id === id);
    const known = { ...(store ? { store: store.name } : { id }), ...(target !== null && { target }), ...fields };
    if (level === 'info') return deps.log.info(name, { ...(store && { app: store.app }), ...known });
    bus.publish({ name: `protection.${name}`, ...(store && { app: store.app }), fields: known });
  }

  function fail(what: string, cause: unknown): void {
    const { code, message } = asBerthError(cause);
    // Tried again for as long as it fails: told when it begins, and when it fails otherwise.
    if (failures.get(what) === message) return;
    failures.set(what, message);
    bus.publish({ name: 'protection.failed', fields: { what, code, message } });
  }
}

/** Set once somebody has removed the target in the home: it is not made again. */
const NO_LOCAL = 'protection.no-local';
const STOP_MS = 10_000;
