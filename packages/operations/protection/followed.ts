import { join } from 'node:path';
import { DEFAULT_BACKUP_POLICY, type Manifest } from '@berth/core';
import type { HomeLayout } from '@berth/host';
import type { Journal, StoreRow } from '@berth/journal';
import type { ProtectedStore } from '@berth/stores';
import type { Users } from '../steps/deps.ts';
import { PLATFORM_STORE } from './vault-names.ts';

export type FollowedDeps = { readonly journal: Journal; readonly layout: HomeLayout; readonly users: Users };

/** Where a store is, and what its driver has to know of it. */
export async function locateStore({ journal, layout, users }: FollowedDeps, store: StoreRow): Promise<ProtectedStore> {
  return {
    id: store.id,
    path: join(layout.app(store.app).stores, store.name, store.path),
    owner: await users.app(store.app),
    snapshotEveryMs: backupPolicy(journal, store.app).filesEveryMs,
  };
}

/** The platform's own journal. */
export const platformStore = ({ layout }: Pick<FollowedDeps, 'layout'>): ProtectedStore => ({
  id: PLATFORM_STORE,
  path: layout.journal,
  owner: null,
  snapshotEveryMs: 0,
});

/** Of the release that serves. */
export function backupPolicy(journal: Journal, app: string): Manifest['backup'] {
  const release = journal.apps.find(app)?.release ?? null;
  return release === null ? DEFAULT_BACKUP_POLICY : journal.releases.get(app, release).manifest.backup;
}

/** Rows for all that a manifest names; a file that moves is followed where it was until the release serves. */
export function adoptStores(journal: Journal, manifest: Manifest): void {
  for (const { name, kind, path } of manifest.stores) journal.stores.ensure({ app: manifest.app, name, kind, path });
}

/** Rows as the serving releases have them. What no release has any more is not followed, and kept at the targets. */
export function settleStores(journal: Journal): void {
  journal.transaction(() => {
    for (const row of journal.stores.list()) {
      const release = journal.apps.find(row.app)?.release ?? null;
      const isDeploying = journal.operations.open().some(({ app }) => app === row.app);
      const declared =
        release === null ? undefined : journal.releases.get(row.app, release).manifest.stores.find((it) => isSame(it, row));
      if (declared === undefined) {
        if (!isDeploying) journal.stores.markGone(row.id);
      } else {
        journal.stores.ensure({ app: row.app, ...declared });
        if (declared.path !== row.path) journal.stores.setPath(row.id, declared.path);
      }
    }
  });
}

const isSame = (declared: Manifest['stores'][number], row: StoreRow) => declared.name === row.name && declared.kind === row.kind;
