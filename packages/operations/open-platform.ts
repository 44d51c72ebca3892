import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { asBerthError, type Manifest, manifestInvalid, parseManifest } from '@berth/core';
import type { Edge } from '@berth/edge';
import type { Fault, HomeLayout, Logger, PortRange } from '@berth/host';
import { appNotFound, type Journal, type OperationRow } from '@berth/journal';
import type { Finding, Operation, OperationKind, PlatformSettings, RequestCounts } from '@berth/protocol';
import type { RuntimeDriver } from '@berth/runtime';
import type { Sealer } from '@berth/secrets';
import { createBus } from './bus.ts';
import { createCertificateKeeper } from './certificates/keeper.ts';
import { certificateRequests } from './certificates/requests.ts';
import { servedOf } from './certificates/served.ts';
import { watchBakes } from './bake.ts';
import { configurationOf } from './configuration.ts';
import { defineOperations } from './definitions.ts';
import { hostsOf } from './edge-plan.ts';
import { createEdgeSync } from './edge-sync.ts';
import { createEdgeWatch } from './edge-watch.ts';
import { createEngine } from './engine.ts';
import {
  appNotDeployed,
  appStopped,
  cannotScale,
  nothingToRollBackTo,
  receiptNotFound,
  releaseNotUsable,
  serviceNotFound,
} from './errors.ts';
import { createLauncher } from './launch.ts';
import { readLogs } from './logs/read.ts';
import { createTimeIndexer } from './logs/time-index.ts';
import { renderMetrics } from './metrics.ts';
import { runOneOff } from './one-off.ts';
import { toOperation } from './operation-view.ts';
import type { Platform } from './platform.ts';
import { openProtection, type ProtectionDeps } from './protection/open-protection.ts';
import type { Protection } from './protection/protection.ts';
import { protectionRequests } from './protection/requests.ts';
import { createPorts } from './ports.ts';
import { noStores } from './protection-errors.ts';
import { applySettings } from './settings.ts';
import { checkPlace, MANIFEST_NAME, receiveSource } from './sources.ts';
import { describeApp } from './status.ts';
import { buildAddress, checkDisk } from './steps/build.ts';
import type { Users } from './steps/deps.ts';
import { createSupervisor } from './supervisor.ts';
import { createTraffic } from './traffic.ts';
import type { Watch } from './watch.ts';

export type PlatformDeps = Pick<ProtectionDeps, 'protect'> & {
  readonly journal: Journal;
  readonly layout: HomeLayout;
  readonly driver: RuntimeDriver;
  readonly edge: Edge;
  readonly sealer: Sealer;
  readonly users: Users;
  readonly log: Logger;
  readonly now: () => Date;
  readonly fault: Fault;
  readonly version: string;
  readonly startedAt: Date;
  readonly portRange: PortRange;
  /** The directory that holds Berth's own `node`. */
  readonly nodeDirectory: string;
  readonly systemPath: string;
  /** What the machine needs to reach registries: proxies, certificate authorities. Builds and apps get it. */
  readonly network: Readonly<Record<string, string>>;
  readonly build: { readonly memoryBytes: number; readonly withinMs: number; readonly diskFloorBytes: number };
  /** Looks for what is wrong with an app whose operation failed. Never rejects, and ends by itself. */
  readonly examine?: (app: string, signal: AbortSignal) => Promise<readonly Finding[]>;
  /** Ends the daemon; with `everything`, after all instances and the edge have been stopped. */
  readonly exit: (what: { everything: boolean }) => void;
};

export interface RunningPlatform extends Platform {
  /** Adopts what runs, goes on with what was interrupted, begins to watch. */
  begin(): Promise<void>;
  /** Stops watching; what runs goes on. Operations are left where they are and go on when the daemon is back. */
  end(): Promise<void>;
  /** Stops every instance and the edge; what should run is not forgotten. */
  stopEverything(): Promise<void>;
}

const SECOND_MS = 1_000;
const PRUNE_EVERY_S = 600;

