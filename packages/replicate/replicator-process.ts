/** The process that replicates: forked by `startReplication`, told what to do over IPC, never opened by anything else. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asBerthError } from '@berth/core';
import { makeDirectoryDurably, readTextIfExists, writeDurably } from './durable-file.ts';
import { parseFaults } from './fault-windows.ts';
import { createLockWatch } from './foreign-locks.ts';
import { forkReplicator } from './fork-replicator.ts';
import { HeldDatabase } from './held-database.ts';
import { recordReplicator } from './left-replicator.ts';
import { openTarget } from './open-target.ts';
import { answerQuestion } from './questions.ts';
import { planInvalid, sqliteUnsafe } from './replication/errors.ts';
import {
  EXIT_FRESH_PROCESS,
  type FromReplicator,
  type Question,
  type ReplicationPlan,
  type SafePoint,
  type ToReplicator,
} from './replication-messages.ts';
import { settingsOf } from './replication-settings.ts';
import { type Replicator, startReplicator } from './replicator.ts';
import { diskSpaceOf } from './space.ts';
import { lockState } from './state-lock.ts';
import { isSqliteSafe, SAFE_SQLITE_VERSIONS } from './sqlite-version.ts';
import type { Target } from './target.ts';

const tell = (message: FromReplicator): void => {
  if (process.connected === true) process.send?.(message, () => undefined);
};

const plainError = (thrown: unknown) => {
  const { code, message, hint } = asBerthError(thrown);
  return { code, message, hint };
};

/** The one environment variable of this program: fault windows, for tests. */
// oxlint-disable-next-line node/no-process-env -- this file is a program's entry, and nothing else in the package reads it
const fault = parseFaults(process.env.REPLICATE_FAULTS);

let replicators: readonly Replicator[] = [];
let targets: readonly { readonly name: string; readonly target: Target }[] = [];
let plan: ReplicationPlan | undefined;
let stopped: Promise<readonly SafePoint[]> | undefined;
let isRefused = false;
let hasSuccessor = false;
let terminations = 0;
const hurry = new AbortController();

const start = async (given: ReplicationPlan): Promise<void> => {
  if (!isSqliteSafe(process.versions.sqlite ?? '0')) throw sqliteUnsafe(process.versions.sqlite ?? '0', SAFE_SQLITE_VERSIONS);
  const { stateDirectory, databases } = given;
  const settings = settingsOf(given);
  makeDirectoryDurably(stateDirectory);
  const bridges: HeldDatabase[] = [];
  await lockState(stateDirectory, () => bridges.push(...databases.flatMap(({ path }) => holdMeanwhile(path))));
  recordReplicator(stateDirectory, { left: !process.connected });
  const owner = ownerOf(stateDirectory);
  targets = await Promise.all(
    given.targets.map(async (description) => ({ name: description.name, target: await openTarget(description) })),
  );
  const locks = createLockWatch();
  replicators = databases.map((database) =>
    startReplicator({
      database,
      targets,
      stateDirectory,
      owner,
      settings,
      fault,
      locks,
      spaceOf: diskSpaceOf,
      now: Date.now,
      notice: (notice) => tell({ type: 'notice', notice }),
      onReplaced: () => beginAnew(given),
    }),
  );
  void releaseBridges(bridges);
};

/** While one replicator makes way for the next, a reader keeps the log from being restarted: so the next one resumes exactly. */
const holdMeanwhile = (path: string): HeldDatabase[] => {
  try {
    return [new HeldDatabase(path)];
  } catch {
    // Nothing that can be followed at present, which the replicator will find, too, and tell.
    return [];
  }
};

const releaseBridges = async (bridges: readonly HeldDatabase[]): Promise<void> => {
  const until = performance.now() + BRIDGED_MS;
  while (performance.now() < until && replicators.some((each) => each.status().state === 'starting')) await pause(10);
  for (const bridge of bridges) bridge.close();
};

/** Nothing is closed: the end of the process drops all locks at once. With no parent that starts it again, it does so itself. */
const beginAnew = (given: ReplicationPlan): void => {
  // Who ends anyway leaves it to the next one.
  if (stopped !== undefined || hasSuccessor) return;
  if (process.connected === true) process.exit(EXIT_FRESH_PROCESS);
  hasSuccessor = true;
  // The next one waits for the lock, which this process holds until it is gone.
  // oxlint-disable-next-line node/no-process-env -- it runs as this one does
  const next = forkReplicator(given, process.env);
  // Not before: what it was sent and has not read would be lost with this end of the line.
  for (const event of ['message', 'exit'] as const) next.once(event, () => process.exit(EXIT_FRESH_PROCESS));
  if (next.pid !== undefined) recordReplicator(given.stateDirectory, { left: true, pid: next.pid });
};

const answer = (question: Question): Promise<unknown> =>
  question.kind === 'stop' ? stop(question.timeoutMs) : answerQuestion({ replicators, targets }, question);

const stop = (timeoutMs: number): Promise<readonly SafePoint[]> => {
  stopped ??= (async () => {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), hurry.signal]);
    await Promise.all(replicators.map((replicator) => replicator.stop(signal)));
    return [];
  })();
  return stopped;
};

/** Who we are at the targets: the state directory, wherever it goes. */
const ownerOf = (directory: string): string => {
  const path = join(directory, 'owner');
  const known = readTextIfExists(path);
  if (known !== undefined) return known;
  const owner = randomUUID();
  writeDurably(path, owner);
  return owner;
};

const LAST_SHIPPING_MS = 5000;
const BRIDGED_MS = 10_000;

const receive = async (message: ToReplicator): Promise<void> => {
  if (message.type === 'plan') {
    plan = message.plan;
    tell({ type: 'received' });
    try {
      await start(message.plan);
      tell({ type: 'ready' });
    } catch (thrown) {
      tell({ type: 'refusal', number: undefined, error: plainError(thrown) });
      isRefused = true;
      disconnect();
    }
    return;
  }
  try {
    if (replicators.length === 0) throw planInvalid('nothing is replicated yet');
    tell({ type: 'answer', number: message.number, value: await answer(message.question) });
    if (message.question.kind === 'stop') disconnect();
  } catch (thrown) {
    tell({ type: 'refusal', number: message.number, error: plainError(thrown) });
  }
};

/** What was said before is still sent. */
const disconnect = (): void => {
  if (process.connected === true) process.disconnect();
  else end();
};

const end = (): void => {
  void stop(LAST_SHIPPING_MS).finally(() => process.exit(0));
};

process.on('message', (message: ToReplicator) => void receive(message));
process.on('disconnect', () => {
  const isWanted = plan?.options?.whenParentDies === 'continue' && stopped === undefined && !isRefused;
  if (!isWanted) end();
  else if (replicators.length > 0) recordReplicator(plan?.stateDirectory ?? '', { left: true });
});
process.on('SIGTERM', () => {
  terminations += 1;
  // Asked twice: what is not shipped yet can wait where it is.
  if (terminations > 1) hurry.abort();
  end();
});
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
// A parent that is gone reads no warnings; its end of the pipe being closed is nothing to end for.
process.stderr.on('error', () => undefined);
