import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ErrorBody } from '@berth/core';
import type { OperationKind, Receipt, Step } from '@berth/protocol';
import { operationNotFound } from './errors.ts';

export type OperationState = 'queued' | 'running' | 'undoing' | 'succeeded' | 'failed' | 'cancelled';

export type OperationRow = {
  readonly id: number;
  readonly app: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  readonly by: string;
  /** What was asked. */
  readonly input: Readonly<Record<string, unknown>>;
  /** What its steps have decided so far. */
  readonly memory: Readonly<Record<string, unknown>>;
  readonly release: number | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly cancel: boolean;
  readonly error: ErrorBody | null;
};

export type StepRow = {
  readonly position: number;
  readonly name: string;
  readonly state: Step['state'];
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly note: string | null;
};

export interface Operations {
  add(operation: {
    app: string;
    kind: OperationKind;
    by: string;
    input: Record<string, unknown>;
    steps: readonly string[];
  }): OperationRow;
  find(id: number): OperationRow | undefined;
  /** Throws OPERATION_NOT_FOUND. */
  get(id: number): OperationRow;
  /** Newest first. */
  list(filter: { app?: string; limit?: number }): readonly OperationRow[];
  /** Not finished, oldest first. */
  open(): readonly OperationRow[];
  update(
    id: number,
    changes: Partial<Pick<OperationRow, 'state' | 'memory' | 'release' | 'startedAt' | 'finishedAt' | 'cancel' | 'error'>>,
  ): void;
  steps(id: number): readonly StepRow[];
  updateStep(id: number, position: number, changes: Partial<Omit<StepRow, 'position' | 'name'>>): void;
  setReceipt(id: number, receipt: Receipt): void;
  receipts(app: string): readonly Receipt[];
  countByKindAndState(): readonly { kind: string; state: string; count: number }[];
}

export function createOperations(db: DatabaseSync, deps: { now: () => Date }): Operations {
  const insert = db.prepare("INSERT INTO operation (app, kind, state, by, input, created_at) VALUES (?, ?, 'queued', ?, ?, ?)");
  const insertStep = db.prepare("INSERT INTO step (operation, position, name, state) VALUES (?, ?, ?, 'pending')");
  const one = db.prepare('SELECT * FROM operation WHERE id = ?');
  const all = db.prepare('SELECT * FROM operation WHERE (? IS NULL OR app = ?) ORDER BY id DESC LIMIT ?');
  const open = db.prepare("SELECT * FROM operation WHERE state IN ('queued', 'running', 'undoing') ORDER BY id");
  const update = db.prepare(
    'UPDATE operation SET state = ?, memory = ?, release = ?, started_at = ?, finished_at = ?, cancel = ?, error = ? WHERE id = ?',
  );
  const steps = db.prepare('SELECT * FROM step WHERE operation = ? ORDER BY position');
  const oneStep = db.prepare('SELECT * FROM step WHERE operation = ? AND position = ?');
  const updateStep = db.prepare(
    'UPDATE step SET state = ?, started_at = ?, finished_at = ?, note = ? WHERE operation = ? AND position = ?',
  );
  const setReceipt = db.prepare('UPDATE operation SET receipt = ? WHERE id = ?');
  const receipts = db.prepare('SELECT receipt FROM operation WHERE app = ? AND receipt IS NOT NULL ORDER BY id DESC LIMIT 200');
  const counts = db.prepare('SELECT kind, state, count(*) AS count FROM operation GROUP BY kind, state');
  const get = (id: number) => {
    const row = one.get(id);
    if (!row) throw operationNotFound(id);
    return toOperation(row);
  };
  return {
    find(id) {
      const row = one.get(id);
      return row && toOperation(row);
    },
    add(operation) {
      const at = deps.now().toISOString();
      const { lastInsertRowid } = insert.run(operation.app, operation.kind, operation.by, JSON.stringify(operation.input), at);
      const id = Number(lastInsertRowid);
      operation.steps.forEach((name, position) => insertStep.run(id, position, name));
      return get(id);
    },
    get,
    list: ({ app = null, limit = 100 }: { app?: string | null; limit?: number }) => all.all(app, app, limit).map(toOperation),
    open: () => open.all().map(toOperation),
    update(id, changes) {
      const row = { ...get(id), ...changes };
      const error = row.error && JSON.stringify(row.error);
      update.run(
        row.state,
        JSON.stringify(row.memory),
        row.release,
        row.startedAt,
        row.finishedAt,
        row.cancel ? 1 : 0,
        error,
        id,
      );
    },
    steps: (id) => steps.all(id).map(toStep),
    updateStep(id, position, changes) {
      const row = oneStep.get(id, position);
      if (!row) throw operationNotFound(id);
      const step = { ...toStep(row), ...changes };
      updateStep.run(step.state, step.startedAt, step.finishedAt, step.note, id, position);
    },
    setReceipt: (id, receipt) => void setReceipt.run(JSON.stringify(receipt), id),
    receipts: (app) => receipts.all(app).map((row) => toReceipt(row.receipt as string)),
    countByKindAndState: () => counts.all().map((row) => ({ ...row }) as { kind: string; state: string; count: number }),
  };
}

type Row = Record<string, SQLOutputValue>;

const toOperation = (row: Row): OperationRow => ({
  id: row.id as number,
  app: row.app as string,
  kind: row.kind as OperationKind,
  state: row.state as OperationState,
  by: row.by as string,
  input: JSON.parse(row.input as string) as Record<string, unknown>,
  memory: JSON.parse(row.memory as string) as Record<string, unknown>,
  release: row.release as number | null,
  createdAt: row.created_at as string,
  startedAt: row.started_at as string | null,
  finishedAt: row.finished_at as string | null,
  cancel: row.cancel === 1,
  error: row.error === null ? null : (JSON.parse(row.error as string) as ErrorBody),
});

/** One that was written before commits, or restore points, were known has none. */
const toReceipt = (text: string): Receipt => {
  const receipt = JSON.parse(text) as Partial<Receipt>;
  return { ...receipt, commit: receipt.commit ?? null, restorePoint: receipt.restorePoint ?? null } as Receipt;
};

const toStep = (row: Row): StepRow => ({
  position: row.position as number,
  name: row.name as string,
  state: row.state as Step['state'],
  startedAt: row.started_at as string | null,
  finishedAt: row.finished_at as string | null,
  note: row.note as string | null,
});
