import { asBerthError, type BerthError, nextDrillAt, nextScheduledPointAt } from '@berth/core';
import { LOCAL_TARGET, type OperationKind } from '@berth/protocol';
import { createBackground } from './background.ts';
import { pointNotTaken } from '../protection-errors.ts';
import { backupPolicy } from './followed.ts';
import type { NewPoint, TakenPoint } from './protection.ts';
import { cleanRestoring } from './scratch.ts';
import type { StoreWatch } from './store-watch.ts';
import { createTending, type TendingDeps } from './tending.ts';
import { bringTrees, treesDue, type TreesDeps } from './trees.ts';
import { createUpkeep, type UpkeepDeps } from './upkeep.ts';

export type KeeperDeps = TendingDeps &
  TreesDeps &
  UpkeepDeps & {
    readonly watch: StoreWatch;
    readonly takePoint: (what: NewPoint) => Promise<TakenPoint>;
    readonly enqueue: (app: string, kind: OperationKind) => void;
    /** A target is no longer ours, or is again: what is sent there changes. */
    readonly onUsableChanged: () => void;
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
const DRILL_AGAIN_MS = 3_600_000;

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
  const upkeep = createUpkeep(deps);
  const tending = createTending(deps);
  const nextMs = { refresh: 0, tend: 0, trees: 0, slow: 0 };
  const isDue = (what: keyof typeof nextMs, everyMs: number): boolean => {
    const nowMs = now().getTime();
    if (nowMs < nextMs[what]) return false;
    nextMs[what] = nowMs + everyMs;
    return true;
  };

  const tendTargets = () => {
    for (const access of registry.list()) {
      if (!tending.isDue(access.name)) continue;
      background.run(`tend ${access.name}`, async (signal) => {
        await tending.run(access, signal);
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
      if (isDue('tend', REFRESH_MS)) tendTargets();
      if (isDue('trees', TREES_MS)) tendTrees();
      if (!isDue('slow', SLOW_MS)) return;
      scheduleApps(deps);
      background.run('upkeep', (signal) => upkeep.run(signal));
      background.run('clean', () => cleanUp(deps));
    },
    lookAtTrees() {
      nextMs.trees = 0;
    },
    end: () => background.end(),
  };
}

/** Rehearsals and daily restore points of apps that run. */
function scheduleApps({ journal, accesses, enqueue, takePoint, now, onFailure }: KeeperDeps): void {
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
    // One that cannot even begin leaves nothing to be remembered: it is not tried again and again.
    const triedMs = journal.settings.get<number>(`drill-tried.${app.name}`) ?? 0;
    const canBegin = stores.every(({ kind }) => accesses().some(({ name }) => kind === 'sqlite' || name !== LOCAL_TARGET));
    if (dueAt !== null && dueAt <= nowMs && !isOpen && canBegin && nowMs - triedMs >= DRILL_AGAIN_MS) {
      journal.settings.set(`drill-tried.${app.name}`, nowMs);
      enqueue(app.name, 'drill');
    }
    const newest = journal.points.list(app.name)[0];
    if (nextScheduledPointAt({ ...recurring, lastMs: newest ? Date.parse(newest.at) : null }) <= nowMs)
      takePoint({ app: app.name, kind: 'schedule', label: null, operation: null }).then(
        ({ reason }) => reason !== null && onFailure(`point ${app.name}`, pointNotTaken(app.name, reason)),
        (cause: unknown) => onFailure(`point ${app.name}`, asBerthError(cause)),
      );
  }
}

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
