import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { isAbsolute } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BerthError } from '@berth/core';
import { makeDirectoryDurably } from './durable-file.ts';
import { forkReplicator } from './fork-replicator.ts';
import { isDatabaseId } from './object-name.ts';
import { planInvalid, replicatorEnded } from './replication/errors.ts';
import {
  type Answers,
  EXIT_FRESH_PROCESS,
  type FromReplicator,
  type Question,
  type ReplicationPlan,
  type SafePoint,
  type ToReplicator,
} from './replication-messages.ts';
import type { Notice, ReplicationStatus } from './replication-status.ts';

/** Databases that are being replicated by a process of their own, which is started again when it ends. */
export interface Replication extends AsyncDisposable {
  /** Of the replicator; undefined between two. */
  readonly pid: number | undefined;
  status(): Promise<ReplicationStatus>;
  /**
   * The state that each database has now, at once: everything committed until now is captured, and waits in local files for the
   * targets. Each can be restored exactly where it arrives, for as long as retention keeps each transaction, or for ever if it
   * is among the pins. Databases that do not exist are left out; one that cannot be followed rejects with DATABASE_UNFOLLOWED,
   * one that is just being read for the first time is waited for, 10 s unless told.
   */
  point(ids?: readonly string[], options?: Patience): Promise<readonly SafePoint[]>;
  /** Resolves when everything that `point` would answer is safe at every target; rejects with REPLICATION_LATE. */
  flush(options?: Patience & Some): Promise<readonly SafePoint[]>;
  /** As `flush`, and the state of every database gets this name at every target. */
  mark(name: string, options?: Patience & Some): Promise<readonly SafePoint[]>;
  /** A new snapshot of every database for every target is begun, and everything captured until now is safe. */
  snapshot(options?: Patience & Some): Promise<readonly SafePoint[]>;
  /** Ships what it can within the time and ends the process. The logs stay, so that the next start resumes exactly. */
  stop(options?: Patience): Promise<void>;
  /**
   * Lets the process go: with `whenParentDies: 'continue'` it goes on, as it does when this process dies, until the next
   * `startReplication` on its state directory or `endReplicator` ends it. With `stop` it ends. Nothing can be asked afterwards.
   */
  leave(): void;
}

export type Patience = { readonly timeoutMs?: number };

/** The ids of databases; all unless told. */
export type Some = { readonly ids?: readonly string[] };

export type ReplicationObserver = {
  readonly onNotice?: (notice: Notice) => void;
  /** The whole environment of the process; empty unless given, as it needs none of its own. */
  readonly env?: NodeJS.ProcessEnv;
};

/**
 * Resolves once a process runs that has accepted the plan; databases that cannot be followed yet are retried by it. One that was
 * left behind with the same state directory is ended first, and this one goes on exactly where it was.
 */
