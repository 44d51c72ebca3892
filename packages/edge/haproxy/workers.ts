import type { Socket } from 'node:net';
import { isSame, readProcess } from '@berth/host';
import type { Counters } from '../counters.ts';
import { serviceOfBackend } from './names.ts';
import { parseHolds, parseInfo, parseProcesses, parseSessions, parseStat, type Worker } from './observed.ts';
import { holdWorker, type RuntimeApi } from './runtime-api.ts';

/**
 * The workers of the configurations that have run: the one that serves, and older ones that finish what they have. Nobody
 * can steer an older one any more, so all that is left is to count what it does and to know when it cannot hurt.
 */
export type Workers = {
  /** Reads the counters of all of them. */
  sample(): Promise<void>;
  /** To be called right before a reload: from then on the worker that serves is kept until its last figures are read. */
  retiring(): Promise<void>;
  /** True when an older worker may still send a request to a server that was taken out at `sinceMs`. */
  couldServe(sinceMs: number): Promise<boolean>;
  /** Ends the oldest ones beyond `most`, as far as only WebSockets are left in them. Returns how many are still too many. */
  bound(most: number): Promise<number>;
  /** Lets the workers go. */
  close(): void;
};

/** A worker with nothing left to do is gone soon; those that stay for their WebSockets are looked at now and then. */
const LOOK_MS = 200;
const LOOK_OFTEN_FOR_MS = 30_000;
const LOOK_LATER_MS = 5_000;

export const createWorkers = (deps: {
  master: RuntimeApi;
  adminSocket: string;
  counters: Counters;
  log: (event: string, fields: object) => void;
  now: () => number;
}): Workers => {
  const { master, counters, log } = deps;
  /** Sessions that keep old workers alive, by pid. */
  const held = new Map<number, Socket>();
  const retiredAtMs = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  /** Readings one after the other: an older one that comes in late must not replace a newer one. */
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(read: () => Promise<T>): Promise<T> => {
    const result = queue.then(read);
    queue = result.catch(() => undefined); // its caller hears of it
    return result;
  };

  const list = async (): Promise<readonly Worker[]> => parseProcesses(await master.ask('show proc'));

  const sampleWorker = async ({ pid }: Worker): Promise<void> => {
    const identity = identityOf(pid);
    if (identity === null) return;
    // Type 2: backends only.
    const stats = parseStat(await master.ask(`@!${pid} show stat -1 2 -1`));
    const holds = parseHolds(await master.ask(`@!${pid} show berth-hold`));
    // A worker that ended in between answers nothing; what was read of it before is closer to the truth.
    if (stats.length > 0) counters.record({ worker: identity, stats, holds });
  };

  const sample = async (): Promise<void> => {
    const workers = await list();
    for (const worker of workers) await sampleWorker(worker);
    counters.retire(isGone);
  };

  /** Client connections of a worker, and how many of them are nothing but WebSockets. */
  const connectionsOf = async (pid: number): Promise<{ all: number; webSockets: number }> => {
    const all = await connectionCount(pid);
    if (all === 0) return { all, webSockets: 0 };
    const sessions = parseSessions(await master.ask(`@!${pid} show sess`));
    const sources = (webSockets: boolean) =>
      new Set(
        sessions
          .filter(({ backend }) => (serviceOfBackend(backend)?.webSockets ?? false) === webSockets)
          .map(({ source }) => source),
      );
    const others = sources(false);
    return { all, webSockets: [...sources(true)].filter((source) => !others.has(source)).length };
  };

  const connectionCount = async (pid: number): Promise<number> =>
    Number(parseInfo(await master.ask(`@!${pid} show info`)).CurrConns ?? 0);

  /** An old worker without connections gives its last figures and may go. */
  const look = async (): Promise<void> => {
    const workers = await list();
    for (const worker of workers.filter(({ old }) => old)) {
      if (!held.has(worker.pid) || (await connectionCount(worker.pid)) > 0) continue;
      await sampleWorker(worker);
      letGo(worker.pid);
    }
    // Held, but no more there: it was ended from outside. The one that serves stays held until its reload has come.
    for (const pid of held.keys()) if (!workers.some((worker) => worker.pid === pid)) letGo(pid);
    if (held.size > 0) return;
    await sample();
    await counters.save();
    stopWatching();
  };

  const letGo = (pid: number): void => {
    held.get(pid)?.destroy();
    held.delete(pid);
  };

  const stopWatching = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };

  const watch = (): void => {
    stopWatching();
    const oftenUntil = performance.now() + LOOK_OFTEN_FOR_MS;
    const lookAgain = (): void => {
      const next = setTimeout(
        () => {
          inTurn(look)
            .catch((error) => {
              // In the moment of a reload the master does not answer; a moment later it does.
              if ((error as { code?: string }).code !== 'EDGE_NOT_RUNNING')
                log('edge.workers.unreadable', { error: String(error) });
            })
            .finally(() => {
              if (timer === next) lookAgain();
            });
        },
        performance.now() < oftenUntil ? LOOK_MS : LOOK_LATER_MS,
      );
      next.unref();
      timer = next;
    };
    lookAgain();
  };

  return {
    sample: () => inTurn(sample),
    retiring: () =>
      inTurn(async () => {
        const current = (await list()).find((worker) => !worker.old);
        const identity = current === undefined ? null : identityOf(current.pid);
        if (current !== undefined && identity !== null) {
          letGo(current.pid); // a reload that failed has left it
          held.set(current.pid, await holdWorker(deps.adminSocket));
          retiredAtMs.set(identity, deps.now());
        }
        await sample();
        await counters.save();
        watch();
      }),
    async couldServe(sinceMs) {
      for (const worker of (await list()).filter(({ old }) => old)) {
        const retired = retiredAtMs.get(identityOf(worker.pid) ?? '');
        // It was told while it could still be told.
        if (retired !== undefined && retired > sinceMs) continue;
        const { all, webSockets } = await connectionsOf(worker.pid);
        if (all > webSockets) return true;
      }
      return false;
    },
    async bound(most) {
      // The list begins with the newest.
      const old = (await list()).filter((worker) => worker.old);
      let excess = old.length - most;
      for (const worker of old.reverse()) {
        if (excess <= 0) break;
        const { all, webSockets } = await connectionsOf(worker.pid);
        if (all > webSockets) continue;
        await sampleWorker(worker);
        log('edge.worker.ended', { pid: worker.pid, webSockets });
        process.kill(worker.pid, 'SIGTERM');
        excess--;
      }
      return Math.max(0, excess);
    },
    close() {
      stopWatching();
      for (const pid of held.keys()) letGo(pid);
    },
  };
};

const identityOf = (pid: number): string | null => {
  const found = readProcess(pid);
  return found === null ? null : `${pid}-${found.startTime}`;
};

const isGone = (identity: string): boolean => {
  const [pid, startTime] = identity.split('-').map(Number);
  return !isSame(pid ?? 0, startTime ?? 0);
};
