/** The process that replicates: forked by `startReplication`, told what to do over IPC, never opened by anything else. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { asBerthError } from '@berth/core';
import { readTextIfExists, writeDurably } from './durable-file.ts';
import { parseFaults } from './fault-windows.ts';
import { createLockWatch } from './foreign-locks.ts';
import { openTarget } from './open-target.ts';
import { answerQuestion } from './questions.ts';
import { planInvalid, sqliteUnsafe, stateInUse } from './replication/errors.ts';
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
let stopped: Promise<readonly SafePoint[]> | undefined;
let whenParentDies: 'stop' | 'continue' = 'stop';

const start = async (plan: ReplicationPlan): Promise<void> => {
  if (!isSqliteSafe(process.versions.sqlite ?? '0')) throw sqliteUnsafe(process.versions.sqlite ?? '0', SAFE_SQLITE_VERSIONS);
  const settings = settingsOf(plan);
  whenParentDies = settings.whenParentDies;
  mkdirSync(plan.stateDirectory, { recursive: true, mode: 0o700 });
  await lockState(plan.stateDirectory);
  const owner = ownerOf(plan.stateDirectory);
  targets = await Promise.all(
    plan.targets.map(async (description) => ({ name: description.name, target: await openTarget(description) })),
  );
  const locks = createLockWatch();
  replicators = plan.databases.map((database) =>
    startReplicator({
      database,
      targets,
      stateDirectory: plan.stateDirectory,
      owner,
      settings,
      fault,
      locks,
      now: Date.now,
      notice: (notice) => tell({ type: 'notice', notice }),
      // Nothing is closed: the end of the process drops all locks at once.
      onReplaced: () => process.exit(EXIT_FRESH_PROCESS),
    }),
  );
};

const answer = (question: Question): Promise<unknown> =>
  question.kind === 'stop' ? stop(question.timeoutMs) : answerQuestion({ replicators, targets }, question);

const stop = (timeoutMs: number): Promise<readonly SafePoint[]> => {
  stopped ??= (async () => {
    const signal = AbortSignal.timeout(timeoutMs);
    await Promise.all(replicators.map((replicator) => replicator.stop(signal)));
    return [];
  })();
  return stopped;
};

/** Released by the kernel with the end of this process, however it ends. */
let stateLock: DatabaseSync | undefined;

const lockState = async (directory: string): Promise<void> => {
  stateLock = new DatabaseSync(join(directory, 'lock.db'));
  const until = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      stateLock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return;
    } catch (cause) {
      if (performance.now() > until) throw Object.assign(stateInUse(directory), { cause });
      await pause(50);
    }
  }
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

const LOCK_PATIENCE_MS = 5000;
const LAST_SHIPPING_MS = 5000;

const receive = async (message: ToReplicator): Promise<void> => {
  if (message.type === 'plan') {
    try {
      await start(message.plan);
      tell({ type: 'ready' });
    } catch (thrown) {
      tell({ type: 'refusal', number: undefined, error: plainError(thrown) });
      process.disconnect();
    }
    return;
  }
  try {
    if (replicators.length === 0) throw planInvalid('nothing is replicated yet');
    tell({ type: 'answer', number: message.number, value: await answer(message.question) });
    if (message.question.kind === 'stop') process.disconnect();
  } catch (thrown) {
    tell({ type: 'refusal', number: message.number, error: plainError(thrown) });
  }
};

const end = (): void => {
  void stop(LAST_SHIPPING_MS).finally(() => process.exit(0));
};

process.on('message', (message: ToReplicator) => void receive(message));
process.on('disconnect', () => {
  if (stopped !== undefined || replicators.length === 0 || whenParentDies === 'stop') end();
});
process.on('SIGTERM', end);
process.on('SIGINT', () => undefined);
