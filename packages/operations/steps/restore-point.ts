import type { StepContext, StepDefinition } from '../engine.ts';
import { NOT_NEEDED } from '../operation-view.ts';
import { parsePoint, renderPoint } from '../protection/protection.ts';
import type { StepDeps } from './deps.ts';
import { inputOf, memoryOf } from './memory.ts';
import { handovers } from './switch.ts';

/**
 * The state of the app's data before this operation changes anything: `before` while the old release serves, and moved to the
 * later moment `held`, when nothing of it runs any more. A deploy goes on without one, and its receipt says so: what cannot be
 * protected is told by the app's status too, and must not keep a fix from being deployed.
 */
export function restorePointStep({ journal, protection }: StepDeps, when: 'before' | 'held'): StepDefinition {
  return {
    name: when === 'before' ? 'restore-point' : 'held-restore-point',
    async run(context) {
      const { unchanged, restorePoint } = memoryOf(context);
      if (unchanged || journal.apps.get(context.app).release === null) return NOT_NEEDED;
      // A copy beside changes nothing.
      if (inputOf(context).into !== undefined) return NOT_NEEDED;
      if (when === 'held' && handovers(context).length === 0) return NOT_NEEDED;
      const kind = journal.operations.get(context.id).kind;
      const already = restorePoint === undefined ? undefined : parsePoint(restorePoint);
      const what = { app: context.app, kind, label: null, operation: context.id };
      const { point, reason } = await protection.takePoint(what, already);
      if (reason !== null) warn(context, `no restore point was taken: ${reason}`);
      if (point === null) return reason ?? NOT_NEEDED;
      context.remember({ restorePoint: renderPoint(point.number) });
      return renderPoint(point.number);
    },
  };
}

const warn = (context: StepContext, text: string): void => {
  const { warnings = [] } = memoryOf(context);
  if (!warnings.includes(text)) context.remember({ warnings: [...warnings, text] });
};
