import { asBerthError, type Service } from '@berth/core';
import type { Edge } from '@berth/edge';
import { descendants, listeningPorts, type Logger } from '@berth/host';
import type { InstanceRow, Journal } from '@berth/journal';
import type { RuntimeDriver } from '@berth/runtime';
import type { Bus } from './bus.ts';
import { diagnose } from './diagnosis.ts';
import type { EdgeSync } from './edge-sync.ts';
import { instanceNotHealthy } from './errors.ts';
import { checkHealth } from './health.ts';
import type { Launcher } from './launch.ts';
import { readLastLines } from './logs/last-lines.ts';
import { decide, newWatch, recordDeath, type Watch } from './watch.ts';

export type SupervisorDeps = {
  readonly journal: Journal;
  readonly driver: RuntimeDriver;
  readonly edge: Edge;
  readonly bus: Bus;
  readonly log: Logger;
  readonly now: () => Date;
  readonly launcher: Launcher;
  /** Given by the caller, since it needs to know what this one sees. */
  readonly sync: () => EdgeSync;
  readonly logFile: (row: Pick<InstanceRow, 'app' | 'id'>) => string;
};

/**
 * Makes the instances be what the journal says they should be, whoever changed it and whatever died: starts, checks,
 * restarts, takes out, stops. It decides from rows and processes alone, so it can be killed and started at any moment.
 */
