import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Edge, EdgeServer, EdgeState } from '@berth/edge';
import type { HomeLayout } from '@berth/host';
import type { InstanceRow, Journal } from '@berth/journal';
import type { PlatformSettings } from '@berth/protocol';
import { failuresInARow, type Manifest, type Service } from '@berth/core';
import { type EdgeApp, type EdgeAppService, planEdge } from './edge-plan.ts';
import { storePath } from './launch.ts';
import { publicDirectory } from './public-files.ts';
import { isReady, type Watch } from './watch.ts';

export type EdgeSyncDeps = {
  readonly journal: Journal;
  readonly layout: HomeLayout;
  readonly edge: Edge;
  readonly settings: () => PlatformSettings;
  readonly watch: (id: string) => Watch | undefined;
  readonly onReload: () => void;
  readonly now: () => Date;
};

/** Keeps the edge doing what the journal and the instances' health say. */
export interface EdgeSync {
  /**
   * Resolves once the edge does all that was decided before the call, as far as that needs no reload while somebody is
   * held. Calls that wait for their turn are served together.
   */
  now(): Promise<void>;
  /** Resolves once everything is done, reload included. */
  complete(signal: AbortSignal): Promise<void>;
  /** No reload until `release`: an operation is about to hold requests. */
  reserve(operation: number): void;
  release(operation: number): void;
  /** Whether the edge was given an instance, or may have been by a former life of the daemon. */
  knows(instance: string): boolean;
  /** True when what should be differs from what was last asked for. */
  isDue(): boolean;
  /** The edge was lost: apply everything again, whatever was applied before. */
  forget(): void;
}

/** A hold that is never released (an app that neither starts nor fails) must not keep every other app from its deploys. */
const POSTPONE_AT_MOST_MS = 90_000;
const LOOK_AGAIN_MS = 50;

export function createEdgeSync(deps: EdgeSyncDeps): EdgeSync {
  const reserved = new Set<number>();
  let asked = '';
  let known: ReadonlySet<string> | null = null;
  let postponedSinceMs: number | null = null;
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;

  const mayReload = (state: EdgeState) => {
    const isLate = postponedSinceMs !== null && deps.now().getTime() - postponedSinceMs > POSTPONE_AT_MOST_MS;
    return isLate || (reserved.size === 0 && !state.services.some((service) => service.hold.armed));
  };
  const keyOf = (state: EdgeState) => `${mayReload(state)} ${JSON.stringify(state)}`;
  const apply = async () => {
    const state = plan(deps);
    const key = keyOf(state);
    const result = await deps.edge.apply(state, AbortSignal.timeout(APPLY_TIMEOUT_MS), { mayReload: mayReload(state) });
    asked = key;
    postponedSinceMs = result.postponed ? (postponedSinceMs ?? deps.now().getTime()) : null;
    known = new Set(state.services.flatMap((service) => service.servers.map((server) => server.id)));
    if (result.reloaded) deps.onReload();
  };
  const now = (): Promise<void> => {
    if (running) {
      // Whoever comes while one is under way waits for the next, which sees what they changed.
      waiting ??= running
        .catch(() => undefined)
        .then(() => {
          waiting = undefined;
          return now();
        });
      return waiting;
    }
    running = apply().finally(() => {
      running = undefined;
    });
    return running;
  };
  return {
    now,
    async complete(signal) {
      await now();
      while (postponedSinceMs !== null) {
        await sleep(LOOK_AGAIN_MS, undefined, { signal });
        if (mayReload(plan(deps))) await now();
      }
    },
    reserve: (operation) => void reserved.add(operation),
    release: (operation) => void reserved.delete(operation),
    knows: (instance) => known?.has(instance) ?? true,
    isDue: () => keyOf(plan(deps)) !== asked,
    forget: () => {
      asked = '';
    },
  };
}

const APPLY_TIMEOUT_MS = 60_000;

