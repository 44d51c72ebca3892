import type { EdgeCertificate, ServiceCounters } from '@berth/edge';
import type { AppStatus, TargetStatus } from '@berth/protocol';
import { protectionFamilies } from './protection/metrics.ts';
import type { Traffic } from './traffic.ts';

export type Measured = {
  readonly version: string;
  readonly startedAt: Date;
  readonly apps: readonly AppStatus[];
  readonly operations: readonly { kind: string; state: string; count: number }[];
  readonly counters: readonly ServiceCounters[];
  readonly durations: ReturnType<Traffic['durations']>;
  readonly isEdgeUp: boolean;
  readonly targets: readonly TargetStatus[];
  readonly certificates: readonly EdgeCertificate[];
  readonly now: Date;
  readonly edgeRestarts: number;
  readonly edgeReloads: number;
};

export type Sample = { labels?: Readonly<Record<string, string | number>>; value: number; suffix?: string };

export type Family = [name: string, type: 'counter' | 'gauge' | 'histogram', help: string, samples: readonly Sample[]];

/** Everything that Berth counts, in Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */
export function renderMetrics(measured: Measured): string {
  const { apps, counters } = measured;
  const instances = apps.flatMap((app) =>
    app.services.flatMap((service) => service.instances.map((it) => ({ ...it, app: app.app, service: service.service }))),
  );
  const families: Family[] = [
    ['berth_info', 'gauge', 'Version of the daemon', [{ labels: { version: measured.version }, value: 1 }]],
    ['berth_start_time_seconds', 'gauge', 'When the daemon started', [{ value: measured.startedAt.getTime() / 1_000 }]],
    ['berth_edge_up', 'gauge', 'Whether the edge answers', [{ value: measured.isEdgeUp ? 1 : 0 }]],
    ['berth_edge_restarts_total', 'counter', 'How often the edge died and was started again', [{ value: measured.edgeRestarts }]],
    ['berth_edge_reloads_total', 'counter', 'Reloads of the edge for a change of structure', [{ value: measured.edgeReloads }]],
    [
      'berth_operations_total',
      'counter',
      'Operations by kind and state',
      measured.operations.map(({ kind, state, count }) => ({ labels: { kind, state }, value: count })),
    ],
    [
      'berth_app_up',
      'gauge',
      'Whether every service of the app has the instances that it should have',
      apps.map((app) => ({ labels: { app: app.app }, value: app.state === 'running' ? 1 : 0 })),
    ],
    [
      'berth_app_release',
      'gauge',
      'The release that serves',
      apps.map((app) => ({ labels: { app: app.app }, value: app.release ?? 0 })),
    ],
    ['berth_instances', 'gauge', 'Instances by state', countInstances(instances)],
    [
      'berth_instance_restarts_total',
      'counter',
      'Restarts of an instance',
      instances.map(({ app, service, id, restarts }) => ({ labels: { app, service, instance: id }, value: restarts })),
    ],
    [
      'berth_instance_memory_bytes',
      'gauge',
      'Resident memory of an instance with all its processes',
      instances.map(({ app, service, id, memoryBytes }) => ({ labels: { app, service, instance: id }, value: memoryBytes ?? 0 })),
    ],
    [
      'berth_requests_total',
      'counter',
      'Requests answered by class of status',
      counters.flatMap(({ app, service, byStatus }) =>
        Object.entries(byStatus).map(([status, value]) => ({ labels: { app, service, status }, value })),
      ),
    ],
    [
      'berth_requests_held_total',
      'counter',
      'Requests that waited for an instance',
      counters.map(({ app, service, held }) => ({ labels: { app, service }, value: held })),
    ],
    ['berth_request_duration_seconds', 'histogram', 'Time to answer, as the edge saw it', measured.durations.flatMap(histogram)],
    [
      'cert_expiry_seconds',
      'gauge',
      'Time until the certificate that is served for a host ends',
      measured.certificates.map(({ host, source, notAfter }) => ({
        labels: { host, source },
        value: Math.round((Date.parse(notAfter) - measured.now.getTime()) / 1_000),
      })),
    ],
    ...protectionFamilies(apps, measured.targets),
  ];
  return families.map(([name, type, help, samples]) => renderFamily(name, type, help, samples)).join('');
}

function countInstances(instances: readonly { app: string; service: string; state: string }[]): Sample[] {
  const counts = new Map<string, { labels: { app: string; service: string; state: string }; value: number }>();
  for (const { app, service, state } of instances) {
    const key = `${app} ${service} ${state}`;
    const sample = counts.get(key) ?? { labels: { app, service, state }, value: 0 };
    sample.value += 1;
    counts.set(key, sample);
  }
  return [...counts.values()];
}

function histogram({ app, bounds, counts, sumMs, count }: Measured['durations'][number]): Sample[] {
  const buckets = bounds.map((bound, index) => ({
    suffix: '_bucket',
    labels: { app, le: bound / 1_000 },
    value: counts[index] ?? 0,
  }));
  return [
    ...buckets,
    { suffix: '_bucket', labels: { app, le: '+Inf' }, value: count },
    { suffix: '_sum', labels: { app }, value: sumMs / 1_000 },
    { suffix: '_count', labels: { app }, value: count },
  ];
}

function renderFamily(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value, suffix = '' }) => {
    const pairs = Object.entries(labels).map(([key, label]) => `${key}="${escapeLabel(String(label))}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

const escapeLabel = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