export interface Supervisor {
  /** Finds what runs already. Before it, nothing else may be done. */
  adopt(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
  /** Something changed: look now. */
  poke(): void;
  watch(id: string): Watch | undefined;
  /** Resolves when all are healthy; throws INSTANCE_NOT_HEALTHY as soon as one cannot be. */
  healthy(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Resolves when none of them serves a request any more. */
  drained(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Resolves when none of them runs. */
  stopped(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Resolves when they are gone from the journal too. */
  gone(ids: readonly string[], signal: AbortSignal): Promise<void>;
}

const TICK_MS = 500;
/** While something is on its way up or down: the whole cost of a deploy hangs on it. */
const BUSY_TICK_MS = 40;
const START_CHECK_MS = 100;
const EDGE_CHECK_MS = 1_000;
const RETRY_MS = 1_000;

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { journal, driver, edge, bus, log, launcher } = deps;
  const watches = new Map<string, Watch>();
  const jobs = new Set<Promise<void>>();
  const waiters = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let ticking: Promise<void> | undefined;
  let nextEdgeCheckMs = 0;
  let lastFailure: string | null = null;
  const nowMs = () => deps.now().getTime();

  const watchOf = (id: string) => {
    const known = watches.get(id) ?? newWatch();
    watches.set(id, known);
    return known;
  };
  const serviceOf = (row: InstanceRow): Service => {
    const { manifest } = journal.releases.get(row.app, row.release);
    const service = manifest.services.find((it) => it.name === row.service);
    if (!service) throw new Error(`release ${row.release} of ${row.app} has no service ${row.service}`);
    return service;
  };
  const changed = () => {
    for (const wake of waiters) wake();
  };

  /** Does one thing to one instance, apart from the loop; nothing else is done to it meanwhile. */
  const begin = (row: InstanceRow, watch: Watch, what: string, work: () => Promise<void>) => {
    watch.isBusy = true;
    const job: Promise<void> = work()
      .catch((cause: unknown) => {
        const { code, message } = asBerthError(cause);
        watch.reason = message;
        log.error(`instance.${what}.failed`, { instance: row.id, code, message });
        bus.publish({ name: `instance.${what}.failed`, app: row.app, fields: { instance: row.id, code, message } });
        // What cannot be done now may be later; not at once.
        watch.notBeforeMs = nowMs() + RETRY_MS;
        if (what === 'start') noteDeath(row, watch);
      })
      .finally(() => {
        watch.isBusy = false;
        jobs.delete(job);
        changed();
        schedule(0);
      });
    jobs.add(job);
  };

  const noteDeath = (row: InstanceRow, watch: Watch) => {
    const current = journal.instances.find(row.id);
    if (!current) return;
    const healthyForMs = watch.healthySinceMs === null ? 0 : nowMs() - watch.healthySinceMs;
    const status = watch.status;
    const exit =
      status?.state === 'exited' ? { exitCode: status.exitCode, signal: status.signal, outOfMemory: status.outOfMemory } : {};
    Object.assign(watch, {
      isDeathRecorded: true,
      health: 'unknown',
      failedChecks: 0,
      runningSinceMs: null,
      healthySinceMs: null,
    });
    if (row.want === 'standby') {
      watch.hasFailed = true;
      return;
    }
    const { deaths, isLooping } = recordDeath(current, { atMs: nowMs(), healthyForMs });
    journal.instances.update(row.id, { deaths, restarts: current.restarts + 1 });
    watch.isLooping = isLooping;
    watch.reason = diagnose({ ...symptomsOf(row, watch), lastLines: readLastLines(deps.logFile(row), 20) });
    bus.publish({
      name: 'instance.died',
      app: row.app,
      fields: { instance: row.id, service: row.service, reason: watch.reason, ...exit },
    });
    if (isLooping) bus.publish({ name: 'instance.looping', app: row.app, fields: { instance: row.id, reason: watch.reason } });
  };

  const symptomsOf = (row: InstanceRow, watch: Watch) => {
    const service = serviceOf(row);
    const pid = watch.status?.state === 'running' ? watch.status.pid : null;
    const pids = pid === null ? [] : [pid, ...descendants(pid).map((process) => process.pid)];
    return {
      status: watch.status,
      answer: watch.reason,
      port: service.networked ? row.port : null,
      listening: [...new Set(listeningPorts(pids).map((listener) => listener.port))],
      startMs: service.health.startMs,
      memoryBytes: service.limits.memoryBytes,
    };
  };

  const startInstance = async (row: InstanceRow, watch: Watch) => {
    const spec = await launcher.instance(row);
    await driver.start(spec, AbortSignal.timeout(30_000));
    Object.assign(watch, {
      isDeathRecorded: false,
      health: 'unknown',
      failedChecks: 0,
      runningSinceMs: nowMs(),
      nextCheckAtMs: nowMs(),
    });
    watch.status = await driver.status(row.id);
    bus.publish({
      name: 'instance.started',
      app: row.app,
      fields: { instance: row.id, service: row.service, release: row.release },
    });
  };

  const checkInstance = async (row: InstanceRow, watch: Watch) => {
    const service = serviceOf(row);
    const isCommand = service.health.check.kind === 'command';
    const { cwd, env, user } = isCommand ? await launcher.instance(row) : { cwd: '/', env: {}, user: null };
    const runningForMs = nowMs() - (watch.runningSinceMs ?? nowMs());
    const reason = await checkHealth(service.health, { port: row.port, cwd, env, user, runningForMs });
    const was = watch.health;
    watch.reason = reason;
    if (reason === null) {
      Object.assign(watch, { health: 'healthy', failedChecks: 0, healthySinceMs: watch.healthySinceMs ?? nowMs() });
      if (was !== 'healthy')
        bus.publish({ name: 'instance.healthy', app: row.app, fields: { instance: row.id, service: row.service } });
    } else {
      watch.failedChecks += 1;
      // One that has been healthy gets its number of tries; a new one simply is not healthy yet.
      const isLost = was === 'healthy' && watch.failedChecks >= service.health.fails;
      if (isLost)
        bus.publish({ name: 'instance.unhealthy', app: row.app, fields: { instance: row.id, service: row.service, reason } });
      if (isLost || was === 'unknown') watch.health = 'failing';
    }
    watch.nextCheckAtMs = nowMs() + (watch.health === 'healthy' ? service.health.everyMs : START_CHECK_MS);
    if (was === 'healthy' && reason !== null) watch.nextCheckAtMs = nowMs() + Math.min(1_000, service.health.everyMs);
  };

  /** Out of the edge, its requests finished, stopped. Safe to be done again from the start. */
  const takeOut = async (row: InstanceRow, watch: Watch) => {
    const service = serviceOf(row);
    const { withinMs, signal: stopSignal } = service.stop;
    // What the edge has never heard of can go although the edge is out of order.
    if (service.networked && !row.stopping && deps.sync().knows(row.id)) {
      await deps.sync().now();
      const server = { app: row.app, service: row.service, id: row.id };
      const isDrained = await edge.drained(server, { withinMs, signal: AbortSignal.timeout(withinMs + 60_000) });
      if (!isDrained) bus.publish({ name: 'instance.drain.late', app: row.app, fields: { instance: row.id, withinMs } });
    }
    watch.isDrained = true;
    journal.instances.update(row.id, { stopping: true });
    changed();
    await driver.stop(row.id, { stopSignal, withinMs });
    watch.status = await driver.status(row.id);
    bus.publish({ name: 'instance.stopped', app: row.app, fields: { instance: row.id, service: row.service } });
  };

  const leave = async (row: InstanceRow, watch: Watch) => {
    await takeOut(row, watch);
    journal.instances.remove(row.id);
    // Its port may be given away only when the edge has forgotten it.
    if (deps.sync().knows(row.id)) await deps.sync().now();
    await driver.forget(row.id);
    await launcher.clean(row.app, row.id);
    watches.delete(row.id);
  };

  const park = async (row: InstanceRow, watch: Watch) => {
    await takeOut(row, watch);
    // It was meant to end: one that serves again must not find its exit and take it for a death.
    await driver.forget(row.id);
    Object.assign(watch, newWatch(), { isBusy: true, status: { state: 'absent' }, isDrained: true });
    journal.instances.update(row.id, { stopping: false });
  };

  const restartHung = async (row: InstanceRow, watch: Watch) => {
    bus.publish({
      name: 'instance.hung',
      app: row.app,
      fields: { instance: row.id, service: row.service, reason: watch.reason },
    });
    const { signal: stopSignal, withinMs } = serviceOf(row).stop;
    await driver.stop(row.id, { stopSignal, withinMs: Math.min(withinMs, 5_000) });
  };

  const areNeedsMet = (row: InstanceRow, rows: readonly InstanceRow[]) =>
    serviceOf(row).needs.every((needed) => {
      const candidates = rows.filter((other) => other.app === row.app && other.service === needed);
      const ofSameRelease = candidates.filter((other) => other.release === row.release);
      return (ofSameRelease.length > 0 ? ofSameRelease : candidates).some((other) => watches.get(other.id)?.health === 'healthy');
    });

  const look = async (row: InstanceRow, watch: Watch) => {
    watch.status = await driver.status(row.id);
    if (watch.status.state === 'running' && watch.runningSinceMs === null) {
      // Found running: adopted from a former life of the daemon, and healthy until it says otherwise.
      Object.assign(watch, { runningSinceMs: nowMs(), isDeathRecorded: false });
    }
  };

  const tickOne = async (row: InstanceRow, rows: readonly InstanceRow[]) => {
    const watch = watchOf(row.id);
    if (watch.isBusy) return;
    await look(row, watch);
    const { fails } = serviceOf(row).health;
    const decision = decide(row, watch, { nowMs: nowMs(), fails, areNeedsMet: areNeedsMet(row, rows) });
    switch (decision) {
      case 'start':
        return begin(row, watch, 'start', () => startInstance(row, watch));
      case 'check':
        return begin(row, watch, 'check', () => checkInstance(row, watch));
      case 'leave':
        return begin(row, watch, 'stop', () => leave(row, watch));
      case 'park':
        return begin(row, watch, 'stop', () => park(row, watch));
      case 'restart-hung':
        return begin(row, watch, 'stop', () => restartHung(row, watch));
      case 'record-death':
        noteDeath(row, watch);
        return changed();
      case 'nothing':
        return;
    }
  };

  const tick = async () => {
    const rows = journal.instances.list();
    for (const row of rows) await tickOne(row, rows);
    if (nowMs() >= nextEdgeCheckMs) {
      nextEdgeCheckMs = nowMs() + EDGE_CHECK_MS;
      if (!(await edge.alive())) {
        bus.publish({ name: 'edge.died' });
        await edge.start(AbortSignal.timeout(30_000));
        deps.sync().forget();
        bus.publish({ name: 'edge.restarted' });
      }
    }
    if (deps.sync().isDue()) await deps.sync().now();
  };

  /** Something waits for the next look. What is being done to an instance looks by itself when it is done. */
  const isBusy = () =>
    journal.instances.list().some((row) => {
      const watch = watches.get(row.id);
      if (!watch || row.want === 'parked') return watch?.status?.state === 'running';
      return !watch.isBusy && !watch.isLooping && !watch.hasFailed && (row.want !== 'serving' || watch.health !== 'healthy');
    });

  const schedule = (delayMs: number) => {
    if (isStopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A tick under way ends by scheduling the next: what changed meanwhile is seen then.
      if (ticking) return;
      let isFailing = false;
      ticking = tick()
        .then(() => {
          lastFailure = null;
        })
        .catch((cause: unknown) => {
          const { code, message } = asBerthError(cause);
          if (message !== lastFailure) bus.publish({ name: 'reconcile.failed', fields: { code, message } });
          lastFailure = message;
          isFailing = true;
        })
        .finally(() => {
          ticking = undefined;
          changed();
          schedule(isFailing ? RETRY_MS : isBusy() ? BUSY_TICK_MS : TICK_MS);
        });
    }, delayMs);
  };

  /** Looks again whenever something changed until `isMet`. */
  const until = async (isMet: () => boolean, signal: AbortSignal) => {
    while (!isMet()) {
      signal.throwIfAborted();
      schedule(0);
      let wake = () => {};
      await new Promise<void>((resolve) => {
        wake = resolve;
        waiters.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
      waiters.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  };

  const checkStandby = (id: string, sinceMs: number): boolean => {
    const row = journal.instances.find(id);
    const watch = watches.get(id);
    if (!row || !watch) return false;
    if (watch.health === 'healthy') return true;
    const { startMs } = serviceOf(row).health;
    const isLate = nowMs() - (watch.runningSinceMs ?? sinceMs) > startMs;
    if (!watch.hasFailed && !watch.isLooping && !isLate) return false;
    const lastLines = readLastLines(deps.logFile(row), 15);
    const reason = diagnose({ ...symptomsOf(row, watch), lastLines });
    throw instanceNotHealthy({ app: row.app, service: row.service, instance: id, reason, lastLines });
  };

  return {
    async adopt() {
      for (const row of journal.instances.list()) await look(row, watchOf(row.id));
    },
    start: () => schedule(0),
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await ticking;
      await Promise.race([Promise.allSettled(jobs), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    },
    poke: () => schedule(0),
    watch: (id) => watches.get(id),
    healthy(ids, signal) {
      const sinceMs = nowMs();
      return until(() => ids.map((id) => checkStandby(id, sinceMs)).every(Boolean), signal);
    },
    drained: (ids, signal) =>
      until(() => ids.every((id) => !journal.instances.find(id) || watches.get(id)?.isDrained === true), signal),
    stopped(ids, signal) {
      const isStoppedOne = (id: string) => {
        const row = journal.instances.find(id);
        const watch = watches.get(id);
        return !row || (watch !== undefined && !watch.isBusy && watch.status !== null && watch.status.state !== 'running');
      };
      return until(() => ids.every(isStoppedOne), signal);
    },
    gone: (ids, signal) => until(() => ids.every((id) => !journal.instances.find(id)), signal),
  };
}
