import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError } from '@berth/core';
import { descendants, exec, type SystemUser } from '@berth/host';
import { openAccessLog, rotateFile } from './access-log.ts';
import { createLocalAuthority } from './certificates/local-authority.ts';
import { createCertificateStore, type LiveCertificate, renderCertificateList } from './certificates/store.ts';
import { openCounters } from './counters.ts';
import { createEdgeFiles } from './edge-files.ts';
import { notRunning } from './errors.ts';
import { createFilesProcess } from './files/process.ts';
import { applyToRunning } from './haproxy/apply-to-running.ts';
import { renderConfiguration, type Surroundings } from './haproxy/configuration.ts';
import { bindsOf, structureOf } from './haproxy/configuration-text.ts';
import { challengeEntry, mapNames, renderMap, renderMaps } from './haproxy/maps.ts';
import { requestsBackend, webSocketsBackend } from './haproxy/names.ts';
import { parseProcesses, parseServersState, parseStat } from './haproxy/observed.ts';
import { createHaproxyProcess } from './haproxy/process.ts';
import { planHealth } from './haproxy/reconcile.ts';
import { createWorkers } from './haproxy/workers.ts';
import { defaultLimits, type EdgeLimits } from './limits.ts';
import { checkPortFree, hasIpv6 } from './port-check.ts';
import { withoutReload } from './postpone.ts';
import type { ApplyResult, Edge, EdgeState } from './state.ts';

export type EdgeOptions = {
  /** A directory of the edge's own, made if it is missing. */
  readonly directory: string;
  readonly binaries: { readonly haproxy: string; readonly nginx: string; readonly env?: Readonly<Record<string, string>> };
  /** As root: who HAProxy and nginx run as. null: as we do. */
  readonly user: SystemUser | null;
  readonly log: (event: string, fields: object) => void;
  readonly now: () => number;
  readonly limits?: Partial<EdgeLimits>;
};

/** What the running HAProxy has loaded and cannot be asked for; written when it has. */
type Loaded = { readonly structure: string; readonly certificates: Readonly<Record<string, string>> };

const LOADED = 'loaded.json';
/** What HAProxy and nginx say about themselves: each kept twice at most. */
const MESSAGES_BYTES = 4 * 1024 * 1024;
const DRAIN_LOOK_MS = 50;
/** Rotation of the log, and how many seconds of counters are lost when HAProxy is killed. */
const TIDY_MS = 10_000;
/** Renewal is due weeks before an end: to look once an hour is plenty. */
const CERTIFICATES_LOOK_MS = 3_600_000;
const IDLE: EdgeState = {
  listeners: { addresses: [], httpPort: 0, httpsPort: null, trustedProxies: [], redactQuery: [] },
  services: [],
  hosts: [],
};

