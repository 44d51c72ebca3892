import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReplicationPlan, ToReplicator } from './replication-messages.ts';

/** A process that does what the plan says. The plan travels over IPC only: it may hold keys. */
export const forkReplicator = (plan: ReplicationPlan, env: NodeJS.ProcessEnv = {}): ChildProcess => {
  const started = fork(PROGRAM, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // One that goes on without its parent is in a session of its own: what ends the parent's terminal does not end it.
    detached: plan.options?.whenParentDies === 'continue',
    execArgv: [`--max-old-space-size=${HEAP_MB}`, `--max-semi-space-size=${YOUNG_HEAP_MB}`],
    // Types stripped once need not be stripped again: a third of the memory, and of the time to start.
    env: { NODE_COMPILE_CACHE: join(plan.stateDirectory, 'compile-cache'), ...env },
  });
  // Told of by its exit as well.
  started.on('error', () => undefined);
  started.send({ type: 'plan', plan } satisfies ToReplicator);
  return started;
};

const PROGRAM = fileURLToPath(new URL('./replicator-process.ts', import.meta.url));
const HEAP_MB = 256;
/** Most of what is allocated are buffers outside of the heap: a larger nursery only puts their release off. */
const YOUNG_HEAP_MB = 2;
