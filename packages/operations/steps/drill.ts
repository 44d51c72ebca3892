import { chown, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asBerthError, storeVariable } from '@berth/core';
import { type Drill, LOCAL_TARGET } from '@berth/protocol';
import { createRedactor } from '@berth/secrets';
import type { StoreRow } from '@berth/journal';
import type { StepContext, StepDefinition } from '../engine.ts';
import { readLastLines } from '../logs/last-lines.ts';
import { drillFailed, noSource, noStores } from '../protection-errors.ts';
import { restoringDirectory } from '../protection/scratch.ts';
import { explainExit } from './build.ts';
import type { StepDeps } from './deps.ts';
import { inputOf } from './memory.ts';

type StoreResult = Drill['stores'][number];

/** A judge that hangs must not hold up the next rehearsal. */
const CHECK_WITHIN_MS = 600_000;

/**
 * A restore as it would be on the bad day, into a scratch place: every store of the app, from one target, its newest state; then
 * the manifest's own command judges what came back. Remembered whatever comes of it, and an operation that fails where it does.
 */
export function drillStep(deps: StepDeps): StepDefinition {
  const { journal, layout, protection, bus, now } = deps;
  return {
    name: 'rehearse',
    async run(context) {
      const stores = protection.stores(context.app);
      if (stores.length === 0) throw noStores(context.app);
      const scratch = restoringDirectory(layout, context.app, context.id);
      await rm(scratch, { recursive: true, force: true });
      const target = chooseTarget(deps, stores, inputOf(context).target);
      await protection.refresh();
      const lossMs = lossAt(deps, context.app, target);
      const startedMs = now().getTime();
      const results: StoreResult[] = [];
      for (const store of stores) {
        const holds = protection.sources(store.kind, target).length > 0;
        results.push(holds ? await rehearse(deps, context, { store, target, scratch }) : notHeld(store, target));
      }
      const hasAll = results.every(({ outcome }) => outcome === 'passed');
      const check = hasAll ? await judge(deps, context, scratch) : null;
      const outcome = check?.ok === false ? 'failed' : worst(results);
      const result: Drill = {
        app: context.app,
        at: new Date(startedMs).toISOString(),
        operation: context.id,
        target,
        outcome,
        recoveryMs: now().getTime() - startedMs,
        lossMs,
        stores: results,
        check,
      };
      journal.drills.put({ operation: context.id, app: context.app, at: result.at, result });
      await rm(scratch, { recursive: true, force: true });
      const { recoveryMs } = result;
      bus.publish({ name: `drill.${outcome}`, app: context.app, operation: context.id, fields: { target, recoveryMs, lossMs } });
      if (outcome !== 'passed') throw drillFailed(context.app, outcome, explain(result));
      return `${stores.map(({ name }) => name).join(', ')} from ${target}`;
    },
    undo: (context) => rm(restoringDirectory(layout, context.app, context.id), { recursive: true, force: true }),
  };
}

/** The one that counts on the bad day: the farthest that holds them all, else the one that holds the most. */
function chooseTarget({ protection }: StepDeps, stores: readonly StoreRow[], asked: string | undefined): string {
  const perStore = stores.map(({ kind }) => protection.sources(kind, asked).map(({ name }) => name));
  const names = [...new Set(perStore.flat())];
  const heldBy = (name: string) => perStore.filter((own) => own.includes(name)).length;
  const most = Math.max(0, ...names.map(heldBy));
  const best = names.filter((name) => heldBy(name) === most);
  const chosen = best.findLast((name) => name !== LOCAL_TARGET) ?? best[0];
  if (chosen === undefined) throw noSource(stores[0]?.app ?? '', stores.map(({ name }) => name).join(', '), asked);
  return chosen;
}

/** Not passed, whatever becomes of the others: nothing of it would come back from there. */
const notHeld = ({ name }: StoreRow, target: string): StoreResult => ({
  ...{ store: name, outcome: 'inconclusive', ms: 0, bytes: 0, restoredAt: null },
  evidence: `nothing of it is sent to ${target}: add a target with berth target add`,
});

/** What the machine's loss would have cost at the beginning: the oldest change of any store that was not there. */
function lossAt({ protection }: StepDeps, app: string, target: string): number | null {
  const lags = protection.status(app).map(({ targets }) => targets.find((it) => it.target === target)?.lagMs ?? null);
  return lags.includes(null) ? null : Math.max(...lags.map((lag) => lag ?? 0));
}

