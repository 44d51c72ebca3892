import type { Manifest } from '@berth/core';
import type { Journal, ReleaseRow, StoreRow } from '@berth/journal';

/** What an app had, as the journal says: all that is to come back of it. */
export type AppScope = {
  readonly app: string;
  readonly state: 'new' | 'running' | 'stopped';
  readonly release: ReleaseRow | null;
  /** Releases whose builds are wanted, the serving one first; with the same build several can be. */
  readonly kept: readonly ReleaseRow[];
  readonly stores: readonly StoreRow[];
  /** In the manifest, but never protected: they begin empty. */
  readonly unprotected: readonly string[];
};

export function readScope(journal: Journal): readonly AppScope[] {
  return journal.apps.list().map(({ name, state, release: number, previous }) => {
    const releases = journal.releases.list(name);
    const find = (wanted: number | null) => releases.filter((it) => it.number === wanted);
    const others = releases.filter((it) => it.state === 'good' && it.number !== number && it.number !== previous);
    const release = find(number)[0] ?? null;
    const stores = release === null ? [] : journal.stores.list(name).filter((it) => isOf(it, release.manifest));
    return {
      ...{ app: name, state, release, stores },
      kept: [...find(number), ...find(previous).filter((it) => it.state === 'good'), ...others],
      unprotected: (release?.manifest.stores ?? []).map((it) => it.name).filter((it) => !stores.some((row) => row.name === it)),
    };
  });
}

/** A store that no release has any more stays where it is: at the targets. */
const isOf = ({ name, kind, goneAt }: StoreRow, manifest: Manifest): boolean =>
  goneAt === null && manifest.stores.some((store) => store.name === name && store.kind === kind);
