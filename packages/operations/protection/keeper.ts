import { asBerthError, type BerthError, keepingOf, nextDrillAt, nextScheduledPointAt, nextUpkeepAt } from '@berth/core';
import type { Journal, StoreRow } from '@berth/journal';
import { LOCAL_TARGET, type OperationKind } from '@berth/protocol';
import type { ProtectedStore, StoreDriver, StorePosition } from '@berth/stores';
import type { VaultAccess } from '@berth/vault';
import { createBackground } from './background.ts';
import { pointNotTaken } from '../protection-errors.ts';
import { backupPolicy, platformStore } from './followed.ts';
import type { NewPoint, TakenPoint } from './protection.ts';
import { splitPoints } from './restore-points.ts';
import { cleanRestoring } from './scratch.ts';
import type { StoreWatch } from './store-watch.ts';
import { isTendingDue, tend, type TendingDeps } from './tending.ts';
import { bringTrees, treesDue, type TreesDeps } from './trees.ts';

export type KeeperDeps = TendingDeps &
  TreesDeps & {
    readonly journal: Journal;
    readonly watch: StoreWatch;
    readonly accesses: () => readonly VaultAccess[];
    readonly driver: (kind: StoreRow['kind']) => StoreDriver;
    readonly locate: (store: StoreRow) => Promise<ProtectedStore>;
    readonly takePoint: (what: NewPoint) => Promise<TakenPoint>;
    readonly enqueue: (app: string, kind: OperationKind) => void;
    /** A target is no longer ours, or is again: what is sent there changes. */
    readonly onUsableChanged: () => void;
    readonly onFailure: (what: string, error: BerthError) => void;
  };

/** Does by itself what protection needs now and then; looked at once a second, in the background. */
export interface Keeper {
  tick(): void;
  /** Builds, certificates or targets may have changed. */
  lookAtTrees(): void;
  end(): Promise<void>;
}

const REFRESH_MS = 2_000;
const TREES_MS = 15_000;
const SLOW_MS = 60_000;
const KEPT_AFTER_RESTORE_MS = 3_600_000;

export function createKeeper(deps: KeeperDeps): Keeper {
  const { watch, now, accesses, registry } = deps;
  const background = createBackground({
    now,
    onFailure(key, error) {
      const [what = '', target = ''] = key.split(' ');
      if (what !== 'tend' && what !== 'trees') return deps.onFailure(key, error);
      noteTarget(target, error);
    },
  });
  const noteTarget = (target: string, trouble: BerthError | null) => {
    const before = watch.isUnusable(target);
    watch.noteTarget(target, trouble);
    if (watch.isUnusable(target) !== before) deps.onUsableChanged();
  };
  /** Since this life of the daemon began: meanwhile a disk may not have been mounted. */
  const tended = new Set<string>();
  const nextMs = { refresh: 0, trees: 0, slow: 0 };
  const isDue = (what: keyof typeof nextMs, everyMs: number): boolean => {
    const nowMs = now().getTime();
    if (nowMs < nextMs[what]) return false;
    nextMs[what] = nowMs + everyMs;
    return true;
  };

  const tendTargets = () => {
    for (const access of registry.list()) {
      if (tended.has(access.name) && !isTendingDue(deps, access.name)) continue;
      background.run(`tend ${access.name}`, async (signal) => {
        await tend(deps, access, signal);
        tended.add(access.name);
        noteTarget(access.name, null);
      });
    }
  };
  const tendTrees = () => {
    for (const access of accesses().filter(({ name }) => name !== LOCAL_TARGET))
      background.run(`trees ${access.name}`, async (signal) => {
        const { save, forget } = await treesDue(deps, access.name);
        if (Object.keys(save).length + forget.length > 0) await bringTrees(deps, access, signal);
      });
  };

  return {
    tick() {
      if (isDue('refresh', REFRESH_MS)) background.run('refresh', () => watch.refresh());
      tendTargets();
      if (isDue('trees', TREES_MS)) tendTrees();
      if (!isDue('slow', SLOW_MS)) return;
      scheduleApps(deps);
      background.run('upkeep', (signal) => keepUp(deps, signal));
      background.run('clean', () => cleanUp(deps));
    },
    lookAtTrees() {
      nextMs.trees = 0;
    },
    end: () => background.end(),
  };
}

