import { asBerthError, type BerthError } from '@berth/core';
import type { Logger } from '@berth/host';
import type { Journal, OperationRow } from '@berth/journal';
import type { Finding, OperationKind, Receipt, RequestCounts } from '@berth/protocol';
import type { Bus } from './bus.ts';
import { cannotCancel, operationCancelled } from './errors.ts';
import { visibleSteps } from './operation-view.ts';

/** What a step is given. Everything that a later step or a later life of the daemon needs goes into `memory`. */
export interface StepContext {
  readonly id: number;
  readonly app: string;
  readonly by: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly memory: Readonly<Record<string, unknown>>;
  /** Aborted when the operation is cancelled or the daemon stops. */
  readonly signal: AbortSignal;
  remember(values: Record<string, unknown>): void;
  setRelease(release: number): void;
}

/**
 * One step of an operation. `run` and `undo` are idempotent: a daemon that was killed anywhere in them runs them again.
 * `run` answers with a note of one line.
 */
export type StepDefinition = {
  readonly name: string;
  run(context: StepContext): Promise<string | undefined>;
  undo?(context: StepContext): Promise<void>;
  /** From its success on the operation is only ever finished, never undone. A step may also remember `committed` on its way. */
  readonly commits?: true;
};

export type EngineDeps = {
  readonly journal: Journal;
  readonly bus: Bus;
  readonly log: Logger;
  readonly now: () => Date;
  /** Called at every boundary; a test kills the daemon here. */
  readonly fault: (point: string) => void;
  readonly definitions: Readonly<Record<OperationKind, readonly StepDefinition[]>>;
  /** Requests of an app so far. */
  readonly counts: (app: string) => Promise<RequestCounts>;
  /** What can be seen of a failure while it is there; for its receipt. Never rejects, and ends by itself. */
  readonly examine?: (app: string, signal: AbortSignal) => Promise<readonly Finding[]>;
};

/** Why a signal was aborted when the daemon stops: the operation is neither failed nor undone, it goes on later. */
export const SHUTDOWN = Symbol('shutdown');
const CANCEL = Symbol('cancel');
const RETRY_MS = 5_000;
const BESIDE: ReadonlySet<OperationKind> = new Set(['backup', 'drill']);

/**
 * Runs operations: one at a time for each app, in the order in which they were asked. What only reads an app's data goes
 * beside them, one at a time too: a drill of an hour must not keep a fix from being deployed.
 */
export interface Engine {
  enqueue(operation: {
    app: string;
    kind: OperationKind;
    by: string;
    input: Record<string, unknown>;
    release?: number;
  }): OperationRow;
  cancel(id: number): void;
  /** Goes on with what a former life of the daemon left. */
  resume(): void;
  running(app: string): number | null;
  /** Leaves what runs where it is; resolves when nothing moves any more. */
  stop(): Promise<void>;
}

export function createEngine(deps: EngineDeps): Engine {
  const { journal } = deps;
  const active = new Map<string, { id: number; controller: AbortController; done: Promise<void> }>();
  const laneOf = ({ app, kind }: Pick<OperationRow, 'app' | 'kind'>) => (BESIDE.has(kind) ? `${app} beside` : app);
  let isStopped = false;

  const release = (lane: string, delayMs: number) => {
    active.delete(lane);
    if (delayMs === 0) pump(lane);
    else setTimeout(() => pump(lane), delayMs).unref();
  };
  const pump = (lane: string) => {
    if (isStopped || active.has(lane)) return;
    const next = journal.operations.open().find((operation) => laneOf(operation) === lane);
    if (!next) return;
    const controller = new AbortController();
    const done = execute(deps, next.id, controller.signal).then(
      () => release(lane, 0),
      (cause: unknown) => {
        // Not the operation failed but writing down how it stands: it goes on from there when that is possible again.
        const { code, message } = asBerthError(cause);
        deps.log.error('operation.interrupted', { operation: next.id, code, message });
        release(lane, RETRY_MS);
      },
    );
    active.set(lane, { id: next.id, controller, done });
  };

  return {
    enqueue({ release, ...operation }) {
      const row = journal.transaction(() => {
        const steps = deps.definitions[operation.kind].map((step) => step.name);
        const added = journal.operations.add({ ...operation, steps });
        if (release !== undefined) journal.operations.update(added.id, { release });
        return added;
      });
      deps.bus.publish({ name: 'operation.queued', app: row.app, operation: row.id, fields: { kind: row.kind, by: row.by } });
      // Not at once: the caller first answers with the operation as it was queued.
      setImmediate(() => pump(laneOf(row)));
      return journal.operations.get(row.id);
    },
    cancel(id) {
      const operation = journal.operations.get(id);
      if (!['queued', 'running'].includes(operation.state)) throw cannotCancel(id, operation.state);
      if (isCommitted(deps, operation)) throw cannotCancel(id, 'past the switch');
      journal.operations.update(id, { cancel: true });
      const run = active.get(laneOf(operation));
      if (run?.id === id) run.controller.abort(CANCEL);
      else
        finish(deps, id, 'cancelled', operationCancelled(operation.by)).catch((cause: unknown) =>
          deps.log.error('operation.interrupted', { operation: id, message: asBerthError(cause).message }),
        );
    },
    resume() {
      for (const operation of journal.operations.open()) pump(laneOf(operation));
    },
    running: (app) => active.get(app)?.id ?? null,
    async stop() {
      isStopped = true;
      for (const { controller } of active.values()) controller.abort(SHUTDOWN);
      await Promise.allSettled([...active.values()].map(({ done }) => done));
    },
  };
}

