import type { Journal } from '@berth/journal';
import type { Drill, Operation, OperationKind } from '@berth/protocol';
import { noStores, pointNotFound, storeNotFound, targetNotFound } from '../protection-errors.ts';
import type { Platform } from '../platform.ts';
import { lastKit } from './recovery-kit.ts';
import { parsePoint, type Protection } from './protection.ts';

export type RequestDeps = {
  readonly journal: Journal;
  readonly protection: Protection;
  readonly enqueue: (
    app: string,
    kind: OperationKind,
    by: string,
    input?: Record<string, unknown>,
    release?: number,
  ) => Operation;
};

type ProtectionRequests = Pick<
  Platform,
  'targets' | 'lastKit' | 'addTarget' | 'removeTarget' | 'kit' | 'backup' | 'timeLine' | 'restore' | 'drill' | 'drills'
>;

/** What clients ask of the backups; mistakes are told before anything is queued. */
export function protectionRequests({ journal, protection, enqueue }: RequestDeps): ProtectionRequests {
  const withStores = (app: string) => {
    const { name } = journal.apps.get(app);
    const stores = protection.stores(name);
    if (stores.length === 0) throw noStores(name);
    return stores;
  };
  const checkTarget = (name: string | undefined) => {
    const known = journal.targets.list().map((target) => target.name);
    if (name !== undefined && !known.includes(name)) throw targetNotFound(name, known);
  };
  return {
    targets: async () => protection.targets(),
    lastKit: () => lastKit(journal),
    addTarget: (request) => protection.addTarget(request),
    removeTarget: (target, request) => protection.removeTarget(target, request),
    kit: (request) => protection.kit(request),
    backup(app, { by, label }) {
      withStores(app);
      return enqueue(app, 'backup', by, label === undefined ? {} : { label });
    },
    timeLine: (app) => protection.timeLine(app),
    restore(app, { by, to, ...request }) {
      const known = withStores(app).map(({ name }) => name);
      const { release } = journal.apps.get(app);
      for (const store of request.stores ?? []) if (!known.includes(store)) throw storeNotFound(app, store, known);
      if (to !== undefined && journal.points.find(parsePoint(to))?.app !== app) throw pointNotFound(app, to, null);
      checkTarget(request.target);
      return enqueue(app, 'restore', by, { ...request, ...(to !== undefined && { point: to }) }, release ?? undefined);
    },
    drill(app, { by, target }) {
      withStores(app);
      checkTarget(target);
      return enqueue(app, 'drill', by, target === undefined ? {} : { target });
    },
    drills: (app) => journal.drills.list<Drill>(journal.apps.get(app).name).map(({ result }) => result),
  };
}
