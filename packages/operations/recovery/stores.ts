import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Manifest } from '@berth/core';
import type { StoreRow } from '@berth/journal';
import type { ProtectedStore } from '@berth/stores';
import { ensureAppDirectories, ensureStores, type Owners } from '../app-directories.ts';
import { storePath } from '../launch.ts';
import { bringBack, findCopies } from './copies.ts';
import type { RecoveryDeps } from './deps.ts';
import { type InTurn, labelOf, type PartResult } from './parts.ts';
import { type FoundTargets, say } from './targets.ts';

export type StoreWork = {
  readonly row: StoreRow;
  readonly manifest: Manifest;
  readonly owners: Owners;
  readonly targets: FoundTargets;
  readonly at: Date | null;
  /** For what concerns all stores of an app: their directories may lie in each other's way. */
  readonly inTurn: InTurn;
  readonly signal?: AbortSignal | undefined;
};

/** Brings one store back to its place. Throws only what makes it worth to run the recovery again. */
export async function recoverStore(deps: RecoveryDeps, work: StoreWork): Promise<PartResult> {
  const { row, manifest, owners, targets, at, signal, inTurn } = work;
  const { layout } = deps;
  const part = { what: 'store' as const, app: row.app, name: row.name };
  const absent = { target: null, at: null, bytes: null };
  const place = storePath(layout, manifest, row.name);
  const store: ProtectedStore = { id: row.id, path: place, owner: owners.app, snapshotEveryMs: 0 };
  const asked = { kind: row.kind, store, at, signal };
  const { copies, silent } = await findCopies(deps, targets.open, asked);
  if (copies.length === 0) {
    const unknown = [...targets.silent, ...silent];
    if (unknown.length > 0)
      return { ...part, ...absent, outcome: 'lost', note: `it is at no target that answers; ${say(unknown)}` };
    return { ...part, ...absent, outcome: 'nothing', note: `no target has ever had any of it${at === null ? '' : ' by then'}` };
  }
  await ensureAppDirectories(layout, row.app, owners);
  const scratch = join(layout.app(row.app).stores, `.recovering-${row.id}`);
  const into = join(scratch, row.kind === 'sqlite' ? basename(place) : 'files');
  const clear = async () => {
    await rm(scratch, REMOVE);
    await mkdir(scratch, { mode: 0o700 });
  };
  const bytes = copies[0] ? await deps.measure(row, copies[0].target, at).catch(() => null) : null;
  const brought = await bringBack(deps, copies, { ...asked, part: labelOf(part), into, bytes, clear });
  if (brought.outcome === 'failed') {
    await rm(scratch, REMOVE);
    const also = silent.length > 0 ? `; ${say(silent)}` : '';
    return { ...part, ...absent, outcome: 'lost', note: `${brought.reasons.join('; ')}${also}` };
  }
  deps.fault(`recover.store:${row.id}.fetched`);
  await inTurn(async () => {
    await ensureStores(layout, manifest, owners);
    await putInPlace(deps, { row, from: into, to: place, owners });
    // The directory at the top may be what was brought back: its owner and mode are the platform's.
    await ensureStores(layout, manifest, owners);
  });
  await rm(scratch, REMOVE);
  const { restored, target } = brought;
  const moment = new Date(restored.atMs).toISOString();
  return { ...part, outcome: 'recovered', target, at: moment, bytes: restored.bytes, note: restored.evidence };
}

/** A program that a killed attempt had started may still be writing there for a moment. */
export const REMOVE = { recursive: true, force: true, maxRetries: 10, retryDelay: 200 } as const;

type Exchange = {
  readonly row: StoreRow;
  readonly from: string;
  readonly to: string;
  readonly owners: Owners;
};

/** Nothing runs in a home that is being recovered: what lies there is of a former attempt, or an empty directory. */
async function putInPlace({ drivers }: RecoveryDeps, { row, from, to, owners }: Exchange): Promise<void> {
  const { parts } = drivers[row.kind];
  for (const old of parts(to)) await rm(old, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true });
  const targets = parts(to);
  for (const [index, part] of parts(from).entries()) {
    const goal = targets[index];
    if (goal === undefined || !existsSync(part)) continue;
    if (owners.app) await chown(part, owners.app.uid, owners.app.gid);
    await rename(part, goal);
  }
}
