/** Targets, restore points and rehearsals in memory: nothing is stored, and everything comes back. */
import { BerthError } from '@berth/core';
import type { Platform } from '@berth/operations';
import {
  type Drill,
  LOCAL_TARGET,
  type Operation,
  type OperationKind,
  type RestorePoint,
  type StoreStatus,
  type TargetCheck,
  type TargetStatus,
  type TimeLine,
} from '@berth/protocol';

export type FakeStores = readonly { readonly store: string; readonly kind: 'sqlite' | 'files' }[];

/** The stores of a manifest that has one to a line: `  db: { sqlite: shop.db }`. */
export const storesIn = (manifest: string): FakeStores =>
  [...manifest.matchAll(/^ +([a-z][a-z0-9-]*): *\{ *(sqlite|files):/gm)].map(([, store = '', kind]) => ({
    store,
    kind: kind === 'sqlite' ? 'sqlite' : 'files',
  }));

type ProtectionRoutes = Pick<
  Platform,
  'targets' | 'lastKit' | 'addTarget' | 'removeTarget' | 'kit' | 'backup' | 'timeLine' | 'restore' | 'drill' | 'drills'
>;

export type FakeProtection = {
  readonly routes: ProtectionRoutes;
  status(app: string): StoreStatus[];
  /** The name of the point; null for an app without stores. */
  takePoint(operation: Pick<Operation, 'app' | 'kind' | 'id'>): string | null;
};

type Around = {
  readonly home: string;
  readonly asked: string[];
  /** Throws APP_NOT_FOUND. */
  readonly stores: (app: string) => FakeStores;
  readonly release: (app: string) => number | null;
  readonly queue: (kind: OperationKind, app: string, by: string, work: (operation: Operation) => void) => Operation;
};

const HOUR_MS = 3_600_000;

export const createFakeProtection = ({ home, asked, stores, release, queue }: Around): FakeProtection => {
  const targets = new Map([[LOCAL_TARGET, targetNamed(LOCAL_TARGET, `dir:${home}/vault`)]]);
  const points: RestorePoint[] = [];
  const drills: Drill[] = [];

  const status = (app: string): StoreStatus[] => {
    const others = [...targets.keys()].filter((name) => name !== LOCAL_TARGET);
    return stores(app).map(({ store, kind }) => {
      const lagMs = kind === 'sqlite' ? 180 : 12 * 60_000;
      const drill = drills.find((one) => one.app === app && one.stores.some((each) => each.store === store));
      return {
        store,
        kind,
        bytes: 52_428_800,
        state: others.length === 0 ? 'unprotected' : 'protected',
        lossMs: others.length === 0 ? null : lagMs,
        targets: [...(kind === 'sqlite' ? [LOCAL_TARGET] : []), ...others].map((target) => ({ target, lagMs, reason: null })),
        reason: others.length === 0 ? 'there is no target outside of this machine' : null,
        drill: drill ? { at: drill.at, outcome: drill.outcome, recoveryMs: drill.recoveryMs, lossMs: drill.lossMs } : null,
      };
    });
  };

  /** Of the operation that is being queued. */
  let asking: { readonly label?: string; readonly into?: string } = {};
  const queueAs = (what: typeof asking, ...words: Parameters<typeof queue>): Operation => {
    asking = what;
    const operation = queue(...words);
    asking = {};
    return operation;
  };

  const takePoint: FakeProtection['takePoint'] = ({ app, kind, id }) => {
    const names = stores(app).map(({ store }) => store);
    if (names.length === 0 || asking.into !== undefined) return null;
    const point = `p${points.length + 1}`;
    points.unshift({
      point,
      app,
      at: new Date().toISOString(),
      kind: kind === 'backup' ? 'manual' : (kind as RestorePoint['kind']),
      label: asking.label ?? null,
      release: release(app),
      operation: id,
      stores: names,
    });
    return point;
  };

  const getTarget = (name: string): TargetStatus => {
    const target = targets.get(name);
    if (!target)
      throw new BerthError('TARGET_NOT_FOUND', `there is no target called ${name}`, {
        hint: `known are ${[...targets.keys()].join(', ')}`,
      });
    return target;
  };

  const timeLine = (app: string): TimeLine => {
    const now = Date.now();
    const range = (store: string, target: string, kind: 'sqlite' | 'files') => ({
      store,
      target,
      from: new Date(now - 48 * HOUR_MS).toISOString(),
      to: new Date(now - (kind === 'sqlite' ? 200 : HOUR_MS)).toISOString(),
      resolution: kind === 'sqlite' ? ('every-change' as const) : ('snapshots' as const),
      states: kind === 'sqlite' ? null : 48,
    });
    return {
      app,
      points: points.filter((point) => point.app === app),
      ranges: stores(app).flatMap(({ store, kind }) =>
        [...targets.keys()]
          .filter((target) => kind === 'sqlite' || target !== LOCAL_TARGET)
          .map((target) => range(store, target, kind)),
      ),
      unreachable: [],
    };
  };

  const routes: ProtectionRoutes = {
    targets: async () => [...targets.values()],
    lastKit: () => null,
    addTarget: async ({ url, name, credentials, takeOver }) => {
      asked.push(`target ${url}${credentials ? ` as ${credentials.accessKeyId}` : ''}${takeOver ? ' taken over' : ''}`);
      const checks = checksOf(url);
      if (checks.some(({ outcome }) => outcome === 'failed'))
        throw new BerthError('TARGET_REFUSED', `${url} was not accepted`, {
          hint: 'see which check failed',
          fields: { url, checks },
        });
      if (url.includes('taken') && !takeOver)
        throw new BerthError('VAULT_OWNED', `near.example.com writes the vault at ${url}`, {
          hint: 'if near.example.com is lost or will never run again, repeat with --take-over',
        });
      const target = targetNamed(name ?? url.split('/').at(-1) ?? 'target', url);
      targets.set(target.name, target);
      return { target: { ...target, state: 'catching-up', lagMs: null }, checks };
    },
    removeTarget: async (name) => {
      getTarget(name);
      asked.push(`target rm ${name}`);
      targets.delete(name);
    },
    kit: async () => {
      asked.push('kit');
      return { kit: 'berth recovery kit 1\nidentity AGE-SECRET-KEY-FAKE\n', targets: [...targets.keys()] };
    },
    backup: (app, { by, label }) => {
      stores(app);
      asked.push(`backup ${app}${label === undefined ? '' : ` ${label}`}`);
      return queueAs(label === undefined ? {} : { label }, 'backup', app, by, () => {});
    },
    timeLine: async (app) => timeLine(app),
    restore: (app, { by, ...request }) => {
      asked.push(`restore ${app} ${JSON.stringify(request)}`);
      if (request.to !== undefined && !points.some(({ point }) => point === request.to))
        throw new BerthError('RESTORE_POINT_NOT_FOUND', `${app} has no restore point ${request.to}`, {
          hint: `see berth restore-points ${app}`,
        });
      if (stores(app).length === 0) throw new BerthError('STORE_NONE', `${app} has no stores`, { hint: 'nothing to restore' });
      return queueAs(request.into === undefined ? {} : { into: request.into }, 'restore', app, by, () => {});
    },
    drill: (app, { by, target }) => {
      stores(app);
      if (target !== undefined) getTarget(target);
      asked.push(`drill ${app}${target === undefined ? '' : ` from ${target}`}`);
      return queue('drill', app, by, ({ id }) => void drills.unshift(drillOf(app, id, target ?? LOCAL_TARGET)));
    },
    drills: (app) => {
      stores(app);
      return drills.filter((drill) => drill.app === app);
    },
  };

  const drillOf = (app: string, operation: number, target: string): Drill => ({
    app,
    at: new Date().toISOString(),
    operation,
    target,
    outcome: 'passed',
    recoveryMs: 4_210,
    lossMs: 180,
    stores: stores(app).map(({ store }) => ({
      store,
      outcome: 'passed',
      ms: 2_100,
      bytes: 52_428_800,
      restoredAt: new Date().toISOString(),
      evidence: 'checksum of the whole state holds, quick_check ok',
    })),
    check: null,
  });

  return { routes, status, takePoint };
};

const targetNamed = (name: string, url: string): TargetStatus => ({
  name,
  url,
  addedAt: '2030-01-02T03:04:05.000Z',
  state: 'protecting',
  lagMs: 180,
  sentBytes: 12_582_912,
  requests: 412,
  error: null,
});

const checksOf = (url: string): TargetCheck[] => {
  const isDenied = url.includes('denied');
  return [
    {
      name: 'an object is written',
      outcome: isDenied ? 'failed' : 'passed',
      evidence: isDenied ? 'AccessDenied' : '64 bytes',
      ms: 12,
    },
    {
      name: 'it is read back as it was',
      outcome: isDenied ? 'not tried' : 'passed',
      evidence: isDenied ? '' : 'the same 64 bytes',
      ms: 8,
    },
    {
      name: 'what is deleted is gone',
      outcome: isDenied ? 'not tried' : 'passed',
      evidence: isDenied ? '' : 'it is gone from the list',
      ms: 9,
    },
  ];
};
