import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BerthError } from '@berth/core';
import { giveWay, removeUnfinishedRestores } from '@berth/replicate';
import { vaultTaskEnded } from './errors.ts';
import type { RetryLimits } from './retry.ts';
import type { FromVaultProcess, ToVaultProcess, VaultProgress, VaultTask, VaultTaskResults } from './vault-task.ts';

export type VaultTaskOptions = {
  /** Ends the task and its process; what it had begun to write is removed. */
  readonly signal?: AbortSignal;
  /** Some times a second at most; for restores only. */
  readonly onProgress?: (progress: VaultProgress) => void;
  /** Gives way to all other programs: for what nobody waits for. Upkeep does in any case. */
  readonly polite?: boolean;
  /** How long requests to the target are repeated; what is not said is as for every target. */
  readonly retry?: Partial<RetryLimits>;
  /** Where compiled code is kept, absolute: the process starts in a third of the time. */
  readonly compileCache?: string;
};

/**
 * Does a task in a process of its own, which ends with it, and with this one. Rejects with the task's own error, with the
 * signal's reason, or with VAULT_TASK_ENDED if the process is killed.
 */
export const runVaultTask = async <Task extends VaultTask>(
  task: Task,
  options: VaultTaskOptions = {},
): Promise<VaultTaskResults[Task['kind']]> => {
  const { signal, onProgress = () => undefined, polite = false, retry, compileCache } = options;
  signal?.throwIfAborted();
  const child = fork(PROGRAM, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A session of its own: where those share the cores evenly, its work is not taken from our part.
    detached: true,
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    // It needs nothing of ours, and credentials of the environment are not its business.
    env: compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache },
  });
  if (polite || task.kind === 'upkeep') giveWay(child.pid, NICENESS);
  let outcome: Exclude<FromVaultProcess, { type: 'progress' }> | undefined;
  child.on('message', (message: FromVaultProcess) => {
    if (message.type === 'progress') onProgress(message.progress);
    else outcome = message;
  });
  const ended = untilEnded(child);
  const abort = (): void => {
    tell(child, { type: 'abort' });
    setTimeout(() => child.kill('SIGKILL'), ABORT_MS).unref();
  };
  signal?.addEventListener('abort', abort, { once: true });
  tell(child, { type: 'task', task, ...(retry && { retry }) });
  const how = await ended;
  signal?.removeEventListener('abort', abort);
  // Both ends of the pipe are this package. What was done before an abort arrived was done.
  if (outcome?.type === 'result') return outcome.result as VaultTaskResults[Task['kind']];
  // Where there is no such directory nothing was begun.
  if (task.kind === 'restore') await removeUnfinishedRestores(task.into).catch(() => undefined);
  signal?.throwIfAborted();
  if (outcome === undefined) throw vaultTaskEnded(task.kind, how);
  const { code, message, hint, fields } = outcome.error;
  throw new BerthError(code, message, { hint, fields });
};

const PROGRAM = fileURLToPath(new URL('./vault-process.ts', import.meta.url));
/** Lists of hundreds of thousands of objects; pages of databases are never held. */
const HEAP_MB = 512;
const NICENESS = 10;
/** To remove what it has begun; hashing a large copy notices nothing for longer. */
const ABORT_MS = 2000;

const tell = (child: ChildProcess, message: ToVaultProcess): void => {
  // One that is gone cannot be told; its end says so.
  if (child.connected) child.send(message, () => undefined);
};

/** How it ended. */
const untilEnded = (child: ChildProcess): Promise<string> => {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.on('error', (error) => {
    // Could not even be started: there will be no exit.
    if (child.pid === undefined) resolve(error.message);
  });
  // Not `exit`: a last message may still be in the pipe.
  child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
  return promise;
};
