import { chmodSync, copyFileSync, existsSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { totalmem } from 'node:os';
import { asBerthError } from '@berth/core';
import { openEdge } from '@berth/edge';
import {
  acquireLock,
  claimPortRange,
  createFault,
  createLogger,
  createNotifier,
  ensureTools,
  type HomeLayout,
  type Logger,
  prepareHome,
  takePrecedence,
} from '@berth/host';
import { openJournal } from '@berth/journal';
import { checkRecovered, defaultSettings, openPlatform } from '@berth/operations';
import type { PlatformSettings } from '@berth/protocol';
import { STOPPED_EXIT_CODE } from '@berth/runtime';
import { createSealer } from '@berth/secrets';
import { keepAppUnits } from './app-units.ts';
import type { DaemonEnv } from './env.ts';
import { createExaminer } from './doctor.ts';
import { createApi, listenOnSocket } from './http/index.ts';
import { provideNode } from './node-directory.ts';
import { createProtectionParts } from './protection.ts';
import { openRuntime } from './runtime.ts';
import type { StartReport } from './start-report.ts';
import { openUsers } from './users.ts';
import { version } from './version.ts';

const MB = 1_000_000;
const LOG_MAX_BYTES = 20 * MB;
const HOUR_MS = 3_600_000;

/** Brings everything up, in order; resolves when the daemon has come to its end, with the code to exit with. */
export const runDaemon = async (env: DaemonEnv, report: StartReport): Promise<number> => {
  const now = () => new Date();
  const startedAt = now();
  takePrecedence();
  const layout = prepareHome(env.home, env.uid);
  const log = createLogger({ write: writeLine, now });
  using notifier = createNotifier(env.notify, { log });
  checkRecovered(layout.home);
  // Until the daemon ends.
  using _lock = acquireLock(layout.lock);
  await using ports = await claimPortRange(layout.home);
  tendLog(layout.log);
  const journal = openJournal(layout.journal, { now });
  const kept = journal.settings.get<PlatformSettings>('platform') ?? defaultSettings;
  // A home of an earlier release lacks what was added since.
  journal.settings.set('platform', { ...defaultSettings, ...kept, ...env.settings });

  const tools = await ensureTools({ parts: layout.parts, uid: env.uid, path: env.path, log: tellingProgress(log, report) });
  if (tools.installed.length > 0)
    report.progress(`${tools.installed.join(', ')}: ${Math.round(tools.bytes / MB)} MB, ${Math.round(tools.ms / 1_000)} s`);
  const users = await openUsers(layout.home, env.uid);
  const fault = createFault(env.fault);
  const driver = await openRuntime(env, { layout, log, fault });
  const edge = await openEdge({
    directory: layout.edge,
    binaries: { haproxy: tools.haproxy, nginx: tools.nginx, env: tools.env },
    user: users.edge,
    log: (event, fields) => log.info(event, { ...fields }),
    now: Date.now,
  });

  const ended = Promise.withResolvers<{ everything: boolean }>();
  const platform = openPlatform({
    protect: (tell) => createProtectionParts({ layout, uid: env.uid, path: env.path, log }, tell),
    journal,
    layout,
    driver,
    edge,
    sealer: createSealer(`${layout.secrets}/key.txt`),
    users,
    log,
    now,
    fault,
    version,
    startedAt,
    portRange: ports.range,
    nodeDirectory: provideNode(layout.node, process.execPath, process.version),
    systemPath: env.path,
    network: env.network,
    build: { memoryBytes: Math.max(1_000 * MB, totalmem() / 2), withinMs: HOUR_MS, diskFloorBytes: 500 * MB },
    examine: createExaminer(layout, log),
    exit: (what) => ended.resolve(what),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ended.resolve({ everything: false }));

  // A fault in one place must not take the watch over everything else with it.
  process.on('unhandledRejection', (cause) =>
    log.error('daemon.unhandled', { ...asBerthError(cause).toJSON(), stack: (cause as Error)?.stack }),
  );

  const api = createApi(platform, { version, log });
  await platform.begin();
  await listenOnSocket(api.server, layout.socket);
  recordDaemon(layout, startedAt);
  const serving = new AbortController();
  const units = driver.id === 'systemd' ? keepAppUnits(platform, { layout, log, signal: serving.signal }) : Promise.resolve();
  await notifier.ready(`version ${version}, ${driver.id} runtime`);
  log.info('daemon.ready', { version, home: layout.home, ms: now().getTime() - startedAt.getTime() });

  const { everything } = await ended.promise;
  log.info('daemon.stopping', { everything });
  await notifier.stopping();
  serving.abort();
  await units.catch(() => undefined); // its waiting for events was aborted
  // The socket goes last: whoever waits for the end of it then finds everything ended.
  await platform.end();
  if (everything) await platform.stopEverything();
  await driver.close();
  await edge.close();
  rmSync(layout.daemonRecord, { force: true });
  await api.close();
  journal.close();
  log.info('daemon.stopped');
  return everything && env.notify !== null ? STOPPED_EXIT_CODE : 0;
};

/** A line that cannot be written is lost: a full disk must not end the daemon for its log's sake. */
const writeLine = (line: string): void => {
  try {
    writeSync(process.stdout.fd, line);
  } catch {
    // Nowhere is left to say so.
  }
};

/** Installing system packages takes its time: whoever waits is told what is being done. */
const tellingProgress = (log: Logger, report: StartReport): Logger => ({
  ...log,
  info(event, fields) {
    log.info(event, fields);
    if (event === 'tools.missing') report.progress(`installing ${String(fields?.missing)}`);
    if (event === 'tools.download') report.progress(`downloading ${String(fields?.packages)}`);
  },
});

const recordDaemon = (layout: HomeLayout, startedAt: Date): void => {
  writeFileSync(layout.daemonRecord, `${JSON.stringify({ pid: process.pid, version, startedAt })}\n`, { mode: 0o600 });
};

/**
 * Whoever started us made it, not always for us alone. It is open as our standard output, in append mode: it is copied
 * and cut, not moved.
 */
const tendLog = (file: string): void => {
  if (!existsSync(file)) return;
  chmodSync(file, 0o600);
  if (statSync(file).size < LOG_MAX_BYTES) return;
  copyFileSync(file, `${file}.1`);
  chmodSync(`${file}.1`, 0o600);
  truncateSync(file, 0);
};
