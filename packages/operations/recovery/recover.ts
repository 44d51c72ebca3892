import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asBerthError } from '@berth/core';
import { acquireLock, prepareHome, writeFileAtomic } from '@berth/host';
import { type Journal, openJournal } from '@berth/journal';
import type { ProtectedStore } from '@berth/stores';
import { ensureAppDirectories } from '../app-directories.ts';
import { writeTargetKeys } from '../protection/target-keys.ts';
import { EDGE_TREES, PLATFORM_STORE } from '../protection/vault-names.ts';
import { publishFiles } from '../public-files.ts';
import { bringBack, findCopies } from './copies.ts';
import type { RecoveryDeps } from './deps.ts';
import { platformNotFound } from './errors.ts';
import { inParallel, onePart, takingTurns } from './parts.ts';
import { checkHomeEmpty, openProgress, type Recovered, type RecoveredPart, type RecoveryProgress, readRecord } from './record.ts';
import { type AppScope, readScope } from './scope.ts';
import { settleJournal, targetKeys } from './settle.ts';
import { recoverStore } from './stores.ts';
import { checkOwners, claimAll, type FoundTargets, openKitTargets, openOtherTargets, type Silent } from './targets.ts';
import { openShelf, recoverBuild, recoverEdgeTree, type TreeShelf } from './trees.ts';

export type RecoverRequest = {
  /** A moment for everything; null for the newest state of each. */
  readonly at: Date | null;
  /** The machine that was there a moment ago is lost: somebody said so. */
  readonly takeOver: boolean;
  readonly signal?: AbortSignal | undefined;
};

/** Two at once keep a disk and a network busy; more of them only need more memory. */
const AT_ONCE = 2;

/**
 * Fills an empty home with all that the targets hold, so that a daemon can be started on it. Killed at any moment it is begun
 * again and goes on from there. Throws HOME_NOT_EMPTY, HOME_LOCKED, VAULT_OWNED, RECOVERY_NO_TARGET and others; what is merely
 * missing of one app is told in the result.
 */
export async function recover(deps: RecoveryDeps, { at: asked, takeOver, signal }: RecoverRequest): Promise<Recovered> {
  const { layout } = deps;
  checkHomeEmpty(layout);
  const former = readRecord(layout.home);
  // All is there already, and perhaps a daemon runs on it.
  if (former?.state === 'starting' && former.result !== null) return former.result;
  const installation = former?.installation ?? deps.newInstallation();
  const kitTargets = await openKitTargets(deps);
  if (!takeOver) await checkOwners(kitTargets.open, { own: installation, now: deps.now(), signal });

  prepareHome(layout.home, deps.uid);
  // Until all is there: no daemon may begin on half a home.
  using _lock = acquireLock(layout.lock);
  const progress = await openProgress(layout, {
    ...{ installation, kit: fingerprint(deps.kit.identity), startedAt: deps.now().toISOString() },
    at: asked?.toISOString() ?? null,
  });
  const { record } = progress;
  const at = record.at === null ? null : new Date(record.at);
  const partsDone = Object.keys(record.parts).length;
  if (partsDone > 0) deps.report({ event: 'resumed', startedAt: record.startedAt, partsDone });
  deps.fault('recover.begin.after');
  await bringTools(deps);

  // Before anything is read: what the old machine writes from here on it could only lose.
  await claimAll(deps, kitTargets.open, record.installation, signal);
  deps.fault('recover.claim.after');
  await writeFileAtomic(join(layout.secrets, 'key.txt'), `${deps.kit.identity}\n`, 0o600);
  const context = { deps, progress, at, signal };
  await recoverPlatform(context, kitTargets);

  const journal = openJournal(layout.journal, { now: deps.now });
  try {
    const targets = await openOtherTargets(deps, kitTargets, { rows: journal.targets.list(), sealer: deps.sealer });
    await claimAll(deps, targets.open, record.installation, signal);
    const apps = readScope(journal);
    await recoverContent({ ...context, targets }, apps);
    const recovered = describe(progress, apps, targets.silent);
    await settle({ ...context, targets }, { journal, apps, recovered });
    deps.fault('recover.settle.after');
    await progress.enter('starting', recovered);
    deps.fault('recover.end');
    return recovered;
  } finally {
    journal.close();
  }
}

async function bringTools({ bringTools: bring, report }: RecoveryDeps): Promise<void> {
  const startedAt = performance.now();
  const brought = await bring();
  report({ event: 'tools', ...brought, ms: Math.round(performance.now() - startedAt) });
}

type Context = {
  readonly deps: RecoveryDeps;
  readonly progress: RecoveryProgress;
  readonly at: Date | null;
  readonly signal: AbortSignal | undefined;
};

async function recoverPlatform({ deps, progress, at, signal }: Context, { open, silent }: FoundTargets): Promise<void> {
  const { journal: into } = deps.layout;
  const store: ProtectedStore = { id: PLATFORM_STORE, path: into, owner: null, snapshotEveryMs: 0 };
  const clear = async () => {
    for (const part of deps.drivers.sqlite.parts(into)) await rm(part, { recursive: true, force: true });
  };
  await onePart(deps, progress, 'platform', async () => {
    const asked = { kind: 'sqlite' as const, store, at, signal };
    const found = await findCopies(deps, open, asked);
    const brought = await bringBack(deps, found.copies, { ...asked, part: 'platform', into, bytes: null, clear });
    if (brought.outcome === 'failed') {
      const damages = [...brought.reasons, ...[...silent, ...found.silent].map(({ target, reason }) => `${target}: ${reason}`)];
      throw platformNotFound(
        open.map(({ name }) => name),
        at?.toISOString() ?? null,
        damages,
      );
    }
    const { atMs, bytes, evidence } = brought.restored;
    const moment = new Date(atMs).toISOString();
    const part = { what: 'platform' as const, app: null, name: PLATFORM_STORE, target: brought.target, at: moment };
    return { ...part, outcome: 'recovered', bytes, note: evidence };
  });
}

