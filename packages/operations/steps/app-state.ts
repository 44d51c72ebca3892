import { rm } from 'node:fs/promises';
import type { StepContext, StepDefinition } from '../engine.ts';
import type { StepDeps } from './deps.ts';
import { inputOf } from './memory.ts';

/** Steps of the operations that change what an app is, not which release of it serves. */

export function stopAppStep({ journal, sync }: StepDeps): StepDefinition {
  return {
    name: 'stop',
    commits: true,
    async run(context) {
      journal.transaction(() => {
        for (const row of journal.instances.list({ app: context.app })) journal.instances.update(row.id, { want: 'leaving' });
        if (journal.apps.get(context.app).state === 'running') journal.apps.update(context.app, { state: 'stopped' });
      });
      await sync.now();
      return undefined;
    },
  };
}

export function waitGoneStep({ journal, supervisor }: StepDeps): StepDefinition {
  return {
    name: 'drain',
    async run(context) {
      const ids = journal.instances.list({ app: context.app }).map((row) => row.id);
      await supervisor.gone(ids, context.signal);
      return undefined;
    },
  };
}

export function markRunningStep({ journal, sync }: StepDeps): StepDefinition {
  return {
    name: 'begin',
    async run(context) {
      journal.apps.update(context.app, { state: 'running' });
      context.setRelease(journal.apps.get(context.app).release ?? 0);
      await sync.now();
      return undefined;
    },
    undo: async (context) => journal.apps.update(context.app, { state: 'stopped' }),
  };
}

/** Data is kept unless `purge`: a new deploy of the same app finds it again. */
export function removeAppStep({ journal, layout, sync, users, protection }: StepDeps): StepDefinition {
  return {
    name: 'remove',
    async run(context: StepContext) {
      const { purge } = inputOf(context);
      const paths = layout.app(context.app);
      journal.transaction(() => journal.apps.remove(context.app, { data: purge === true }));
      await sync.now();
      await protection.settle();
      await rm(layout.publicOf(context.app), { recursive: true, force: true });
      if (purge) {
        await rm(paths.root, { recursive: true, force: true });
        await users.removeApp(context.app);
        return 'data deleted';
      }
      await rm(paths.builds, { recursive: true, force: true });
      return `data kept in ${paths.stores}`;
    },
  };
}