export const startReplication = async (plan: ReplicationPlan, observer: ReplicationObserver = {}): Promise<Replication> => {
  checkPlan(plan);
  makeDirectoryDurably(plan.stateDirectory);
  const tellNotice = observer.onNotice ?? (() => undefined);
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  const events = new EventEmitter<{ ready: []; refused: [BerthError] }>();
  let child: ChildProcess | undefined;
  let numbers = 0;
  let stopping = false;
  let restarts = 0;
  let restart: NodeJS.Timeout | undefined;
  let isReady = false;

  const receive = (message: FromReplicator): void => {
    switch (message.type) {
      case 'received':
        break;
      case 'ready':
        isReady = true;
        restarts = 0;
        events.emit('ready');
        break;
      case 'notice':
        tellNotice(message.notice);
        break;
      case 'answer':
        pending.get(message.number)?.resolve(message.value);
        pending.delete(message.number);
        break;
      case 'refusal': {
        const { code, message: text, hint } = message.error;
        const error = new BerthError(code, text, { hint });
        if (message.number === undefined) events.emit('refused', error);
        else pending.get(message.number)?.reject(error);
        if (message.number !== undefined) pending.delete(message.number);
        break;
      }
    }
  };

  const launch = (): void => {
    const started = forkReplicator(plan, observer.env);
    child = started;
    isReady = false;
    started.on('message', receive);
    started.once('exit', (code, signal) => {
      if (child === started) child = undefined;
      const how = signal ?? `code ${code}`;
      for (const question of pending.values()) question.reject(replicatorEnded(how));
      pending.clear();
      if (stopping) return;
      const isFresh = code === EXIT_FRESH_PROCESS;
      if (!isFresh) tellNotice({ level: 'warning', name: 'replicator.ended', id: '', fields: { how } });
      restart = setTimeout(launch, isFresh ? 0 : Math.min(RESTART_LIMIT_MS, RESTART_MS * 2 ** restarts));
      restarts += 1;
    });
  };

  const ask = async <Kind extends Question['kind']>(question: Question & { kind: Kind }): Promise<Answers[Kind]> => {
    const asked = child;
    if (asked === undefined || !isReady) throw replicatorEnded('it is being started again');
    numbers += 1;
    const number = numbers;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    pending.set(number, { resolve, reject });
    asked.send({ type: 'question', number, question } satisfies ToReplicator, (error) => {
      if (error !== null) pending.get(number)?.reject(replicatorEnded(error.message));
    });
    return (await promise) as Answers[Kind];
  };

  const stop = async ({ timeoutMs = STOP_MS }: Patience = {}): Promise<void> => {
    stopping = true;
    clearTimeout(restart);
    const running = child;
    if (running === undefined) return;
    const ended = once(running, 'exit');
    if (isReady) await ask({ kind: 'stop', timeoutMs }).catch(() => undefined);
    if (running.connected) running.disconnect();
    const killer = setTimeout(() => running.kill('SIGKILL'), timeoutMs + KILL_AFTER_MS);
    await ended;
    clearTimeout(killer);
  };

  const leave = (): void => {
    stopping = true;
    clearTimeout(restart);
    if (child?.connected === true) child.disconnect();
    child?.unref();
    child = undefined;
    for (const question of pending.values()) question.reject(replicatorEnded('it was let go'));
    pending.clear();
  };

  /** The process may be starting again just now, because a database was replaced. */
  const point = async (ids: readonly string[] | undefined, timeoutMs: number): Promise<readonly SafePoint[]> => {
    const until = performance.now() + timeoutMs;
    for (;;) {
      try {
        return await ask({ kind: 'point', timeoutMs: Math.max(0, until - performance.now()), ...(ids && { ids }) });
      } catch (error) {
        const isEnded = error instanceof BerthError && error.code === 'REPLICATOR_ENDED';
        if (!isEnded || stopping || performance.now() > until) throw error;
      }
      await pause(POINT_AGAIN_MS);
    }
  };

  const accepted = Promise.withResolvers<void>();
  events.once('ready', () => accepted.resolve());
  events.once('refused', accepted.reject);
  launch();
  try {
    await accepted.promise;
  } catch (error) {
    await stop({ timeoutMs: 0 });
    throw error;
  }
  return {
    get pid() {
      return child?.pid;
    },
    status: () => ask({ kind: 'status' }),
    point: (ids, { timeoutMs = POINT_MS } = {}) => point(ids, timeoutMs),
    flush: (options) => ask({ kind: 'flush', timeoutMs: FLUSH_MS, ...options }),
    mark: (name, options) => ask({ kind: 'mark', name, timeoutMs: FLUSH_MS, ...options }),
    snapshot: (options) => ask({ kind: 'snapshot', timeoutMs: SNAPSHOT_MS, ...options }),
    stop,
    leave,
    [Symbol.asyncDispose]: () => stop(),
  };
};

const checkPlan = ({ databases, targets, stateDirectory }: ReplicationPlan): void => {
  if (databases.length === 0) throw planInvalid('no database is named');
  if (targets.length === 0) throw planInvalid('no target is named');
  if (!isAbsolute(stateDirectory)) throw planInvalid(`the state directory ${stateDirectory} is not an absolute path`);
  for (const { id, path } of databases) {
    if (!isDatabaseId(id)) throw planInvalid(`"${id}" cannot be a database’s id`);
    if (!isAbsolute(path)) throw planInvalid(`${path} is not an absolute path`);
  }
  if (new Set(databases.map(({ id }) => id)).size < databases.length) throw planInvalid('an id is given twice');
  if (new Set(databases.map(({ path }) => path)).size < databases.length) throw planInvalid('a database is given twice');
  if (new Set(targets.map(({ name }) => name)).size < targets.length) throw planInvalid('a target is given twice');
};

const RESTART_MS = 100;
const RESTART_LIMIT_MS = 10_000;
const POINT_MS = 10_000;
const POINT_AGAIN_MS = 20;
const FLUSH_MS = 30_000;
const SNAPSHOT_MS = 600_000;
const STOP_MS = 10_000;
const KILL_AFTER_MS = 5000;