/** Rehearsals and daily restore points of apps that run. */
function scheduleApps({ journal, enqueue, takePoint, now, onFailure }: KeeperDeps): void {
  const nowMs = now().getTime();
  for (const app of journal.apps.list()) {
    const stores = journal.stores.list(app.name).filter(({ goneAt }) => goneAt === null);
    const first = stores.map(({ createdAt }) => Date.parse(createdAt)).toSorted((a, b) => a - b)[0];
    if (app.release === null || first === undefined) continue;
    const recurring = { app: app.name, createdMs: first };
    const drilled = journal.drills.newest(app.name);
    const dueAt = nextDrillAt({
      ...recurring,
      everyMs: backupPolicy(journal, app.name).drillEveryMs,
      lastMs: drilled ? Date.parse(drilled.at) : null,
    });
    const isOpen = journal.operations.open().some((operation) => operation.app === app.name && operation.kind === 'drill');
    if (dueAt !== null && dueAt <= nowMs && !isOpen) enqueue(app.name, 'drill');
    const newest = journal.points.list(app.name)[0];
    if (nextScheduledPointAt({ ...recurring, lastMs: newest ? Date.parse(newest.at) : null }) <= nowMs)
      takePoint({ app: app.name, kind: 'schedule', label: null, operation: null }).then(
        ({ reason }) => reason !== null && onFailure(`point ${app.name}`, pointNotTaken(app.name, reason)),
        (cause: unknown) => onFailure(`point ${app.name}`, asBerthError(cause)),
      );
  }
}

/** Deletes what is no longer kept: restore points that are over, then what they held at the targets. */
async function keepUp(deps: KeeperDeps, signal: AbortSignal): Promise<void> {
  const { journal, layout, now, accesses, driver, locate } = deps;
  const nowMs = now().getTime();
  const createdMs = Date.parse(journal.targets.list()[0]?.addedAt ?? now().toISOString());
  for (const access of accesses()) {
    const key = `upkeep.${access.name}`;
    const lastMs = journal.settings.get<number>(key) ?? null;
    if (nextUpkeepAt({ app: access.name, lastMs, createdMs }) > nowMs) continue;
    for (const app of journal.apps.list())
      journal.points.remove(splitPoints(journal, app.name, now()).over.map(({ number }) => number));
    await eraseGone(deps, access, signal);
    const pinned = journal.points.list();
    const rows = journal.stores.list().filter(({ kind }) => kind === 'sqlite' || access.name !== LOCAL_TARGET);
    for (const row of rows) {
      const pins = pinned.flatMap(({ positions }) =>
        positions[row.id] === undefined ? [] : [positions[row.id] as StorePosition],
      );
      const keep = keepingOf(access.name === LOCAL_TARGET ? LOCAL_POLICY : backupPolicy(journal, row.app));
      await driver(row.kind).upkeep({ store: await locate(row), at: access, keep, pins, nowMs, signal });
    }
    if (rows.length > 0 || access.name !== LOCAL_TARGET)
      await driver('sqlite').upkeep({
        store: platformStore({ layout }),
        at: access,
        keep: keepingOf(LOCAL_POLICY),
        pins: [],
        nowMs,
        signal,
      });
    journal.settings.set(key, nowMs);
  }
}

/** Of stores that no release has had for as long as backups are kept. The row goes once no target holds anything of it. */
async function eraseGone(
  { journal, now, accesses, work, trees }: KeeperDeps,
  access: VaultAccess,
  signal: AbortSignal,
): Promise<void> {
  for (const row of journal.stores.list()) {
    if (row.goneAt === null || now().getTime() - Date.parse(row.goneAt) < backupPolicy(journal, row.app).keepMs) continue;
    const key = `erased.${row.id}`;
    const erased = journal.settings.get<string[]>(key) ?? [];
    if (!erased.includes(access.name)) {
      if (row.kind === 'sqlite') await work.erase(access, row.id, signal);
      else if (access.name !== LOCAL_TARGET) await trees.forgetTags(access, [row.id], signal);
      journal.settings.set(key, [...erased, access.name]);
    }
    const done = new Set([...erased, access.name]);
    if (accesses().every(({ name }) => done.has(name))) journal.stores.remove(row.id);
  }
}

/** In the home itself, where space is short and nothing survives that the machine does not: a week. */
const LOCAL_POLICY = { keepMs: 7 * 86_400_000 };

const isSafe = (watch: StoreWatch, app: string): boolean =>
  watch.status(app).every(({ targets }) => targets.some(({ lagMs, reason }) => lagMs === 0 && reason === null));

/** What a restore took away stays beside for an hour, and until it is safe elsewhere. */
async function cleanUp({ journal, layout, watch, now }: KeeperDeps): Promise<void> {
  for (const { name } of journal.apps.list()) {
    await cleanRestoring(layout, name, (id) => {
      const operation = journal.operations.find(id);
      if (!operation) return true;
      const hasPoint = operation.memory.restorePoint !== undefined;
      const isOld = now().getTime() - Date.parse(operation.finishedAt ?? now().toISOString()) > KEPT_AFTER_RESTORE_MS;
      return operation.finishedAt !== null && hasPoint && isOld && isSafe(watch, name);
    });
  }
}
