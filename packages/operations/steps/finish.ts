import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepContext, StepDefinition } from '../engine.ts';
import { NOT_NEEDED } from '../operation-view.ts';
import { unpublishFiles } from '../public-files.ts';
import { sourceFile } from '../sources.ts';
import type { StepDeps } from './deps.ts';
import { inputOf, memoryOf } from './memory.ts';

/** Releases whose builds are kept, the one that serves and its predecessor not counted. */
const KEPT_RELEASES = 5;
const HOUR_MS = 3_600_000;

/** Begins the bake, and lets go of what is no longer needed. */
export function finishStep(deps: StepDeps): StepDefinition {
  return {
    name: 'finish',
    async run(context) {
      beginBake(deps, context);
      const { source } = inputOf(context);
      if (source) await rm(sourceFile(deps.layout.sources, source), { force: true });
      await deps.protection.settle();
      const pruned = await prune(deps, context.app);
      return pruned > 0 ? `${pruned} old ${pruned === 1 ? 'build' : 'builds'} removed` : undefined;
    },
  };
}

/** Data was exchanged: what follows it looks again, and copies are made of what is copied now and then only. */
export function settleStep({ protection }: StepDeps): StepDefinition {
  return {
    name: 'finish',
    async run(context) {
      await protection.settle();
      const exchanged = new Set((memoryOf(context).wanted ?? []).map(({ id }) => id));
      if (inputOf(context).into === undefined)
        await protection.positions(
          protection.stores(context.app).filter(({ id, kind }) => kind === 'files' && exchanged.has(id)),
        );
      return NOT_NEEDED;
    },
  };
}

function beginBake({ journal, traffic, now }: StepDeps, context: StepContext): void {
  const { target, previousRelease, unchanged } = memoryOf(context);
  const isNewRelease = journal.operations.get(context.id).kind !== 'rollback';
  if (unchanged || !isNewRelease || target === undefined || previousRelease === undefined || previousRelease === null) return;
  if (previousRelease === target) return;
  if (journal.bakes.find(context.app)?.release === target) return;
  const sinceMs = now().getTime() - HOUR_MS;
  const baseline = traffic.of(context.app, previousRelease, { sinceMs, warmMs: sinceMs });
  journal.bakes.begin({ app: context.app, release: target, previous: previousRelease, baseline });
}

/** Builds that no kept release uses go, and with them what the edge served of those releases. */
export async function prune({ journal, layout }: StepDeps, app: string): Promise<number> {
  const { release, previous } = journal.apps.get(app);
  const releases = journal.releases.list(app);
  const isBusy = (number: number) => journal.instances.list({ app }).some((row) => row.release === number);
  const kept = releases.filter(
    (it, index) => it.number === release || it.number === previous || index < KEPT_RELEASES || isBusy(it.number),
  );
  const builds = new Set(kept.map((it) => it.build));
  for (const it of releases) {
    if (kept.includes(it)) continue;
    await unpublishFiles(layout, app, it.number);
    if (it.state === 'good') journal.releases.setState(app, it.number, 'pruned');
  }
  journal.configuration.pruneSecrets(
    app,
    new Set(kept.flatMap((it) => Object.entries(it.secrets).map(([name, version]) => `${name}@${version}`))),
  );
  const directory = layout.app(app).builds;
  const present = (await readdir(directory)).filter((name) => !name.includes('.'));
  const obsolete = present.filter((name) => !builds.has(name));
  for (const name of obsolete) {
    // The marker first: a build that is half gone must not be taken for a whole one.
    await rm(join(directory, `${name}.ready`), { force: true });
    await rm(join(directory, name), { recursive: true, force: true });
  }
  return obsolete.length;
}
