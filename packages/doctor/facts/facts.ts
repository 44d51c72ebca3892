/** All that rules may look at. Each thing is looked at once, when the first rule asks for it. */
import { join } from 'node:path';
import { resolveHost, type Manifest, type Service, type Store } from '@berth/core';
import { type HomeLayout, homeLayout } from '@berth/host';
import { type InstanceRow, type JournalReader, type OperationRow, readJournal } from '@berth/journal';
import type { AppStatus, Client, Event, Instance, PlatformSettings, PlatformStatus } from '@berth/protocol';
import { type Bounds, defaultBounds } from '../bounds.ts';
import type { Place } from './ask.ts';
import { type DaemonFact, findDaemon } from './daemon.ts';
import { createNames, type Names } from './names.ts';
import { type SeenProcess, seeProcesses } from './processes.ts';
import { lastLines } from './text-end.ts';

export type FactsOptions = {
  readonly home: string;
  readonly uid: number;
  readonly now?: () => Date;
  /** Only this app; null for all. */
  readonly app?: string | null;
  readonly bounds?: Partial<Bounds>;
  /** Name servers as `address:port`, instead of the machine's own. */
  readonly nameServers?: readonly string[];
  /** Where people's requests for public names arrive, when that is not the edge of this machine. */
  readonly front?: { readonly port: number; readonly tls: boolean };
};

export type InstanceFact = InstanceRow & {
  readonly declared: Service | null;
  /** Of all its processes that live now. */
  readonly pids: readonly number[];
  readonly logFile: string;
  /** What the daemon says of it; null while it does not answer. */
  readonly status: Instance | null;
};

export type StoreFact = Store & { readonly app: string; readonly path: string; readonly directory: string };

export type AppFact = {
  readonly name: string;
  /** `new`: its first deploy goes on, or has failed. */
  readonly state: 'new' | 'running' | 'stopped';
  /** The one that should serve; of a new app the one that was tried, 0 when it did not get that far. */
  readonly release: number;
  readonly manifest: Manifest;
  readonly instances: readonly InstanceFact[];
  readonly stores: readonly StoreFact[];
  /** Host names that it answers itself. */
  readonly hosts: readonly string[];
  readonly status: AppStatus | null;
  /** Its newest deploy, rollback or change; null before the first. */
  readonly lastChange: OperationRow | null;
};

export interface Facts {
  readonly layout: HomeLayout;
  readonly uid: number;
  readonly now: () => Date;
  readonly bounds: Bounds;
  readonly app: string | null;
  readonly names: Names;
  readonly front: FactsOptions['front'] | null;
  /** null in a home that was never used. */
  readonly journal: JournalReader | null;
  readonly settings: PlatformSettings | null;
  daemon(): Promise<DaemonFact>;
  /** null while the daemon does not answer. */
  status(): Promise<PlatformStatus | null>;
  client(): Promise<Client | null>;
  /** Apps that somebody has begun to deploy: all of them, or the one that was asked for. */
  apps(): Promise<readonly AppFact[]>;
  processes(): readonly SeenProcess[];
  /** The last lines that an instance wrote. */
  lines(instance: Pick<InstanceFact, 'app' | 'id' | 'logFile'>, count: number): Promise<readonly string[]>;
  /** Of the last day at most, oldest first. */
  recentEvents(): readonly Event[];
  /** Where the edge listens for that host. */
  edgePlace(host: string): Place | null;
  close(): void;
}

