import type { OperationRow, StepRow } from '@berth/journal';
import type { Operation, Step } from '@berth/protocol';

/** A step that ended with this note had nothing to do. */
export const NOT_NEEDED = 'not needed';

/** Steps as clients see them: those that had nothing to do are left out. */
export const visibleSteps = (steps: readonly StepRow[]): Step[] => steps.filter((step) => step.note !== NOT_NEEDED).map(toStep);

const toStep = ({ name, state, startedAt, finishedAt, note }: StepRow): Step => ({
  name,
  state,
  ms: startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : null,
  note,
});

export const toOperation = (row: OperationRow, steps: readonly StepRow[]): Operation => ({
  id: row.id,
  app: row.app,
  kind: row.kind,
  // Undoing is a part of running to those who watch: its end is `failed` or `cancelled`.
  state: row.state === 'undoing' ? 'running' : row.state,
  by: row.by,
  release: row.release,
  createdAt: row.createdAt,
  startedAt: row.startedAt,
  finishedAt: row.finishedAt,
  steps: visibleSteps(steps),
  error: row.error,
});
