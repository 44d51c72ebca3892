import { asBerthError, type BerthError, keepingOf, nextUpkeepAt } from '@berth/core';
import type { HomeLayout } from '@berth/host';
import type { Journal, StoreRow } from '@berth/journal';
import { LOCAL_TARGET } from '@berth/protocol';
import type { Keeping, ProtectedStore, StoreDriver, StorePosition, Trees } from '@berth/stores';
import type { VaultAccess } from '@berth/vault';
import { backupPolicy, platformStore } from './followed.ts';
import { splitPoints } from './restore-points.ts';
import { PLATFORM_STORE } from './vault-names.ts';
import type { VaultWork } from './vault-work.ts';

export type UpkeepDeps = {
  readonly journal: Journal;
  readonly layout: HomeLayout;
  readonly now: () => Date;
  readonly work: VaultWork;
  readonly trees: Trees;
  readonly accesses: () => readonly VaultAccess[];
  readonly driver: (kind: StoreRow['kind']) => StoreDriver;
  readonly locate: (store: StoreRow) => Promise<ProtectedStore>;
  readonly onFailure: (what: string, error: BerthError) => void;
};

/** Deletes what is no longer kept: restore points that are over, then what only they held at the targets. */
export interface Upkeep {
  /** Does what is due: at each target once an hour, and for a store that nobody writes once a day. */
  run(signal: AbortSignal): Promise<void>;
}

const DAY_MS = 86_400_000;
/** Of what goes with the home anyway, and of the platform's own state: a week. */
const SHORT: Keeping = keepingOf({ keepMs: 7 * DAY_MS });

export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { journal, layout, now, accesses, driver, locate, onFailure } = deps;
  /** By store and target: how much had been sent when it was last looked after, and when that was. */
  const lookedAfter = new Map<string, { sentBytes: number; atMs: number }>();

  const keepStore = async (store: ProtectedStore, kind: StoreRow['kind'], at: Stretch, signal: AbortSignal) => {
    const { access, keep, pins, sentBytes } = at;
    const nowMs = now().getTime();
    const key = `${store.id} ${access.name}`;
    const last = lookedAfter.get(key);
    // Nothing came: there is nothing to merge, and what grows old may wait. Requests are money.
    if (last && last.sentBytes === sentBytes && nowMs - last.atMs < DAY_MS) return;
    await driver(kind).upkeep({ store, at: access, keep, pins, nowMs, signal });
    lookedAfter.set(key, { sentBytes, atMs: nowMs });
  };

  const keepTarget = async (access: VaultAccess, signal: AbortSignal) => {
    const pinned = journal.points.list();
    const sent = await sentTo(deps, access.name);
    /** One that fails keeps the others from nothing. */
    const attempt = (name: string, work: () => Promise<void>) =>
      work().catch((cause: unknown) => {
        signal.throwIfAborted();
        onFailure(`upkeep ${name} ${access.name}`, asBerthError(cause));
      });
    for (const row of journal.stores.list()) {
      if (row.kind === 'files' && access.name === LOCAL_TARGET) continue;
      const pins = pinned.flatMap(({ positions }) =>
        positions[row.id] === undefined ? [] : [positions[row.id] as StorePosition],
      );
      const keep = access.name === LOCAL_TARGET ? SHORT : keepingOf(backupPolicy(journal, row.app));
      const sentBytes = sent.get(row.id) ?? 0;
      await attempt(`${row.app}/${row.name}`, async () =>
        keepStore(await locate(row), row.kind, { access, keep, pins, sentBytes }, signal),
      );
    }
    const sentBytes = sent.get(PLATFORM_STORE);
    if (sentBytes !== undefined)
      await attempt('platform', () =>
        keepStore(platformStore({ layout }), 'sqlite', { access, keep: SHORT, pins: [], sentBytes }, signal),
      );
  };

  return {
    async run(signal) {
      const nowMs = now().getTime();
      const createdMs = Date.parse(journal.targets.list()[0]?.addedAt ?? now().toISOString());
      for (const access of accesses()) {
        const key = `upkeep.${access.name}`;
        const lastMs = journal.settings.get<number>(key) ?? null;
        if (nextUpkeepAt({ app: access.name, lastMs, createdMs }) > nowMs) continue;
        for (const app of journal.apps.list())
          journal.points.remove(splitPoints(journal, app.name, now()).over.map(({ number }) => number));
        await eraseGone(deps, access, signal);
        await keepTarget(access, signal);
        journal.settings.set(key, nowMs);
      }
    },
  };
}

type Stretch = {
  readonly access: VaultAccess;
  readonly keep: Keeping;
  readonly pins: readonly StorePosition[];
  readonly sentBytes: number;
};

/** By store, since the replicator began. */
async function sentTo({ driver }: UpkeepDeps, target: string): Promise<ReadonlyMap<string, number>> {
  const healths = [...(await driver('sqlite').health()), ...(await driver('files').health())];
  return new Map(
    healths.flatMap(({ id, targets }) => {
      const at = targets.find((it) => it.target === target);
      return at ? [[id, at.sentBytes] as const] : [];
    }),
  );
}

/** Of stores that no release has had for as long as backups are kept. The row goes once no target holds anything of it. */
async function eraseGone(
  { journal, now, accesses, work, trees }: UpkeepDeps,
  access: VaultAccess,
  signal: AbortSignal,
): Promise<void> {
  for (const row of journal.stores.list()) {
    if (row.goneAt === null || now().getTime() - Date.parse(row.goneAt) < backupPolicy(journal, row.app).keepMs) continue;
    const key = `erased.${row.id}`;
    const erased = journal.settings.get<string[]>(key) ?? [];
    if (!erased.includes(access.name)) {
      if (row.kind === 'sqlite') await work.erase(access, row.id, signal);
      else if (access.name !== LOCAL_TARGET) await trees.forgetTags(access, [row.id], signal);
      journal.settings.set(key, [...erased, access.name]);
    }
    const done = new Set([...erased, access.name]);
    if (accesses().every(({ name }) => done.has(name))) journal.stores.remove(row.id);
  }
}
