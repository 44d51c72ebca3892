import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Journal, openJournal } from '@berth/journal';
import type { Drill } from '@berth/protocol';
import type { ProtectedStore } from '@berth/stores';
import { buildTree, PLATFORM_STORE } from '../protection/vault-names.ts';
import { bringBack, findCopies } from './copies.ts';
import type { OpenTarget, RecoveryDeps } from './deps.ts';
import { platformNotFound } from './errors.ts';
import { type Estimate, estimate, type Measured } from './estimate.ts';
import { checkHomeEmpty } from './record.ts';
import { type AppScope, readScope } from './scope.ts';
import { type FoundTargets, isAlive, openKitTargets, openOtherTargets, type Silent } from './targets.ts';
import { copiesOf, openShelf, type TreeShelf } from './trees.ts';

/** What a recovery would do now. */
export type RecoveryPlan = {
  /** The moment that was asked for. */
  readonly at: string | null;
  readonly targets: readonly PlannedTarget[];
  /** The platform's own state: what it knows of apps is what follows. */
  readonly platform: { readonly target: string; readonly at: string };
  readonly apps: readonly PlannedApp[];
  /** To be read from the targets, as far as that is known. */
  readonly bytes: number;
  readonly estimate: Estimate;
};

export type PlannedTarget = {
  readonly target: string;
  readonly url: string;
  /** Why it does not answer; null when it does. */
  readonly silent: string | null;
  readonly owner: { readonly host: string; readonly seenAt: string; readonly isAlive: boolean } | null;
};

export type PlannedApp = {
  readonly app: string;
  readonly state: AppScope['state'];
  readonly release: number | null;
  readonly commit: string | null;
  /** Where its build is; null where no target that answers has it. */
  readonly build: string | null;
  readonly stores: readonly PlannedStore[];
  readonly unprotected: readonly string[];
};

export type PlannedStore = {
  readonly store: string;
  readonly kind: 'sqlite' | 'files';
  /** Null where no target that answers has any of it. */
  readonly target: string | null;
  /** The moment that it would go to. */
  readonly at: string | null;
  /** To be read from the target, or what the last drill read. */
  readonly bytes: number | null;
  /** Targets that could not be asked for it, and why. */
  readonly silent: readonly Silent[];
};

/**
 * Looks at what the targets hold. Nothing is changed at any of them, and no home is made: the platform's state is read from a
 * copy in a private directory that is removed again.
 */
export async function planRecovery(
  deps: RecoveryDeps,
  { at, signal }: { at: Date | null; signal?: AbortSignal | undefined },
): Promise<RecoveryPlan> {
  checkHomeEmpty(deps.layout);
  const kitTargets = await openKitTargets(deps);
  const scratch = await mkdtemp(join(tmpdir(), 'berth-plan-'));
  try {
    const platform = await fetchPlatform(deps, kitTargets, { at, signal, into: join(scratch, 'journal.db') });
    const journal = openJournal(join(scratch, 'journal.db'), { now: deps.now });
    try {
      const found = await openOtherTargets(deps, kitTargets, { rows: journal.targets.list(), sealer: deps.sealer });
      const scope = readScope(journal);
      const hasTrees = scope.some(({ release }) => release !== null);
      const shelf = hasTrees ? await openShelf(deps, found, signal) : { at: [], silent: [] };
      const drills = newestDrills(journal, scope);
      const looking = { deps, found, shelf, drills, at, signal };
      const planned = await Promise.all(scope.map((app) => planApp(looking, app)));
      const parts = planned.flatMap(({ parts: its }) => its);
      const apps = planned.map(({ app }) => app);
      const builds = new Set(scope.flatMap(({ kept }) => kept.map(({ app, build }) => `${app}:${build}`))).size;
      const running = apps.filter(({ state }) => state === 'running').length;
      return {
        at: at?.toISOString() ?? null,
        targets: await describeTargets(deps, found, journal, signal),
        platform,
        apps,
        bytes: parts.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
        estimate: estimate({ parts, builds, running, drills }),
      };
    } finally {
      journal.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

type Fetching = { readonly at: Date | null; readonly signal: AbortSignal | undefined; readonly into: string };

async function fetchPlatform(deps: RecoveryDeps, { open }: FoundTargets, { at, signal, into }: Fetching) {
  const store: ProtectedStore = { id: PLATFORM_STORE, path: into, owner: null, snapshotEveryMs: 0 };
  const asked = { kind: 'sqlite' as const, store, at, signal };
  const { copies, silent } = await findCopies(deps, open, asked);
  const clear = () => rm(into, { force: true });
  const brought = await bringBack(deps, copies, { ...asked, part: 'platform', into, bytes: null, clear });
  if (brought.outcome === 'recovered') return { target: brought.target, at: new Date(brought.restored.atMs).toISOString() };
  throw platformNotFound(
    open.map(({ name }) => name),
    at?.toISOString() ?? null,
    [...brought.reasons, ...silent.map(({ target, reason }) => `${target}: ${reason}`)],
  );
}

type Looking = {
  readonly deps: RecoveryDeps;
  readonly found: FoundTargets;
  readonly shelf: TreeShelf;
  readonly drills: readonly Drill[];
  readonly at: Date | null;
  readonly signal: AbortSignal | undefined;
};

async function planApp(
  { deps, found, shelf, drills, at, signal }: Looking,
  { app, state, release, stores, unprotected }: AppScope,
): Promise<{ app: PlannedApp; parts: Measured[] }> {
  const parts: Measured[] = [];
  const planned: PlannedStore[] = [];
  for (const { id, name, kind } of stores) {
    const store: ProtectedStore = { id, path: '/', owner: null, snapshotEveryMs: 0 };
    const { copies, silent } = await findCopies(deps, found.open, { kind, store, at, signal });
    const [best] = copies;
    const drilled = drills.find((it) => it.app === app)?.stores.find((it) => it.store === name)?.bytes ?? null;
    const bytes = best ? ((await deps.measure({ id, kind }, best.target, at)) ?? drilled) : null;
    if (best) parts.push({ app, store: name, bytes, isNear: isNear(best.target) });
    const moment = best ? new Date(best.atMs).toISOString() : null;
    planned.push({ store: name, kind, target: best?.target.name ?? null, at: moment, bytes, silent });
  }
  const built = release && copiesOf(shelf, buildTree(release.build), null)[0];
  return {
    app: {
      ...{ app, state, unprotected, stores: planned },
      release: release?.number ?? null,
      commit: release?.commit?.hash ?? null,
      build: built?.target.name ?? null,
    },
    parts,
  };
}

const isNear = ({ access }: OpenTarget): boolean => access.url.startsWith('dir:');

async function describeTargets(
  { now }: RecoveryDeps,
  { open, silent }: FoundTargets,
  journal: Journal,
  signal: AbortSignal | undefined,
): Promise<PlannedTarget[]> {
  const answering = open.map(async ({ name, access, vault }): Promise<PlannedTarget> => {
    const owner = await vault.owner(signal).catch(() => null);
    const seen = owner && { host: owner.host, seenAt: new Date(owner.seenAt).toISOString(), isAlive: isAlive(owner, now()) };
    return { target: name, url: access.url, silent: null, owner: seen };
  });
  const missing = silent.map(({ target, reason }) => ({
    ...{ target, silent: reason, owner: null },
    url: journal.targets.find(target)?.url ?? '',
  }));
  return [...(await Promise.all(answering)), ...missing];
}

const newestDrills = (journal: Journal, apps: readonly AppScope[]): readonly Drill[] =>
  apps.flatMap(({ app }) => journal.drills.newest<Drill>(app)?.result ?? []);
