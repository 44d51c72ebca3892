import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Manifest } from '@berth/core';
import type { HomeLayout, SystemUser } from '@berth/host';
import { storePath } from './launch.ts';

export type Owners = { readonly app: SystemUser | null; readonly edge: SystemUser | null };

/**
 * An app's directories, each with the least that works: others may pass but not look; its own user writes to its home and
 * its stores alone; the edge reads the stores that a route serves. Idempotent.
 */
export async function ensureAppDirectories(layout: HomeLayout, app: string, owners: Owners): Promise<void> {
  const paths = layout.app(app);
  for (const path of [paths.root, paths.builds, paths.stores, paths.secrets]) await ensure(path, 0o711, null);
  await ensure(paths.logs, 0o700, null);
  await ensure(paths.home, 0o700, owners.app);
  await ensure(layout.publicOf(app), 0o755, null);
}

/** The stores that a manifest names. What is in them is never touched. */
export async function ensureStores(layout: HomeLayout, manifest: Manifest, owners: Owners): Promise<void> {
  const served = servedStores(manifest);
  for (const store of manifest.stores) {
    const path = storePath(layout, manifest, store.name);
    const directory = join(layout.app(manifest.app).stores, store.name);
    const isServed = served.has(store.name);
    await ensure(directory, isServed ? 0o750 : 0o700, owners.app, isServed ? owners.edge : null);
    await ensureBelow(directory, store.kind === 'files' ? path : dirname(path), owners.app);
  }
}

const servedStores = (manifest: Manifest) =>
  new Set(
    manifest.routes.flatMap(({ paths }) =>
      paths.flatMap(({ to }) => (to.kind === 'files' && to.root.from === 'store' ? [to.root.store] : [])),
    ),
  );

/** It has its owner before it has its name: one that is there is taken for the app's own, and left as it is. */
async function ensureBelow(top: string, path: string, owner: SystemUser | null): Promise<void> {
  if (path === top || !path.startsWith(`${top}/`)) return;
  await ensureBelow(top, dirname(path), owner);
  if (existsSync(path)) return;
  const making = `${path}.being-made`;
  await mkdir(making, { recursive: true, mode: 0o755 });
  if (owner) await chown(making, owner.uid, owner.gid);
  await rename(making, path);
}

async function ensure(path: string, mode: number, owner: SystemUser | null, group: SystemUser | null = null): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  await chmod(path, mode);
  if (owner) await chown(path, owner.uid, group?.gid ?? owner.gid);
}
