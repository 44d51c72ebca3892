import { asBerthError } from '@berth/core';
import type { Logger } from '@berth/host';
import type { InstanceRow } from '@berth/journal';
import { type CareDeps, createCare } from './care.ts';
import type { EdgeWatch } from './edge-watch.ts';
import { decide, newWatch, type Watch } from './watch.ts';

export type SupervisorDeps = Omit<CareDeps, 'onChange'> & {
  readonly log: Logger;
  readonly edgeWatch: Pick<EdgeWatch, 'look'>;
  /** Kept here, and read by whoever tells the edge. */
  readonly watches: Map<string, Watch>;
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
const EDGE_CHECK_MS = 1_000;
const RETRY_MS = 1_000;

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { journal, driver, edge, edgeWatch, bus, log, sync, watches } = deps;
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
  const changed = () => {
    for (const wake of waiters) wake();
  };

  const care = createCare({ ...deps, onChange: changed });

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
        if (what === 'start') care.noteDeath(row, watch);
      })
      .finally(() => {
        watch.isBusy = false;
        jobs.delete(job);
        changed();
        schedule(0);
      });
    jobs.add(job);
  };

  const areNeedsMet = (row: InstanceRow, rows: readonly InstanceRow[]) =>
    care.serviceOf(row).needs.every((needed) => {
      const candidates = rows.filter((other) => other.app === row.app && other.service === needed);
      const ofSameRelease = candidates.filter((other) => other.release === row.release);
      return (ofSameRelease.length > 0 ? ofSameRelease : candidates).some((other) => watches.get(other.id)?.health === 'healthy');
    });

  const look = async (row: InstanceRow, watch: Watch) => {
    watch.status = await driver.status(row.id);
    if (watch.status.state === 'running' && watch.runningSinceMs === null) {
      // Found running: adopted from a former life of the daemon, and healthy until it says otherwise.
      Object.assign(watch, { runningSinceMs: nowMs(), isDeathRecorded: false, isTrusted: true });
    }
  };

  const tickOne = async (row: InstanceRow, rows: readonly InstanceRow[]) => {
    const watch = watchOf(row.id);
    if (watch.isBusy) return;
    await look(row, watch);
    const { health } = care.serviceOf(row);
    const decision = decide(row, watch, { nowMs: nowMs(), health, areNeedsMet: areNeedsMet(row, rows) });
    switch (decision) {
      case 'start':
        return begin(row, watch, 'start', () => care.start(row, watch));
      case 'check':
        return begin(row, watch, 'check', () => care.check(row, watch));
      case 'leave':
        return begin(row, watch, 'stop', async () => {
          await care.leave(row, watch);
          watches.delete(row.id);
        });
      case 'park':
        return begin(row, watch, 'stop', () => care.park(row, watch));
      case 'restart-hung':
        return begin(row, watch, 'stop', () => care.restartHung(row, watch));
      case 'record-death':
        care.noteDeath(row, watch);
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
      if (!(await edgeWatch.look())) {
        bus.publish({ name: 'edge.died' });
        await edge.start(AbortSignal.timeout(30_000));
        sync.forget();
        await edgeWatch.look();
        bus.publish({ name: 'edge.restarted' });
      }
    }
    if (sync.isDue()) await sync.now();
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

  /** null while it may still become healthy. */
  const verdict = (id: string, sinceMs: number): 'healthy' | 'lost' | null => {
    const row = journal.instances.find(id);
    const watch = watches.get(id);
    if (!row || !watch) return null;
    if (watch.health === 'healthy') return 'healthy';
    const isLate = nowMs() - (watch.runningSinceMs ?? sinceMs) > care.serviceOf(row).health.startMs;
    return watch.hasFailed || watch.isLooping || isLate ? 'lost' : null;
  };

  const healthy = async (ids: readonly string[], signal: AbortSignal) => {
    const sinceMs = nowMs();
    const lost = () => ids.find((id) => verdict(id, sinceMs) === 'lost');
    await until(() => lost() !== undefined || ids.every((id) => verdict(id, sinceMs) === 'healthy'), signal);
    const id = lost() ?? '';
    const [row, watch] = [journal.instances.find(id), watches.get(id)];
    if (row && watch) throw await care.explain(row, watch);
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
    healthy,
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
