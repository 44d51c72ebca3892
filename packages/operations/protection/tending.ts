import { createHash } from 'node:crypto';
import type { Journal } from '@berth/journal';
import type { PointAbout, StoreAbout, VaultAccess } from '@berth/vault';
import type { TargetRegistry } from './target-registry.ts';
import type { VaultWork } from './vault-work.ts';

export type TendingDeps = {
  readonly journal: Journal;
  readonly registry: TargetRegistry;
  readonly work: VaultWork;
  readonly now: () => Date;
};

/** What a target was told already, kept in the journal, so that a restart costs few requests. */
type Told = { readonly stores: string; readonly points: Readonly<Record<string, string>> };

/** Tells targets who is there, which stores there are and which restore points. */
export interface Tending {
  /** Something is new; or it is time to say that we are there, which is also how we learn that somebody else is. */
  isDue(target: string): boolean;
  /** Throws VAULT_OWNED, and what else says that it is not our vault that is there. */
  run(access: VaultAccess, signal: AbortSignal): Promise<void>;
}

/** While nothing changes we say only this often that we are there: requests are money. */
const RENEW_EVERY_MS = 300_000;

export function createTending({ journal, registry, work, now }: TendingDeps): Tending {
  /** In this life of the daemon: meanwhile a disk may not have been mounted. */
  const seenMs = new Map<string, number>();
  return {
    isDue: (target) =>
      now().getTime() - (seenMs.get(target) ?? 0) >= RENEW_EVERY_MS || !isEmpty(whatIsNew(journal, toldTo(journal, target))),
    async run(access, signal) {
      const news = whatIsNew(journal, toldTo(journal, access.name));
      const { stores, points, deletePoints } = news;
      const nowMs = now().getTime();
      const takeOver = silentAtRecovery(journal).includes(access.name);
      await work.tend(access, { takeOver, installation: registry.installation(), nowMs, stores, points, deletePoints }, signal);
      if (takeOver) noLongerSilent(journal, access.name);
      seenMs.set(access.name, nowMs);
      if (!isEmpty(news)) journal.settings.set(keyOf(access.name), news.told);
    },
  };
}

export const forgetTold = (journal: Journal, target: string): void => journal.settings.set(keyOf(target), null);

const keyOf = (target: string) => `told.${target}`;

const toldTo = (journal: Journal, target: string): Told =>
  journal.settings.get<Told | null>(keyOf(target)) ?? { stores: '', points: {} };

function whatIsNew(journal: Journal, told: Told) {
  const abouts: StoreAbout[] = journal.stores
    .list()
    .map(({ id, app, name, kind, path }) => ({ id, app, store: name, kind, path }));
  const stores = digest(abouts);
  const points = Object.fromEntries(journal.points.list().map((row) => [String(row.number), digest(row.at)]));
  const rows = journal.points.list().filter((row) => told.points[row.number] !== points[row.number]);
  return {
    told: { stores, points },
    stores: stores === told.stores ? [] : abouts,
    points: rows.map(({ operation: _, ...row }): PointAbout => ({ ...row, at: Date.parse(row.at) })),
    deletePoints: Object.keys(told.points)
      .filter((number) => points[number] === undefined)
      .map(Number),
  };
}

const isEmpty = ({ stores, points, deletePoints }: ReturnType<typeof whatIsNew>) =>
  stores.length + points.length + deletePoints.length === 0;

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 12);

/** Targets that did not answer while this home was recovered: their owner is still the machine that was lost. */
const silentAtRecovery = (journal: Journal): readonly string[] => journal.settings.get<Recovered>(RECOVERED)?.silent ?? [];

function noLongerSilent(journal: Journal, target: string): void {
  const recovered = journal.settings.get<Recovered>(RECOVERED);
  if (recovered) journal.settings.set(RECOVERED, { ...recovered, silent: recovered.silent.filter((name) => name !== target) });
}

type Recovered = { readonly silent: readonly string[] };
const RECOVERED = 'recovered';