/** Nothing is started yet; what runs in `directory` from before is found by `start`. */
export const openEdge = async (options: EdgeOptions): Promise<Edge> => {
  const { log, now, user } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const files = createEdgeFiles(options);
  await files.prepare();
  const openFiles = await openFilesFor(limits.maxConnections);
  const process = { files, env: { PATH: SYSTEM_PATH, ...options.binaries.env }, user, openFiles };
  const haproxy = createHaproxyProcess({ ...process, binary: options.binaries.haproxy });
  const nginx = createFilesProcess({ ...process, binary: options.binaries.nginx });
  const counters = await openCounters(files);
  const workers = createWorkers({ master: haproxy.master, adminSocket: haproxy.adminSocket, counters, log, now });
  const accessLog = openAccessLog(files.path('access.log'), { maxBytes: limits.accessLogBytes });
  const authority = createLocalAuthority({ files, now });
  const store = createCertificateStore({ files, authority, now });
  const around: Surroundings = {
    limits,
    maxConnections: Math.min(limits.maxConnections, Math.floor((openFiles - FILES_BESIDE_CONNECTIONS) / 2)),
    threads: Math.min(8, availableParallelism()),
    ipv6: await hasIpv6(),
  };
  const lua = readFileSync(new URL('./haproxy/edge.lua', import.meta.url), 'utf8');

  let lastState: EdgeState | null = null;
  let live: { hosts: string; certificates: readonly LiveCertificate[]; untilMs: number } | null = null;
  /** What authorities ask, by the key of the map; nothing of it outlives us. */
  const challenges = new Map<string, string>();
  /** When a server was last told to take no more requests, by backend/id. */
  const maintSinceMs = new Map<string, number>();
  let tidying: NodeJS.Timeout | null = null;

  /** One at a time: a reload in the middle of a switch would bring a server back that must not have requests. */
  let queue: Promise<unknown> = Promise.resolve();
  const locked = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined); // its caller hears of it
    return result;
  };

  const certificatesFor = async ({ listeners, hosts }: EdgeState): Promise<readonly LiveCertificate[]> => {
    if (listeners.httpsPort === null) return [];
    const names = hosts.map(({ host }) => host);
    const key = names.join(' ');
    if (live === null || live.hosts !== key || now() >= live.untilMs) {
      live = { hosts: key, certificates: await store.ensureLive(names), untilMs: now() + CERTIFICATES_LOOK_MS };
    }
    return live.certificates;
  };

  const filesFor = (state: EdgeState, certificates: readonly LiveCertificate[]): Readonly<Record<string, string>> => {
    const maps = renderMaps(state, challenges);
    return {
      'haproxy.cfg': renderConfiguration(state, around),
      'edge.lua': lua,
      'certificates.list': renderCertificateList(certificates),
      ...Object.fromEntries(mapNames.map((name) => [name, renderMap(maps[name])])),
    };
  };

  const install = async (directory: 'live' | 'next', texts: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(texts)) {
      if ((await files.read(`${directory}/${name}`)) !== text) await files.write(`${directory}/${name}`, text, 'edge');
    }
  };

  const copyAll = async (from: string, to: string): Promise<void> => {
    for (const name of await files.list(from)) await files.copy(`${from}/${name}`, `${to}/${name}`);
  };

  const structureHash = (texts: Readonly<Record<string, string>>): string =>
    createHash('sha256')
      .update(structureOf(texts['haproxy.cfg'] ?? ''))
      .update(texts['edge.lua'] ?? '')
      .digest('hex');

  const readLoaded = async (): Promise<Loaded | null> => {
    const text = await files.read(LOADED);
    return text === null ? null : JSON.parse(text);
  };

  const writeLoaded = (structure: string, certificates: readonly LiveCertificate[]): Promise<void> =>
    files.write(
      LOADED,
      JSON.stringify({ structure, certificates: Object.fromEntries(certificates.map(({ file, hash }) => [file, hash])) }),
      'own',
    );

  const checkNewPorts = async (configuration: string, runs: boolean): Promise<void> => {
    const known = runs ? new Set(bindsOf((await files.read('live/haproxy.cfg')) ?? '').map(addressKey)) : new Set<string>();
    for (const address of bindsOf(configuration)) {
      // What is left of an edge that was killed gives its ports back within a moment.
      if (!known.has(addressKey(address))) await checkPortFree(address, { withinMs: runs ? 0 : 2_000 });
    }
  };

  /** With the admin socket alone. Throws when that does not lead to what was asked for. */
  const change = async (state: EdgeState, certificates: readonly LiveCertificate[], loaded: Loaded): Promise<void> => {
    await applyToRunning({
      api: haproxy.admin,
      state,
      maps: renderMaps(state, challenges),
      certificates,
      loaded: loaded.certificates,
    });
  };

  const reload = async (
    state: EdgeState,
    { texts, runs, signal }: { texts: Readonly<Record<string, string>>; runs: boolean; signal: AbortSignal },
  ): Promise<void> => {
    await checkNewPorts(texts['haproxy.cfg'] ?? '', runs);
    await install('next', texts);
    await haproxy.check();
    signal.throwIfAborted();
    if (!runs) {
      await install('live', texts);
      await haproxy.start(signal);
      await haproxy.admin.tellAll(planHealth(state, []).map(({ line }) => line));
      return;
    }
    const tooMany = await workers.bound(limits.oldWorkers);
    if (tooMany > 0) log('edge.workers.many', { tooMany });
    await copyAll('live', 'previous');
    const before = parseServersState(await haproxy.admin.ask('show servers state'));
    // In a worker that is on its way out no server counts as usable any more (nbsrv is 0): whom it held would wait to the limit.
    await haproxy.admin.ask('clear map hold.map');
    await workers.retiring();
    await install('live', texts);
    try {
      await haproxy.reload();
      await haproxy.admin.tellAll(planHealth(state, before).map(({ line }) => line));
    } catch (error) {
      await copyAll('previous', 'live');
      // The master waits without a worker of its own: with the old files it gets one.
      await haproxy.reload().catch((again) => log('edge.return.failed', { error: String(again) }));
      throw error;
    }
  };

  const rememberMaint = (state: EdgeState): void => {
    const inMaint = new Set<string>();
    for (const service of state.services) {
      for (const server of service.servers) {
        const path = `${requestsBackend(service)}/${server.id}`;
        if (server.state === 'maint') inMaint.add(path);
        if (server.state === 'maint' && !maintSinceMs.has(path)) maintSinceMs.set(path, now());
      }
    }
    for (const path of maintSinceMs.keys()) if (!inMaint.has(path)) maintSinceMs.delete(path);
  };

  const applyLocked = async (state: EdgeState, signal: AbortSignal, mayReload = true): Promise<ApplyResult> => {
    signal.throwIfAborted();
    const certificates = await certificatesFor(state);
    const texts = filesFor(state, certificates);
    const structure = structureHash(texts);
    const runs = await haproxy.answers();
    if (!runs) await haproxy.stop({ withinMs: 0 }); // one that is alive and does not answer, or just dies
    const loaded = runs ? await readLoaded() : null;
    if (loaded !== null && loaded.structure === structure) {
      await install('live', texts);
      try {
        await change(state, certificates, loaded);
        if (certificates.some(({ file, hash }) => loaded.certificates[file] !== hash)) await writeLoaded(structure, certificates);
        lastState = state;
        rememberMaint(state);
        return { reloaded: false, postponed: false };
      } catch (error) {
        if (!mayReload) throw error;
        // The files say what is wanted, and a new worker begins with the files.
        log('edge.change.failed', { error: String(error) });
      }
    }
    if (!mayReload && loaded !== null && lastState !== null) {
      const possible = withoutReload(state, lastState);
      if (structureHash(filesFor(possible, certificates)) === loaded.structure) {
        await applyLocked(possible, signal, false);
        return { reloaded: false, postponed: true };
      }
    }
    await reload(state, { texts, runs, signal });
    await writeLoaded(structure, certificates);
    lastState = state;
    rememberMaint(state);
    log('edge.reloaded', { services: state.services.length, hosts: state.hosts.length });
    return { reloaded: true, postponed: false };
  };

  /** From the files: what HAProxy had, or was about to have, when it ended. */
  const startHaproxy = async (signal: AbortSignal): Promise<void> => {
    await haproxy.stop({ withinMs: 0 }); // one that is alive and does not answer
    const configuration = await files.read('live/haproxy.cfg');
    if (configuration === null) await install('live', filesFor(IDLE, []));
    else await checkNewPorts(configuration, false);
    await haproxy.start(signal);
    const texts = {
      'haproxy.cfg': (await files.read('live/haproxy.cfg')) ?? '',
      'edge.lua': (await files.read('live/edge.lua')) ?? '',
    };
    await writeLoaded(structureHash(texts), await store.installed());
    log('edge.started', { pid: haproxy.find()?.pid });
  };

  const tidy = async (): Promise<void> => {
    await accessLog.rotate();
    for (const name of ['haproxy.log', 'nginx.log']) await rotateFile(files.path(name), MESSAGES_BYTES);
    if (await haproxy.answers()) await workers.sample();
    await counters.save();
  };

  const scurOf = async (backend: string, id: string): Promise<number> =>
    parseStat(await haproxy.admin.ask(`show stat ${backend} 4 -1`))
      .filter((row) => row.pxname === backend && row.svname === id)
      .reduce((sum, row) => sum + Number(row.scur), 0);

  const isDrained = async (backend: string, id: string): Promise<boolean> => {
    const since = maintSinceMs.get(`${backend}/${id}`) ?? Number.POSITIVE_INFINITY;
    return (await scurOf(backend, id)) === 0 && !(await workers.couldServe(since));
  };

  /** Again what is wanted already: for what has changed beside the state. */
  const applyAgain = async ({ mayReload = true }: { mayReload?: boolean } = {}): Promise<void> => {
    if (lastState !== null) await applyLocked(lastState, new AbortController().signal, mayReload);
  };

  const changeCertificates = <T>(change: () => Promise<T>): Promise<T> =>
    locked(async () => {
      const changed = await change();
      live = null;
      await applyAgain();
      return changed;
    });

  const close = async (): Promise<void> => {
    if (tidying !== null) clearInterval(tidying);
    tidying = null;
    workers.close();
    await counters.save();
  };

  return {
    start: (signal) =>
      locked(async () => {
        await haproxy.checkVersion();
        await authority.ensure();
        await nginx.start(signal);
        if (!(await haproxy.answers())) await startHaproxy(signal);
        if (tidying === null) {
          tidying = setInterval(() => {
            locked(tidy).catch((error) => log('edge.tidy.failed', { error: String(error) }));
          }, TIDY_MS);
          tidying.unref();
        }
      }),
    apply: (state, signal, options) => locked(() => applyLocked(state, signal, options?.mayReload)),
    async settled({ withinMs, signal }) {
      const giveUpAt = performance.now() + withinMs;
      // In turn with reloads: one that is under way is waited for.
      while (await locked(async () => (await haproxy.answers()) && workers.couldServe(Number.POSITIVE_INFINITY))) {
        if (performance.now() >= giveUpAt) return false;
        await sleep(DRAIN_LOOK_MS, undefined, { signal });
      }
      return true;
    },
    async drained({ app, service, id }, { withinMs, signal }) {
      const backend = requestsBackend({ app, service });
      const giveUpAt = performance.now() + withinMs;
      for (;;) {
        if (haproxy.find() === null) return true;
        if (await isDrained(backend, id).catch(unlessReloading)) return true;
        if (performance.now() >= giveUpAt) return false;
        await sleep(DRAIN_LOOK_MS, undefined, { signal });
      }
    },
    webSockets: ({ app, service, id }) =>
      locked(async () => {
        const backend = webSocketsBackend({ app, service });
        const pids = parseProcesses(await haproxy.master.ask('show proc')).map(({ pid }) => pid);
        let open = 0;
        for (const pid of pids) {
          const rows = parseStat(await haproxy.master.ask(`@!${pid} show stat -1 4 -1`));
          for (const row of rows) if (row.pxname === backend && row.svname === id) open += Number(row.scur);
        }
        return open;
      }),
    counters: () =>
      locked(async () => {
        if (await haproxy.answers()) await workers.sample();
        return counters.totals();
      }),
    samples: () => accessLog.samples(),
    async alive() {
      // In the moment of a reload nobody answers.
      if (!(await haproxy.answers())) await queue;
      return (await haproxy.answers()) && (await nginx.answers());
    },
    async processes() {
      return [
        { name: 'haproxy' as const, found: haproxy.find() },
        { name: 'nginx' as const, found: nginx.find() },
      ].flatMap(({ name, found }) =>
        found === null ? [] : [{ name, pid: found.pid }, ...descendants(found.pid).map(({ pid }) => ({ name, pid }))],
      );
    },
    stop: (signal) =>
      locked(async () => {
        if (await haproxy.answers()) await workers.sample();
        await close();
        await haproxy.stop({ withinMs: signal.aborted ? 0 : limits.stopMs });
        await nginx.stop();
        log('edge.stopped', {});
      }),
    close: () => locked(close),
    certificates: {
      rootPath: authority.rootPath,
      list: () => store.list(),
      set: (host, certificate) => changeCertificates(() => store.set(host, certificate)),
      setIssued: (names, certificate) => changeCertificates(() => store.setIssued(names, certificate)),
      issuedChain: (name) => store.issuedChain(name),
      removeIssued: (name) => changeCertificates(() => store.removeIssued(name)),
      remove: (host) => changeCertificates(() => store.remove(host)),
    },
    challenges: {
      answer: (challenge) =>
        locked(async () => {
          const [key, answer] = challengeEntry(challenge);
          if (lastState === null) throw notRunning('haproxy');
          challenges.set(key, answer);
          await applyAgain({ mayReload: false });
        }),
      withdraw: (challenge) =>
        locked(async () => {
          const [key] = challengeEntry({ ...challenge, answer: '-' });
          if (challenges.delete(key)) await applyAgain({ mayReload: false });
        }),
    },
  };
};

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Listeners, health checks, idle connections to instances, and what the process itself needs. */
const FILES_BESIDE_CONNECTIONS = 2_000;

/** The master does not answer in the moment in which it starts itself again. */
const unlessReloading = (error: unknown): false => {
  if (error instanceof BerthError && error.code === 'EDGE_NOT_RUNNING') return false;
  throw error;
};

const addressKey = ({ address, port }: { address: string; port: number }): string => `${address} ${port}`;

/** As many as the connections need, or as many as we are allowed: two per connection. */
const openFilesFor = async (connections: number): Promise<number> => {
  const wanted = 2 * connections + FILES_BESIDE_CONNECTIONS;
  const hard = readFileSync('/proc/self/limits', 'utf8').match(/^Max open files\s+\S+\s+(\S+)/m)?.[1] ?? '1024';
  const allowed = hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
  if (allowed >= wanted) return wanted;
  const raised = await exec(['prlimit', `--nofile=${wanted}:${wanted}`, 'true']).catch(() => null); // no prlimit: no more than now
  return raised?.exitCode === 0 ? wanted : allowed;
};