function plan({ journal, layout, settings, watch }: EdgeSyncDeps): EdgeState {
  const holds = journal.instances.holds();
  const apps = journal.apps.list().map((app): EdgeApp => {
    const rows = journal.instances.list({ app: app.name });
    const manifest = app.release === null ? null : journal.releases.get(app.name, app.release).manifest;
    const services = networkedServices(journal, app.name, manifest, rows).map((service): EdgeAppService => {
      const own = rows.filter((row) => row.service === service.name);
      const ready = own.filter((row) => isReady(row, watch(row.id)));
      const isHeldByOperation = holds.some((hold) => hold.app === app.name && hold.service === service.name);
      return {
        service,
        listen: journal.apps.address(app.name, service.name) ?? 0,
        held: isHeldByOperation || isComingBack(own, watch),
        servers: own.flatMap((row) => toServer(row, ready.includes(row) || (ready.length === 0 && isRestarting(row, watch)))),
      };
    });
    return {
      app: app.name,
      manifest: app.state === 'new' ? null : manifest,
      release: app.release,
      stopped: app.state === 'stopped',
      services,
    };
  });
  return planEdge(settings(), apps, (app, release, { host, path, root }) => {
    if (root.from === 'store') {
      const { manifest } = journal.releases.get(app, release);
      return { directory: join(storePath(layout, manifest, root.store), root.directory), earlier: [] };
    }
    const directories = journal.releases
      .list(app)
      .filter((it) => it.number !== release && it.state === 'good')
      .map((it) => publicDirectory(layout, app, it.number, { host, path }));
    return { directory: publicDirectory(layout, app, release, { host, path }), earlier: directories.slice(0, EARLIER_RELEASES) };
  });
}

/** How many other releases' files an immutable route still answers: pages loaded before a deploy ask for them. */
const EARLIER_RELEASES = 3;

/** Of the release that serves and of those on their way in or out; the former wins where both know a service. */
function networkedServices(journal: Journal, app: string, manifest: Manifest | null, rows: readonly InstanceRow[]): Service[] {
  const releases = [...new Set(rows.filter((row) => row.want !== 'standby').map((row) => row.release))].toSorted((a, b) => b - a);
  const manifests = [...(manifest ? [manifest] : []), ...releases.map((release) => journal.releases.get(app, release).manifest)];
  const byName = new Map<string, Service>();
  for (const service of manifests.flatMap((it) => it.services)) {
    if (service.networked && !byName.has(service.name)) byName.set(service.name, service);
  }
  return [...byName.values()].filter((service) => journal.apps.address(app, service.name) !== undefined);
}

function toServer(row: InstanceRow, isUsable: boolean): EdgeServer[] {
  if (row.port === null || row.want === 'standby') return [];
  return [{ id: row.id, port: row.port, state: isUsable ? 'ready' : 'maint' }];
}

/** Its only instances died and are being started again: worth waiting for. One that loops is not. */
function isComingBack(rows: readonly InstanceRow[], watch: EdgeSyncDeps['watch']): boolean {
  const serving = rows.filter((row) => row.want === 'serving');
  if (serving.length === 0 || serving.some((row) => isReady(row, watch(row.id)))) return false;
  return serving.some((row) => failuresInARow(row.deaths).length <= HOLD_FOR_DEATHS && !watch(row.id)?.isLooping);
}

/**
 * The only instance died and is being started again. It stays in the edge: a request that finds nothing listening is tried
 * again every second, while one whose server is taken away meanwhile is answered with an error.
 */
function isRestarting(row: InstanceRow, watch: EdgeSyncDeps['watch']): boolean {
  const failures = failuresInARow(row.deaths).length;
  return row.want === 'serving' && failures > 0 && failures <= HOLD_FOR_DEATHS && !watch(row.id)?.isLooping;
}

/** Only the first restarts are waited for: with a crash loop every visitor would wait to the limit. */
const HOLD_FOR_DEATHS = 2;
