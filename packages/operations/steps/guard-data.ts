import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { exchange, type StorePosition } from '@berth/stores';
import type { StoreRow } from '@berth/journal';
import type { StepContext, StepDefinition } from '../engine.ts';
import { NOT_NEEDED } from '../operation-view.ts';
import { parsePoint } from '../protection/protection.ts';
import { restoringDirectory } from '../protection/scratch.ts';
import type { StepDeps } from './deps.ts';
import { memoryOf } from './memory.ts';

/**
 * Nothing on the way there. On the way back, when the command that ran while requests waited, or the new instances, have changed
 * databases, these go back to the restore point before the old release starts on them again. Trees of files stay as they are.
 */
export function guardDataStep({ journal, layout, protection, bus }: StepDeps): StepDefinition {
  const databases = (context: StepContext): { store: StoreRow; position: StorePosition }[] => {
    const { restorePoint } = memoryOf(context);
    const point = restorePoint === undefined ? undefined : journal.points.find(parsePoint(restorePoint));
    return protection.stores(context.app).flatMap((store) => {
      const position = point?.positions[store.id] as StorePosition | undefined;
      return store.kind === 'sqlite' && position ? [{ store, position }] : [];
    });
  };
  return {
    name: 'guard-data',
    run: async () => NOT_NEEDED,
    async undo(context) {
      if (!mayHaveChanged(context)) return;
      const guarded = databases(context);
      if (guarded.length === 0) return;
      // What cannot be told is taken for changed.
      const now = await protection
        .positions(guarded.map(({ store }) => store))
        .catch(() => ({}) as Record<string, StorePosition>);
      const changed = guarded.filter(({ store, position }) => !isDeepStrictEqual(now[store.id], position));
      for (const { store, position } of changed) {
        const place = join(restoringDirectory(layout, context.app, context.id), 'undo', store.name);
        await mkdir(place, { recursive: true, mode: 0o711 });
        const restored = join(place, basename(store.path));
        const { path } = await protection.locate(store);
        if (!context.memory[`putBack.${store.name}`]) {
          await rm(restored, { force: true });
          await protection.fetch({ store, to: { position }, into: restored, owned: true, signal: context.signal });
          context.remember({ [`putBack.${store.name}`]: true });
        }
        await exchange({ parts: protection.driver('sqlite').parts(path), restored, live: path, aside: join(place, 'old') });
      }
      const stores = changed.map(({ store }) => store.name);
      if (stores.length > 0)
        bus.publish({
          name: 'store.put-back',
          app: context.app,
          operation: context.id,
          fields: { stores, point: memoryOf(context).restorePoint },
        });
    },
  };
}

/** The command ran, or new owners did and nothing else of the app: what they wrote nobody was ever shown. */
function mayHaveChanged(context: StepContext): boolean {
  const { heldCommandRan = false, takenOver = [], plan = [] } = memoryOf(context);
  return heldCommandRan || (takenOver.length > 0 && plan.every((it) => it.switch === 'handover'));
}
