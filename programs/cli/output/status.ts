/** What runs where: the tables of `berth up` and `berth ps`. */
import type { AppStatus, PlatformStatus } from '@berth/protocol';
import { bytes, duration } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Sheet = Pick<Terminal, 'style' | 'width'>;

export const renderApps = (apps: readonly AppStatus[], sheet: Sheet): string[] => {
  if (apps.length === 0) return [sheet.style.hint('no apps yet: berth deploy DIR brings the first')];
  return renderTable(
    {
      head: ['APP', 'RELEASE', 'STATE', 'URL'],
      rows: apps.map((app) => [app.app, String(app.release ?? '-'), paintState(app.state, sheet), app.urls.join(' ') || '-']),
    },
    sheet,
  );
};

/** Each service with the address that it keeps on loopback, since not every resolver knows *.localhost. */
export const renderAddresses = (apps: readonly AppStatus[], sheet: Sheet): string[] => {
  const rows = apps.flatMap(({ app, services }) =>
    services.map(({ service, instances, wanted, address }) => {
      const healthy = instances.filter(({ state }) => state === 'healthy').length;
      return [app, service, `${healthy} of ${wanted}`, address ?? '-'];
    }),
  );
  return rows.length === 0 ? [] : renderTable({ head: ['APP', 'SERVICE', 'HEALTHY', 'ADDRESS'], rows }, sheet);
};

export const renderInstances = (apps: readonly AppStatus[], sheet: Sheet, now: number): string[] => {
  const rows = apps.flatMap(({ app, services }) =>
    services.flatMap(({ service, instances }) =>
      instances.map((instance) => [
        app,
        service,
        instance.id,
        String(instance.release),
        paintState(instance.state, sheet),
        String(instance.pid ?? '-'),
        String(instance.port ?? '-'),
        instance.memoryBytes === null ? '-' : bytes(instance.memoryBytes),
        String(instance.restarts),
        instance.startedAt === null ? '-' : duration(Math.max(0, now - Date.parse(instance.startedAt))),
        instance.reason ?? '',
      ]),
    ),
  );
  if (rows.length === 0) return [];
  const head = ['APP', 'SERVICE', 'INSTANCE', 'RELEASE', 'STATE', 'PID', 'PORT', 'MEMORY', 'RESTARTS', 'UP', ''];
  return renderTable({ head, rows, right: [3, 5, 6, 7, 8] }, sheet);
};

export const renderPlatform = ({ daemon, edge }: PlatformStatus, { style }: Sheet): string[] => {
  const ports = edge.httpsPort === null ? `${edge.httpPort} (no TLS)` : `${edge.httpPort} and ${edge.httpsPort}`;
  const state = edge.state === 'up' ? style.green('up') : style.red('down');
  return [
    `berthd ${daemon.version} (process ${daemon.pid}), edge ${state} on ${edge.addresses.join(', ')} port ${ports}, home ${daemon.home}`,
  ];
};

/** Lines that work as they are printed. */
export const renderTrust = ({ edge, apps }: PlatformStatus, { style }: Sheet): string[] => {
  const url = apps.find((app) => app.url !== null)?.url;
  if (!edge.ca) return url ? [`try:  curl ${curlResolve(url, edge)}${url}`] : [];
  return [
    `root certificate, for browsers to trust: ${edge.ca}`,
    ...(url ? [style.dim('try:  ') + `curl --cacert ${quoted(edge.ca)} ${curlResolve(url, edge)}${url}`] : []),
  ];
};

/** Names that no name server knows are given to curl; it knows *.localhost by itself. */
const curlResolve = (text: string, { addresses }: PlatformStatus['edge']): string => {
  const url = new URL(text);
  if (url.hostname === 'localhost' || url.hostname.endsWith('.localhost')) return '';
  const address = addresses.find((one) => one !== '0.0.0.0' && one !== '::') ?? '127.0.0.1';
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return `--resolve ${url.hostname}:${port}:${address.includes(':') ? `[${address}]` : address} `;
};

const quoted = (path: string): string => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);

const paintState = (state: string, { style }: Sheet): string => {
  if (state === 'running' || state === 'healthy') return style.green(state);
  if (state === 'down' || state === 'unhealthy' || state === 'looping') return style.red(state);
  return state === 'stopped' ? style.dim(state) : style.yellow(state);
};