export function openPlatform(deps: PlatformDeps): RunningPlatform {
  const { journal, layout, driver, edge, now } = deps;
  const bus = createBus(journal, deps);
  const traffic = createTraffic();
  const settings = () => journal.settings.get<PlatformSettings>('platform') as PlatformSettings;
  const launcher = createLauncher({ ...deps, settings, appUser: deps.users.app });
  const logFile = (row: { app: string; id: string }) => join(layout.app(row.app).logs, `${row.id}.log`);
  const tally = { edgeRestarts: 0, edgeReloads: 0 };
  const watches = new Map<string, Watch>();
  const sync = createEdgeSync({
    ...deps,
    settings,
    watch: (id) => watches.get(id),
    onReload() {
      tally.edgeReloads += 1;
    },
  });
  const edgeWatch = createEdgeWatch(deps);
  const supervisor = createSupervisor({ ...deps, edgeWatch, bus, launcher, sync, watches, logFile });
  const ports = createPorts(journal, deps.portRange);
  const protection: Protection = openProtection({
    ...deps,
    bus,
    enqueue: (app, kind) => void enqueue(app, kind, 'berth'),
  });
  const certificates = createCertificateKeeper({
    ...deps,
    bus,
    settings,
    home: join(layout.edge, 'acme'),
    hosts: () =>
      journal.apps.list().flatMap(({ name: app, release, state }) => {
        if (release === null || state === 'new') return [];
        return hostsOf(journal.releases.get(app, release).manifest, settings().domain).map(({ host }) => ({ host, app }));
      }),
  });
  const definitions = defineOperations({ ...deps, protection, supervisor, sync, launcher, bus, ports, traffic, settings });
  const counts = async (app: string): Promise<RequestCounts> => {
    const own = (await edge.counters()).filter((it) => it.app === app);
    const sum = (key: 'served' | 'held' | 'failed') => own.reduce((total, it) => total + it[key], 0);
    return { served: sum('served'), held: sum('held'), failed: sum('failed') };
  };
  const engine = createEngine({ ...deps, bus, definitions, counts });
  const indexer = createTimeIndexer(deps);
  const view = (row: OperationRow): Operation => toOperation(row, journal.operations.steps(row.id));
  const enqueue = (app: string, kind: OperationKind, by: string, input: Record<string, unknown> = {}, release?: number) =>
    view(engine.enqueue({ app, kind, by, input, ...(release !== undefined && { release }) }));
  const status = { journal, supervisor, settings, running: engine.running, stores: protection.status };
  const serving = (app: string) => {
    const row = journal.apps.get(app);
    if (row.release === null) throw appNotDeployed(app);
    return { row, release: journal.releases.get(app, row.release) };
  };
  const running = (app: string) => {
    const { row, release } = serving(app);
    if (row.state === 'stopped') throw appStopped(app);
    return { row, release };
  };

  const ending = new AbortController();
  let housekeeping: Promise<void> = Promise.resolve();
  const keepHouse = async () => {
    for (let second = 0; !ending.signal.aborted; second += 1) {
      try {
        traffic.add(edge.samples().samples);
        protection.tick();
        void certificates.tick();
        watchBakes({ journal, bus, engine, traffic, now });
        await indexer.note();
        if (second % PRUNE_EVERY_S === 0) await indexer.prune();
      } catch (cause) {
        const { code, message } = asBerthError(cause);
        deps.log.error('housekeeping.failed', { code, message });
      }
      await sleep(SECOND_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  bus.onEvent((event) => {
    if (event.name === 'edge.restarted') tally.edgeRestarts += 1;
    deps.log.info(event.name, {
      ...(event.app && { app: event.app }),
      ...(event.operation && { operation: event.operation }),
      ...shown(event.name, event.fields),
    });
  });

  return {
    async status() {
      const processes = await edge.processes();
      return {
        daemon: { pid: process.pid, version: deps.version, startedAt: deps.startedAt.toISOString(), home: layout.home },
        edge: {
          state: (await edgeWatch.isUp()) ? 'up' : 'down',
          domain: settings().domain,
          addresses: settings().addresses,
          httpPort: settings().httpPort,
          httpsPort: settings().httpsPort,
          ca: settings().httpsPort === null ? null : edge.certificates.rootPath,
          processes: processes.map(({ name, pid }) => ({ name, pid })),
        },
        apps: journal.apps
          .list()
          .filter((app) => app.state !== 'new')
          .map((app) => describeApp(status, app.name)),
      };
    },
    settings,
    changeSettings: (changes) => applySettings({ journal, sync, bus }, changes),
    app: async (app) => describeApp(status, app),
    releases(app) {
      const { release, previous } = journal.apps.get(app);
      return journal.releases.list(app).map((it) => ({
        app,
        release: it.number,
        createdAt: it.createdAt,
        by: it.by,
        build: it.build.slice(0, 12),
        commit: it.commit,
        state:
          it.number === release
            ? 'serving'
            : it.number === previous
              ? 'previous'
              : it.state === 'good'
                ? 'kept'
                : it.state === 'pruned'
                  ? 'pruned'
                  : 'failed',
        bake: journal.bakes.find(app)?.release === it.number ? 'baking' : (journal.bakes.result(app, it.number) ?? null),
        changes: [...it.changes],
      }));
    },
    receipts: (app) => knownReceipts(journal, app),
    receipt(app, operation) {
      const receipts = knownReceipts(journal, app);
      const receipt = operation === undefined ? receipts[0] : receipts.find((it) => it.operation === operation);
      if (!receipt) throw receiptNotFound(app, operation);
      return receipt;
    },

    async deploy(source: Readable, { by, force, directory = '.', commit }) {
      await checkDisk(deps, layout.home);
      const { digest, manifestText } = await receiveSource(source, layout.sources, directory);
      const parsed = parseManifest(manifestText, { file: join(directory, MANIFEST_NAME) });
      if (!parsed.ok) throw manifestInvalid(parsed.problems);
      checkPlace(parsed.manifest, directory);
      const manifest: Manifest = { ...parsed.manifest, ...(directory !== '.' && { directory }) };
      const warnings = parsed.warnings.map((warning) => warning.message);
      journal.apps.ensure(manifest.app);
      return enqueue(manifest.app, 'deploy', by, {
        source: digest,
        build: buildAddress(digest, manifest.build),
        manifest,
        warnings,
        force,
        ...(commit && { commit }),
      });
    },
    rollback(app, { by, to, withData }) {
      const { row, release } = serving(app);
      if (withData && release.manifest.stores.length === 0) throw noStores(app);
      const target = to ?? row.previous ?? null;
      if (target === null) throw nothingToRollBackTo(app);
      const { state } = journal.releases.get(app, target);
      if (state !== 'good') throw releaseNotUsable(app, target, state === 'pruned' ? 'no longer kept' : 'one that never served');
      return enqueue(app, 'rollback', by, { to: target, ...(withData && { withData }) }, target);
    },
    restart(app, { by, service }) {
      const { release } = running(app);
      checkServices(release.manifest, service === undefined ? [] : [service]);
      return enqueue(app, 'restart', by, service === undefined ? {} : { service }, release.number);
    },
    scale(app, { by, services }) {
      const { release } = running(app);
      checkServices(release.manifest, Object.keys(services));
      for (const [name, count] of Object.entries(services)) {
        const { switch: kind } = release.manifest.services.find((it) => it.name === name) ?? {};
        if (kind === 'handover' && count > 1) throw cannotScale(app, name, 'its switch is `handover`, so only one of it may run');
      }
      return enqueue(app, 'scale', by, { services }, release.number);
    },
    stop: (app, { by }) => enqueue(app, 'stop', by, {}, serving(app).release.number),
    start: (app, { by }) => enqueue(app, 'start', by, {}, serving(app).release.number),
    remove: (app, { by, purge }) => enqueue(journal.apps.get(app).name, 'remove', by, { purge }),

    operation: (id) => view(journal.operations.get(id)),
    operations: (filter) => journal.operations.list(filter).map(view),
    cancel(id) {
      engine.cancel(id);
      return view(journal.operations.get(id));
    },
    events: (query, signal) => bus.listen(query, AbortSignal.any([signal, ending.signal])),
    logs: (app, query, signal) =>
      readLogs(journal.apps.get(app).name, layout.app(app).logs, query, AbortSignal.any([signal, ending.signal])),

    ...protectionRequests({ journal, protection, enqueue }),
    ...configurationOf({ journal, sealer: deps.sealer, bus, enqueue }),

    run: (app, { argv, stdin }, signal) =>
      runOneOff({ launcher, driver }, serving(app).release, { argv, stdin }, AbortSignal.any([signal, ending.signal])),

    ...certificateRequests({ edge, bus, keeper: certificates }),

    async metrics() {
      const names = journal.apps.list().filter((app) => app.state !== 'new');
      return renderMetrics({
        version: deps.version,
        startedAt: deps.startedAt,
        apps: names.map((app) => describeApp(status, app.name)),
        operations: journal.operations.countByKindAndState(),
        counters: await edge.counters(),
        durations: traffic.durations(),
        isEdgeUp: await edgeWatch.isUp(),
        targets: protection.targets(),
        certificates: servedOf(await edge.certificates.list()),
        now: now(),
        ...tally,
      });
    },
    shutdown: deps.exit,

    async begin() {
      await clearOrphans(driver, journal);
      await edge.start(AbortSignal.timeout(60_000));
      // First everything that runs is known: the edge must not be told that nothing does.
      await supervisor.adopt();
      await sync.now().catch(async (cause: unknown) => {
        // A platform that has never served says at once that its ports are taken; one with apps looks after them all the same.
        if (journal.apps.list().length > 0) return;
        await edge.stop(AbortSignal.timeout(10_000));
        throw cause;
      });
      await protection.begin();
      supervisor.start();
      engine.resume();
      housekeeping = keepHouse();
      bus.publish({ name: 'daemon.started', fields: { version: deps.version, pid: process.pid } });
    },
    async end() {
      ending.abort();
      await engine.stop();
      await supervisor.stop();
      await housekeeping;
      await certificates.end();
      await protection.end();
    },
    async stopEverything() {
      const rows = journal.instances.list();
      await Promise.all(
        rows.map(async (row) => {
          const service = journal.releases.get(row.app, row.release).manifest.services.find((it) => it.name === row.service);
          const { signal: stopSignal, withinMs } = service?.stop ?? { signal: 'SIGTERM' as const, withinMs: 10_000 };
          await driver.stop(row.id, { stopSignal, withinMs });
          // Forgotten, so that the next start does not take its exit for a death.
          await driver.forget(row.id);
        }),
      );
      await edge.stop(AbortSignal.timeout(30_000));
      await protection.stopEverything();
    },
  };

  function checkServices(manifest: { app: string; services: readonly { name: string }[] }, names: readonly string[]): void {
    const known = manifest.services.map((service) => service.name);
    for (const name of names) if (!known.includes(name)) throw serviceNotFound(manifest.app, name, known);
  }
}

/** Also of an app that has been removed: its receipts stay. */
function knownReceipts(journal: Journal, app: string) {
  const receipts = journal.operations.receipts(app);
  if (receipts.length === 0 && !journal.apps.find(app))
    throw appNotFound(
      app,
      journal.apps.list().map((it) => it.name),
    );
  return receipts;
}

/** Runs that no instance and no unfinished operation owns: what a killed daemon had started and could not write down the end of. */
async function clearOrphans(driver: RuntimeDriver, journal: Journal): Promise<void> {
  const instances = new Set(journal.instances.list().map((row) => row.id));
  const operations = new Set(journal.operations.open().map((operation) => `op${operation.id}`));
  for (const id of await driver.list()) {
    if (instances.has(id) || operations.has(id.split('.')[0] ?? '')) continue;
    await driver.stop(id, { stopSignal: 'SIGTERM', withinMs: 5_000 });
    await driver.forget(id);
  }
}

/** Of an event, what a line of the daemon's log needs. */
const shown = (name: string, fields: Record<string, unknown>) => (name === 'operation.output' ? {} : fields);