async function execute(deps: EngineDeps, id: number, signal: AbortSignal): Promise<void> {
  const { journal, bus, now } = deps;
  const context = createContext(deps, id, signal);
  const operation = journal.operations.get(id);
  if (operation.state === 'undoing') return undo(deps, context, signal);
  if (operation.state === 'queued') {
    const before = await deps.counts(operation.app);
    journal.transaction(() => {
      journal.operations.update(id, { state: 'running', startedAt: now().toISOString() });
      context.remember({ countsBefore: before });
    });
    bus.publish({ name: 'operation.started', app: operation.app, operation: id, fields: { kind: operation.kind } });
  } else {
    bus.publish({ name: 'operation.resumed', app: operation.app, operation: id, fields: { kind: operation.kind } });
  }
  try {
    for (const [position, step] of deps.definitions[operation.kind].entries()) await runStep(deps, context, position, step);
    await finish(deps, id, 'succeeded', null);
  } catch (thrown) {
    if (signal.reason === SHUTDOWN) return;
    const row = journal.operations.get(id);
    const error = signal.reason === CANCEL ? operationCancelled(row.by) : asBerthError(thrown);
    if (isCommitted(deps, row)) return finish(deps, id, 'failed', error);
    bus.publish({ name: 'operation.undoing', app: row.app, operation: id, fields: { code: error.code } });
    journal.operations.update(id, { state: 'undoing', error: error.toJSON() });
    const undoing = createContext(deps, id, new AbortController().signal);
    // What failed is still there to be looked at; unless requests wait for it to be undone.
    if (!isHolding(deps, id)) await examine(deps, undoing, signal);
    await undo(deps, undoing, signal);
  }
}

async function runStep(deps: EngineDeps, context: StepContext, position: number, step: StepDefinition): Promise<void> {
  const { journal, bus, now, fault } = deps;
  const { id, app } = context;
  const row = journal.operations.get(id);
  const recorded = journal.operations.steps(id)[position];
  if (recorded?.state === 'done') return;
  if (row.cancel && !isCommitted(deps, row)) throw operationCancelled(row.by);
  const startedAt = recorded?.startedAt ?? now().toISOString();
  fault(`${row.kind}.${step.name}.before`);
  journal.operations.updateStep(id, position, { state: 'running', startedAt });
  bus.publish({ name: 'operation.step.started', app, operation: id, fields: { step: step.name } });
  try {
    const note = await step.run(context);
    fault(`${row.kind}.${step.name}.ran`);
    const finishedAt = now().toISOString();
    journal.operations.updateStep(id, position, { state: 'done', finishedAt, note: note ?? null });
    const ms = Date.parse(finishedAt) - Date.parse(startedAt);
    bus.publish({ name: 'operation.step.done', app, operation: id, fields: { step: step.name, ms, note: note ?? null } });
  } catch (cause) {
    if (context.signal.reason !== SHUTDOWN) {
      journal.operations.updateStep(id, position, { state: 'failed', finishedAt: now().toISOString() });
      bus.publish({ name: 'operation.step.failed', app, operation: id, fields: { step: step.name } });
    }
    throw cause;
  }
  fault(`${row.kind}.${step.name}.after`);
}