type Filling = Context & { readonly targets: FoundTargets };

/** First what must be there for apps to run, then what they could go back to. */
async function recoverContent({ deps, progress, at, signal, targets }: Filling, apps: readonly AppScope[]): Promise<void> {
  let shelf: Promise<TreeShelf> | undefined;
  const opened = () => (shelf ??= openShelf(deps, targets, signal));
  const owners = new Map<string, { app: Awaited<ReturnType<typeof deps.users.app>>; edge: typeof edge }>();
  const edge = await deps.users.edge();
  mkdirSync(deps.layout.edge, { recursive: true, mode: 0o711 });
  for (const tag of Object.keys(EDGE_TREES) as (keyof typeof EDGE_TREES)[])
    await onePart(deps, progress, `tree:${tag}`, async () => recoverEdgeTree(deps, tag, { shelf: await opened(), at, signal }));
  for (const { app } of apps) {
    owners.set(app, { app: await deps.users.app(app), edge });
    await ensureAppDirectories(deps.layout, app, ownersOf(app));
  }
  const build = async (release: AppScope['kept'][number]) => {
    const { app: user } = ownersOf(release.app);
    const step = `build:${release.app}:${release.build}`;
    const part = await onePart(deps, progress, step, async () =>
      recoverBuild(deps, release, { shelf: await opened(), signal, user }),
    );
    if (part.outcome === 'recovered') await publish(deps, release);
  };
  const inTurn = takingTurns();
  const serving = apps.flatMap(({ release }) => release ?? []);
  await inParallel(AT_ONCE, serving, build);
  const stores = apps.flatMap(({ release, stores: rows }) =>
    release ? rows.map((row) => ({ row, manifest: release.manifest })) : [],
  );
  await inParallel(AT_ONCE, stores, async ({ row, manifest }) => {
    const work = { row, manifest, owners: ownersOf(row.app), targets, at, signal, inTurn };
    await onePart(deps, progress, `store:${row.id}`, () => recoverStore(deps, work));
  });
  // One after the other: releases often share a build.
  for (const { kept } of apps) for (const release of kept) await build(release);

  function ownersOf(app: string) {
    return owners.get(app) ?? { app: null, edge };
  }
}

/** What the edge serves of a release is made of its build. Where that cannot be, the release serves all the rest. */
async function publish({ layout, report }: RecoveryDeps, release: AppScope['kept'][number]): Promise<void> {
  try {
    await publishFiles(layout, release.app, release);
  } catch (cause) {
    const part = `${release.app} files of release ${release.number}`;
    report({ event: 'part.failed', part, target: layout.home, reason: asBerthError(cause).message });
  }
}

type Settling = {
  readonly journal: Journal;
  readonly apps: readonly AppScope[];
  readonly recovered: Recovered;
};

async function settle(
  { deps, progress, targets, at: moment, signal }: Filling,
  { journal, apps, recovered }: Settling,
): Promise<void> {
  const stopped = new Map(
    recovered.apps.flatMap((it) => (it.stoppedBecause === null ? [] : [[it.app, it.stoppedBecause] as const])),
  );
  const pruned = apps.flatMap(({ app, kept }) =>
    kept
      .filter(({ build }) => progress.record.parts[`build:${app}:${build}`]?.outcome !== 'recovered')
      .map(({ build }) => ({ app, build })),
  );
  const { installation, startedAt, at } = progress.record;
  const summary = { startedAt, to: at, silent: recovered.silent.map(({ target }) => target) };
  await using ports = await deps.claimPorts();
  await settleJournal(journal, {
    ...{ installation, targets: targets.open, sealer: deps.sealer, stopped, pruned, summary },
    points: (await Promise.all(targets.open.map(({ vault }) => vault.catalogue(signal)))).flatMap(({ points }) => points),
    at: moment,
    portRange: ports.range,
    now: deps.now,
  });
  await writeTargetKeys(deps.layout, await targetKeys(journal, deps.sealer));
}

function describe({ record }: RecoveryProgress, apps: readonly AppScope[], silent: readonly Silent[]): Recovered {
  const parts = Object.values(record.parts);
  return {
    ...{ startedAt: record.startedAt, at: record.at, parts, silent },
    apps: apps.map(({ app, state, release, unprotected }) => {
      const because =
        release === null ? null : whyStopped(record.parts, { app, build: release.build, commit: release.commit?.hash ?? null });
      return {
        ...{ app, release: release?.number ?? null, unprotected },
        state: because !== null && state === 'running' ? 'stopped' : state,
        stoppedBecause: because,
      };
    }),
  };
}

type Serving = { readonly app: string; readonly build: string; readonly commit: string | null };

/** An app without a part of its data would begin a new one, and without its build it cannot run. */
function whyStopped(parts: Readonly<Record<string, RecoveredPart>>, { app, build, commit }: Serving): string | null {
  const lost = Object.values(parts).filter((part) => part.app === app && part.what === 'store' && part.outcome === 'lost');
  const built = parts[`build:${app}:${build}`];
  const source = commit === null ? 'its source' : `commit ${commit.slice(0, 12)}`;
  const reasons = [
    ...lost.map(({ name, note }) => `its store ${name} did not come back: ${note}`),
    ...(built?.outcome === 'recovered'
      ? []
      : [`the build of its release did not come back (${built?.note ?? 'not tried'}): deploy ${source} again`]),
  ];
  return reasons.length === 0 ? null : reasons.join('; ');
}

const fingerprint = (identity: string): string => createHash('sha256').update(identity).digest('hex').slice(0, 16);
