import type { InstanceRow, Journal } from '@berth/journal';
import type { AppStatus, Instance, PlatformSettings, StoreStatus } from '@berth/protocol';
import { urlsOf } from './edge-plan.ts';
import type { Supervisor } from './supervisor.ts';
import type { Watch } from './watch.ts';

export type StatusDeps = {
  readonly journal: Journal;
  readonly supervisor: Supervisor;
  readonly settings: () => PlatformSettings;
  readonly running: (app: string) => number | null;
  readonly stores: (app: string) => StoreStatus[];
};

/** What an app is doing right now, as people want to see it. */
export function describeApp({ journal, supervisor, settings, running, stores }: StatusDeps, name: string): AppStatus {
  const app = journal.apps.get(name);
  const release = app.release === null ? undefined : journal.releases.get(name, app.release);
  const rows = journal.instances.list({ app: name });
  const wanted = release?.manifest.services ?? [];
  const names = [...new Set([...wanted.map((service) => service.name), ...rows.map((row) => row.service)])];
  const services = names.map((service) => {
    const declared = wanted.find((it) => it.name === service);
    const port = journal.apps.address(name, service);
    return {
      service,
      wanted: declared && app.state === 'running' ? (app.scale[service] ?? declared.instances) : 0,
      address: port === undefined ? null : `http://127.0.0.1:${port}`,
      instances: rows.filter((row) => row.service === service).map((row) => describeInstance(row, supervisor.watch(row.id))),
    };
  });
  const operation = running(name);
  const urls = release ? urlsOf(release.manifest, settings()) : [];
  const state = app.state === 'running' ? health(services) : app.state === 'stopped' ? 'stopped' : 'down';
  return {
    app: name,
    release: app.release,
    state: operation !== null && state !== 'running' ? 'deploying' : state,
    url: urls[0] ?? null,
    urls,
    services,
    stores: stores(name),
    operation,
  };
}

function health(services: AppStatus['services']): 'running' | 'degraded' | 'down' {
  const wanted = services.filter((service) => service.wanted > 0);
  const healthy = wanted.map((service) => service.instances.filter((it) => it.state === 'healthy').length);
  if (wanted.every((service, index) => (healthy[index] ?? 0) >= service.wanted)) return 'running';
  return healthy.some((count) => count > 0) ? 'degraded' : 'down';
}

function describeInstance(row: InstanceRow, watch: Watch | undefined): Instance {
  const isRunning = watch?.status?.state === 'running';
  return {
    id: row.id,
    release: row.release,
    pid: watch?.status?.state === 'running' ? watch.status.pid : null,
    port: row.port,
    state: instanceState(row, watch),
    restarts: row.restarts,
    memoryBytes: watch?.status?.state === 'running' ? watch.status.memoryBytes : null,
    startedAt: isRunning && watch.runningSinceMs !== null ? new Date(watch.runningSinceMs).toISOString() : null,
    reason: watch?.health === 'healthy' ? null : (watch?.reason ?? null),
  };
}

function instanceState(row: InstanceRow, watch: Watch | undefined): Instance['state'] {
  if (row.want === 'leaving' || row.want === 'parked')
    return row.stopping ? 'stopping' : watch?.status?.state === 'running' ? 'draining' : 'stopped';
  if (watch?.isLooping) return 'looping';
  if (watch?.status?.state !== 'running') return row.deaths.length > 0 ? 'waiting' : 'starting';
  if (watch.health === 'healthy') return 'healthy';
  return watch.healthySinceMs === null ? 'starting' : 'unhealthy';
}