/** Close it when all rules are done. */
export const openFacts = (options: FactsOptions): Facts => {
  const { home, uid, now = () => new Date(), app = null, bounds = {}, nameServers, front = null } = options;
  const layout = homeLayout(home);
  const journal = readJournal(layout.journal);
  const settings = journal?.settings.get<PlatformSettings>('platform') ?? null;
  const all = { ...defaultBounds, ...bounds };
  const processes = once(() => seeProcesses(home));
  const daemon = once(() => findDaemon(layout, all.answerMs));
  const status = once(async () => (await daemon()).status);

  return {
    layout,
    uid,
    now,
    bounds: all,
    app,
    front,
    names: createNames(nameServers ?? null, all.answerMs),
    journal,
    settings,
    daemon,
    status,
    client: async () => {
      const found = await daemon();
      return found.state === 'up' ? found.client : null;
    },
    apps: once(async () =>
      journal === null || settings === null ? [] : readApps({ journal, settings, layout, app }, processes(), await status()),
    ),
    processes,
    async lines({ app, id, logFile }, count) {
      const written = lastLines(logFile, count);
      const found = await daemon();
      // Where a runtime keeps logs elsewhere (journald), the daemon knows how to read them.
      if (written.length > 0 || found.state !== 'up') return written;
      const lines: string[] = [];
      const query = { instance: id, tail: count };
      for await (const line of found.client.stream('logs', { params: { app }, query, signal: AbortSignal.timeout(all.answerMs) }))
        lines.push(line.text);
      return lines;
    },
    recentEvents: once(() => {
      if (journal === null) return [];
      const since = Math.max(0, journal.events.lastSeq() - EVENTS);
      const fromMs = now().getTime() - all.recentMs;
      const events = journal.events.list({ since, limit: EVENTS, ...(app !== null && { app }) });
      return events.filter(({ at }) => Date.parse(at) >= fromMs);
    }),
    edgePlace(host) {
      if (settings === null) return null;
      const { addresses, httpPort, httpsPort } = settings;
      const address = addresses[0] ?? '127.0.0.1';
      return {
        tls: httpsPort !== null,
        address: address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address,
        port: httpsPort ?? httpPort,
        host,
      };
    },
    close: () => journal?.close(),
  };
};

type Known = { journal: JournalReader; settings: PlatformSettings; layout: HomeLayout; app: string | null };

const readApps = (
  { journal, settings, layout, app: only }: Known,
  processes: readonly SeenProcess[],
  status: PlatformStatus | null,
): AppFact[] =>
  journal.apps.list().flatMap(({ name, state, release }): AppFact[] => {
    if (only !== null && name !== only) return [];
    const lastChange = journal.operations.list({ app: name, limit: 20 }).find(({ kind }) => CHANGES.has(kind)) ?? null;
    const meant = release === null ? journal.releases.list(name)[0] : journal.releases.get(name, release);
    const manifest = meant?.manifest ?? (lastChange?.input.manifest as Manifest | undefined);
    if (manifest === undefined) return [];
    const told = status?.apps.find((it) => it.app === name) ?? null;
    const instances = journal.instances.list({ app: name }).map((row) => ({
      ...row,
      declared: serviceOf(journal, row),
      pids: processes.filter(({ instance }) => instance === row.id).map(({ pid }) => pid),
      logFile: join(layout.app(name).logs, `${row.id}.log`),
      status: told?.services.flatMap((service) => service.instances).find(({ id }) => id === row.id) ?? null,
    }));
    return [
      {
        name,
        state,
        release: meant?.number ?? 0,
        manifest,
        instances,
        stores: manifest.stores.map((store) => {
          const directory = join(layout.app(name).stores, store.name);
          return { ...store, app: name, directory, path: join(directory, store.path) };
        }),
        hosts: (state === 'new' ? [] : manifest.routes)
          .filter(({ redirect, paths }) => redirect === null && paths.length > 0)
          .map(({ host }) => resolveHost(host, settings.domain)),
        status: told,
        lastChange,
      },
    ];
  });

/** What happened before is no news. */
const EVENTS = 5_000;

const CHANGES: ReadonlySet<string> = new Set(['deploy', 'rollback', 'configure', 'start', 'restart', 'restore', 'scale']);

const serviceOf = (journal: JournalReader, row: InstanceRow): Service | null =>
  journal.releases.get(row.app, row.release).manifest.services.find(({ name }) => name === row.service) ?? null;

const once = <T>(look: () => T): (() => T) => {
  let seen: { readonly value: T } | undefined;
  return () => {
    seen ??= { value: look() };
    return seen.value;
  };
};