/** Backwards over every step that was begun. A step whose undo fails is told and passed: the rest must still be undone. */
async function undo(deps: EngineDeps, context: StepContext, stopping: AbortSignal): Promise<void> {
  const { journal, bus, fault } = deps;
  const { id } = context;
  const operation = journal.operations.get(id);
  const definitions = deps.definitions[operation.kind];
  for (const step of journal.operations.steps(id).toReversed()) {
    if (step.state === 'pending' || step.state === 'undone') continue;
    fault(`${operation.kind}.${step.name}.undo`);
    await definitions[step.position]?.undo?.(context).catch((cause: unknown) => {
      const { code, message } = asBerthError(cause);
      bus.publish({
        name: 'operation.undo.failed',
        app: operation.app,
        operation: id,
        fields: { step: step.name, code, message },
      });
    });
    if (step.state !== 'failed') journal.operations.updateStep(id, step.position, { state: 'undone' });
  }
  await examine(deps, context, stopping);
  await finish(deps, id, operation.cancel ? 'cancelled' : 'failed', null);
}

const isHolding = ({ journal }: EngineDeps, id: number): boolean =>
  journal.instances.holds().some((hold) => hold.operation === id);

/** Once for each failure. */
async function examine({ journal, examine: look }: EngineDeps, context: StepContext, stopping: AbortSignal): Promise<void> {
  const { kind, cancel, memory } = journal.operations.get(context.id);
  if (look === undefined || cancel || memory.findings !== undefined || !EXAMINED.has(kind)) return;
  const findings = await look(context.app, stopping);
  if (!stopping.aborted) context.remember({ findings });
}

/** Those that start something, and may fail for a reason that lies in it. */
const EXAMINED: ReadonlySet<OperationKind> = new Set(['deploy', 'rollback', 'configure', 'restart', 'start', 'restore']);

async function finish(
  deps: EngineDeps,
  id: number,
  state: 'succeeded' | 'failed' | 'cancelled',
  error: BerthError | null,
): Promise<void> {
  const { journal, bus, now } = deps;
  const counts = await deps.counts(journal.operations.get(id).app);
  journal.transaction(() => {
    const finishedAt = now().toISOString();
    journal.operations.update(id, { state, finishedAt, ...(error && { error: error.toJSON() }) });
    journal.operations.setReceipt(id, writeReceipt(journal, journal.operations.get(id), counts));
  });
  const { app, kind, release, error: recorded } = journal.operations.get(id);
  const fields = { kind, state, release, ...(recorded && { code: recorded.code, message: recorded.message }) };
  bus.publish({ name: 'operation.finished', app, operation: id, fields });
}

function writeReceipt(journal: Journal, row: OperationRow, after: RequestCounts): Receipt {
  const { memory } = row;
  const before = (memory.countsBefore as RequestCounts | undefined) ?? after;
  // Counters start again with the edge: what is less than before was counted from nothing.
  const since = (key: keyof RequestCounts) => (after[key] >= before[key] ? after[key] - before[key] : after[key]);
  const at = row.finishedAt ?? row.createdAt;
  return {
    operation: row.id,
    app: row.app,
    kind: row.kind,
    release: row.release,
    previousRelease: (memory.previousRelease as number | null | undefined) ?? journal.apps.find(row.app)?.release ?? null,
    commit: row.release === null ? null : (journal.releases.find(row.app, row.release)?.commit ?? null),
    ok: row.state === 'succeeded',
    changed: row.state === 'succeeded' && memory.unchanged !== true,
    ms: Date.parse(at) - Date.parse(row.startedAt ?? at),
    steps: visibleSteps(journal.operations.steps(row.id)),
    requests: { served: since('served'), held: since('held'), failed: since('failed') },
    by: row.by,
    at,
    changes: (memory.changes as string[] | undefined) ?? [],
    warnings: (memory.warnings as string[] | undefined) ?? [],
    restorePoint: (memory.restorePoint as string | undefined) ?? null,
    error: row.error,
    ...(memory.findings !== undefined && { findings: memory.findings as Finding[] }),
  };
}

function isCommitted(deps: EngineDeps, operation: OperationRow): boolean {
  if (operation.memory.committed === true) return true;
  const definitions = deps.definitions[operation.kind];
  return deps.journal.operations.steps(operation.id).some((step) => step.state === 'done' && definitions[step.position]?.commits);
}

function createContext({ journal }: EngineDeps, id: number, signal: AbortSignal): StepContext {
  const { app, by, input } = journal.operations.get(id);
  return {
    id,
    app,
    by,
    input,
    signal,
    get memory() {
      return journal.operations.get(id).memory;
    },
    remember: (values) => journal.operations.update(id, { memory: { ...journal.operations.get(id).memory, ...values } }),
    setRelease: (release) => journal.operations.update(id, { release }),
  };
}
