import type { Service } from '@berth/core';
import type { Edge } from '@berth/edge';
import { descendants, listeningPorts } from '@berth/host';
import type { InstanceRow, Journal } from '@berth/journal';
import type { RuntimeDriver } from '@berth/runtime';
import { createRedactor } from '@berth/secrets';
import type { Bus } from './bus.ts';
import { diagnose } from './diagnosis.ts';
import type { EdgeSync } from './edge-sync.ts';
import { instanceNotHealthy } from './errors.ts';
import { checkHealth } from './health.ts';
import type { Launcher } from './launch.ts';
import { readLastLines } from './logs/last-lines.ts';
import { runBeside } from './run-beside.ts';
import { newWatch, recordDeath, type Watch } from './watch.ts';

export type CareDeps = {
  readonly journal: Journal;
  readonly driver: RuntimeDriver;
  readonly edge: Edge;
  readonly bus: Bus;
  readonly now: () => Date;
  readonly launcher: Launcher;
  readonly sync: EdgeSync;
  readonly logFile: (row: Pick<InstanceRow, 'app' | 'id'>) => string;
  /** In the middle of something long a waiter may have got what it waits for. */
  readonly onChange: () => void;
};

/** What can be done to one instance. Each of it may be killed anywhere and done again; the supervisor decides when. */
export interface Care {
  serviceOf(row: InstanceRow): Service;
  start(row: InstanceRow, watch: Watch): Promise<void>;
  check(row: InstanceRow, watch: Watch): Promise<void>;
  /** It exited without having been told to. */
  noteDeath(row: InstanceRow, watch: Watch): void;
  /** Out of the edge, stopped, forgotten. */
  leave(row: InstanceRow, watch: Watch): Promise<void>;
  /** Out of the edge and stopped, but kept. */
  park(row: InstanceRow, watch: Watch): Promise<void>;
  restartHung(row: InstanceRow, watch: Watch): Promise<void>;
  /** INSTANCE_NOT_HEALTHY, with the likely reason and its last lines, secrets hidden. */
  explain(row: InstanceRow, watch: Watch): Promise<Error>;
}

/** Between the first checks of a new instance: a deploy waits for them. */
const START_CHECK_MS = 50;
const RECHECK_MS = 1_000;
const HUNG_STOP_MS = 5_000;

export function createCare(deps: CareDeps): Care {
  const { journal, driver, edge, bus, launcher, sync } = deps;
  const nowMs = () => deps.now().getTime();
  const serviceOf = (row: InstanceRow): Service => {
    const { manifest } = journal.releases.get(row.app, row.release);
    const service = manifest.services.find((it) => it.name === row.service);
    if (!service) throw new Error(`release ${row.release} of ${row.app} has no service ${row.service}`);
    return service;
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
      isTrusted: false,
      health: 'unknown',
      failedChecks: 0,
      failingSinceMs: null,
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

  /** Where only the leader died (a shell, npm), its children may still be answering: they finish first. */
  const endLeftovers = async (row: InstanceRow) => {
    const { signal: stopSignal, withinMs } = serviceOf(row).stop;
    await driver.stop(row.id, { stopSignal, withinMs: Math.min(withinMs, HUNG_STOP_MS) });
  };

  const start = async (row: InstanceRow, watch: Watch) => {
    if (watch.status?.state === 'exited') await endLeftovers(row);
    const spec = await launcher.instance(row);
    await driver.start(spec, AbortSignal.timeout(30_000));
    Object.assign(watch, {
      isDeathRecorded: false,
      isTrusted: false,
      health: 'unknown',
      failedChecks: 0,
      failingSinceMs: null,
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

  const check = async (row: InstanceRow, watch: Watch) => {
    const service = serviceOf(row);
    const runningForMs = nowMs() - (watch.runningSinceMs ?? nowMs());
    const runner = async () => runBeside(driver, await launcher.instance(row));
    const reason = await checkHealth(service.health, { port: row.port, runningForMs, runner });
    const was = watch.health;
    watch.reason = reason;
    if (reason === null) {
      Object.assign(watch, {
        health: 'healthy',
        isTrusted: true,
        failedChecks: 0,
        failingSinceMs: null,
        healthySinceMs: watch.healthySinceMs ?? nowMs(),
      });
      if (was !== 'healthy')
        bus.publish({ name: 'instance.healthy', app: row.app, fields: { instance: row.id, service: row.service } });
    } else {
      watch.failedChecks += 1;
      // One that has been healthy gets its number of tries; a new one simply is not healthy yet.
      const isLost = was === 'healthy' && watch.failedChecks >= service.health.fails;
      if (isLost)
        bus.publish({ name: 'instance.unhealthy', app: row.app, fields: { instance: row.id, service: row.service, reason } });
      if (isLost || was === 'unknown') {
        watch.health = 'failing';
        watch.failingSinceMs = nowMs();
      }
    }
    const { everyMs } = service.health;
    const isStarting = watch.healthySinceMs === null;
    watch.nextCheckAtMs =
      nowMs() + (reason === null ? everyMs : isStarting ? Math.min(START_CHECK_MS, everyMs) : Math.min(RECHECK_MS, everyMs));
  };

  /** Out of the edge, its requests finished, stopped. Safe to be done again from the start. */
  const takeOut = async (row: InstanceRow, watch: Watch) => {
    const service = serviceOf(row);
    const { withinMs, signal: stopSignal } = service.stop;
    // What the edge has never heard of can go although the edge is out of order.
    if (service.networked && !row.stopping && sync.knows(row.id)) {
      await sync.now();
      const server = { app: row.app, service: row.service, id: row.id };
      const isDrained = await edge.drained(server, { withinMs, signal: AbortSignal.timeout(withinMs + 60_000) });
      if (!isDrained) bus.publish({ name: 'instance.drain.late', app: row.app, fields: { instance: row.id, withinMs } });
    }
    watch.isDrained = true;
    journal.instances.update(row.id, { stopping: true });
    deps.onChange();
    await driver.stop(row.id, { stopSignal, withinMs });
    watch.status = await driver.status(row.id);
    bus.publish({ name: 'instance.stopped', app: row.app, fields: { instance: row.id, service: row.service } });
  };

  const leave = async (row: InstanceRow, watch: Watch) => {
    await takeOut(row, watch);
    journal.instances.remove(row.id);
    // Its port may be given away only when the edge has forgotten it.
    if (sync.knows(row.id)) await sync.now();
    await driver.forget(row.id);
    await launcher.clean(row.app, row.id);
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
    await driver.stop(row.id, { stopSignal, withinMs: Math.min(withinMs, HUNG_STOP_MS) });
  };

  const explain = async (row: InstanceRow, watch: Watch) => {
    const redact = createRedactor(await launcher.secretValues(journal.releases.get(row.app, row.release)));
    const lastLines = readLastLines(deps.logFile(row), 15).map(redact);
    const reason = diagnose({ ...symptomsOf(row, watch), lastLines });
    return instanceNotHealthy({ app: row.app, service: row.service, instance: row.id, reason, lastLines });
  };

  return { serviceOf, start, check, noteDeath, leave, park, restartHung, explain };
}
