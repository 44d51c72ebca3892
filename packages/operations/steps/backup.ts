import type { StepDefinition } from '../engine.ts';
import { noStores, pointNotTaken } from '../protection-errors.ts';
import { parsePoint, renderPoint } from '../protection/protection.ts';
import type { StepDeps } from './deps.ts';
import { inputOf, memoryOf } from './memory.ts';

/** A restore point that was asked for, and the wait until every target has it. */
export function backupSteps({ protection }: StepDeps): StepDefinition[] {
  return [
    {
      name: 'restore-point',
      async run(context) {
        const { restorePoint } = memoryOf(context);
        if (protection.stores(context.app).length === 0) throw noStores(context.app);
        const already = restorePoint === undefined ? undefined : parsePoint(restorePoint);
        const { label = null } = inputOf(context);
        const what = { app: context.app, kind: 'manual', label, operation: context.id };
        const { point, reason } = await protection.takePoint(what, already);
        if (point === null)
          throw pointNotTaken(context.app, reason ?? 'none of its stores exists yet, or there is no target for them');
        context.remember({ restorePoint: renderPoint(point.number) });
        return renderPoint(point.number);
      },
    },
    {
      name: 'send',
      async run(context) {
        await protection.secure(protection.stores(context.app), { timeoutMs: SEND_WITHIN_MS, signal: context.signal });
        return `safe at ${[...new Set(protection.status(context.app).flatMap(({ targets }) => targets.map(({ target }) => target)))].join(', ')}`;
      },
    },
  ];
}

/** The first copy of much data over a thin line. */
const SEND_WITHIN_MS = 6 * 3_600_000;