async function rehearse(
  { protection }: StepDeps,
  context: StepContext,
  { store, target, scratch }: { store: StoreRow; target: string; scratch: string },
): Promise<StoreResult> {
  const place = join(scratch, store.name);
  await mkdir(place, { recursive: true, mode: 0o711 });
  // Whoever judges a database in WAL mode has to make files beside it, even to read it (sqlite.org/wal.html#readonly).
  const { owner } = await protection.locate(store);
  if (owner) await chown(place, owner.uid, owner.gid);
  const startedMs = performance.now();
  const ms = () => Math.round(performance.now() - startedMs);
  const into = join(place, basename(store.path));
  const { signal } = context;
  try {
    const known = protection.safeAt(store, target);
    const restored = await protection.fetch({ store, to: 'latest', into, target, owned: true, fresh: true, signal });
    const { atMs, bytes, warnings = [] } = restored;
    const evidence = [restored.evidence, ...warnings].join('; ');
    // The target said that it had more: what came back is whole, and still not what can be relied on.
    if (known !== null && atMs < known) {
      const lacks = `it is of ${new Date(atMs).toISOString()}, although the target had what is of ${new Date(known).toISOString()}`;
      return { store: store.name, outcome: 'failed', ms: ms(), bytes, restoredAt: new Date(atMs).toISOString(), evidence: lacks };
    }
    return { store: store.name, outcome: 'passed', ms: ms(), bytes, restoredAt: new Date(atMs).toISOString(), evidence };
  } catch (cause) {
    signal.throwIfAborted();
    const { code, message } = asBerthError(cause);
    // A target that does not answer says nothing of what it holds.
    const outcome = UNREACHABLE.has(code) ? 'inconclusive' : 'failed';
    return { store: store.name, outcome, ms: ms(), bytes: 0, restoredAt: null, evidence: message };
  }
}

const UNREACHABLE = new Set(['TARGET_FAILED', 'TARGET_DENIED', 'TARGET_AWAY', 'TREE_TARGET_FAILED', 'TREE_TARGET_HANGS']);

async function judge({ journal, protection, driver, launcher, layout }: StepDeps, context: StepContext, scratch: string) {
  const { release: number } = journal.apps.get(context.app);
  const release = number === null ? undefined : journal.releases.get(context.app, number);
  const command = release?.manifest.backup.check;
  if (!release || command === null || command === undefined) return null;
  const id = `op${context.id}.check`;
  const spec = await launcher.command(release, { id, argv: ['/bin/sh', '-c', command], writable: [scratch] });
  // The copies in place of the stores: a judge must not touch what is live.
  const copies = protection
    .stores(context.app)
    .map(({ name, path }) => [storeVariable(name), join(scratch, name, basename(path))]);
  await driver.start({ ...spec, env: { ...spec.env, ...Object.fromEntries(copies) } }, context.signal);
  const late = AbortSignal.timeout(CHECK_WITHIN_MS);
  try {
    const status = await driver.exited(id, AbortSignal.any([context.signal, late]));
    const reason = explainExit(status, null);
    const redact = createRedactor(await launcher.secretValues(release));
    const lines = readLastLines(join(layout.app(context.app).logs, `${id}.log`), 15).map(redact);
    return {
      ok: reason === undefined || reason === null,
      output: [...(reason ? [`${command} ${reason}`] : []), ...lines].join('\n'),
    };
  } catch (cause) {
    if (!late.aborted || context.signal.aborted) throw cause;
    return { ok: false, output: `${command} took longer than ${CHECK_WITHIN_MS / 60_000} minutes` };
  } finally {
    await driver.stop(id, { stopSignal: 'SIGTERM', withinMs: 5_000 });
    await driver.forget(id);
  }
}

const worst = (results: readonly StoreResult[]): Drill['outcome'] =>
  results.some(({ outcome }) => outcome === 'failed')
    ? 'failed'
    : results.some(({ outcome }) => outcome === 'inconclusive')
      ? 'inconclusive'
      : 'passed';

const explain = ({ stores, check }: Drill): string =>
  [
    ...stores.filter(({ outcome }) => outcome !== 'passed').map(({ store, evidence }) => `${store}: ${evidence}`),
    ...(check?.ok === false ? [`the check of the manifest refused what came back:\n${check.output}`] : []),
  ].join('; ');
