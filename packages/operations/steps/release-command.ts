import { join } from 'node:path';
import type { ReleaseCommand } from '@berth/core';
import { createRedactor } from '@berth/secrets';
import { SHUTDOWN, type StepContext, type StepDefinition } from '../engine.ts';
import { releaseCommandFailed } from '../errors.ts';
import { readLastLines } from '../logs/last-lines.ts';
import { NOT_NEEDED } from '../operation-view.ts';
import { explainExit } from './build.ts';
import type { StepDeps } from './deps.ts';
import { memoryOf } from './memory.ts';
import { followOutput } from './output.ts';

/** Migrations may take their time; a command that hangs must not hold requests for ever. */
const WITHIN_MS: Record<ReleaseCommand['when'], number> = { before: 1_800_000, held: 50_000 };

/**
 * Runs the release's own command, once: a daemon that was killed meanwhile finds it still running, or its exit code.
 * `before`: while the old release serves. `held`: when nothing of it runs and requests wait.
 */
export function releaseCommandStep(deps: StepDeps, when: ReleaseCommand['when']): StepDefinition {
  const { journal, driver, launcher, layout } = deps;
  const idOf = (context: StepContext) => `op${context.id}.release`;
  return {
    name: when === 'before' ? 'release-command' : 'held-command',
    async run(context) {
      const { target = 0, unchanged } = memoryOf(context);
      const release = unchanged ? undefined : journal.releases.get(context.app, target);
      const command = release?.manifest.release;
      // Once for each release: one that has served before has had it.
      if (!release || release.state === 'good' || command?.when !== when) return NOT_NEEDED;
      const id = idOf(context);
      const spec = await launcher.command(release, { id, argv: ['/bin/sh', '-c', command.run] });
      if (when === 'held') context.remember({ heldCommandRan: true });
      if ((await driver.status(id)).state === 'absent') await driver.start(spec, context.signal);
      using _output = followOutput(deps, context, spec.logFile);
      const late = AbortSignal.timeout(WITHIN_MS[when]);
      const status = await driver.exited(id, AbortSignal.any([context.signal, late])).catch(async (cause: unknown) => {
        if (context.signal.reason !== SHUTDOWN) await driver.stop(id, { stopSignal: 'SIGTERM', withinMs: 5_000 });
        if (late.aborted && !context.signal.aborted) return 'late' as const;
        throw cause;
      });
      const reason = status === 'late' ? `took longer than ${WITHIN_MS[when] / 1_000} s` : explainExit(status, null);
      if (!reason) return undefined;
      const redact = createRedactor(await launcher.secretValues(release));
      const logFile = join(layout.app(context.app).logs, `${id}.log`);
      throw releaseCommandFailed(context.app, reason, readLastLines(logFile, 15).map(redact), logFile);
    },
    async undo(context) {
      await driver.stop(idOf(context), { stopSignal: 'SIGTERM', withinMs: 5_000 });
      await driver.forget(idOf(context));
    },
  };
}
