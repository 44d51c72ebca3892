import { randomUUID } from 'node:crypto';
import { chown, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { HomeLayout } from '@berth/host';
import type { Journal, TargetRow } from '@berth/journal';
import { LOCAL_TARGET, type TargetCheck } from '@berth/protocol';
import type { Sealer } from '@berth/secrets';
import { createVaultId, type Installation, parseTargetUrl, renderTargetUrl, type VaultAccess } from '@berth/vault';
import { targetExists, targetNotFound, targetRefused } from '../protection-errors.ts';
import type { AddTargetRequest } from '../platform.ts';
import { readTargetKeys, type TargetKey, writeTargetKeys } from './target-keys.ts';
import type { VaultWork } from './vault-work.ts';

export type RegistryDeps = {
  readonly journal: Journal;
  readonly layout: HomeLayout;
  readonly sealer: Sealer;
  readonly work: VaultWork;
  readonly now: () => Date;
};

/** The targets with their keys: in the journal, where they are sealed, and in memory. */
export interface TargetRegistry {
  open(): Promise<void>;
  /** In the order in which they were added, the one in the home first. */
  list(): readonly VaultAccess[];
  find(name: string): VaultAccess | undefined;
  /** Tried out, claimed and kept. Throws TARGET_REFUSED, TARGET_EXISTS and what a vault says. */
  add(request: Omit<AddTargetRequest, 'by'>): Promise<{ access: VaultAccess; checks: readonly TargetCheck[] }>;
  /** The target in the home itself, made if there is none. */
  ensureLocal(): Promise<void>;
  remove(name: string): Promise<void>;
  /** Random, the same for all targets of this platform, wherever it moves. */
  vaultId(): string;
  installation(): Installation;
}

export function createTargetRegistry({ journal, layout, sealer, work, now }: RegistryDeps): TargetRegistry {
  let keys = new Map<string, TargetKey>();

  const toAccess = ({ name, url }: TargetRow): VaultAccess[] => {
    const key = keys.get(name);
    return key ? [{ name, url, dataKey: key.dataKey, ...(key.credentials && { credentials: key.credentials }) }] : [];
  };
  const list = () => {
    const rows = journal.targets.list();
    const isLocal = ({ name }: TargetRow) => name === LOCAL_TARGET;
    return [...rows.filter(isLocal), ...rows.filter((row) => !isLocal(row))].flatMap(toAccess);
  };
  const vaultId = () => remembered(journal, 'vault', () => ({ id: createVaultId() })).id;
  const installation = () => remembered(journal, 'installation', () => ({ id: randomUUID(), host: hostname() }));

  const keep = async (name: string, url: string, key: TargetKey) => {
    const dataKey = await sealer.seal(Buffer.from(key.dataKey).toString('base64'));
    const credentials = key.credentials ? await sealer.seal(JSON.stringify(key.credentials)) : null;
    keys.set(name, key);
    await writeTargetKeys(layout, keys);
    journal.targets.put({ name, url, dataKey, credentials });
  };
  const setUp = async (url: string, { credentials, takeOver }: Pick<AddTargetRequest, 'credentials' | 'takeOver'>) => {
    const place = { url, ...(credentials && { credentials }) };
    const identity = await sealer.identity();
    const request = { vault: vaultId(), identity, installation: installation(), takeOver, nowMs: now().getTime() };
    return { place, ...(await work.setUp(place, request)) };
  };

  return {
    async open() {
      const known = readTargetKeys(layout);
      const rows = journal.targets.list();
      keys = new Map(
        await Promise.all(rows.map(async (row) => [row.name, known.get(row.name) ?? (await unseal(row, sealer))] as const)),
      );
      if (rows.some(({ name }) => !known.has(name)) || known.size !== rows.length) await writeTargetKeys(layout, keys);
    },
    list,
    find: (name) => list().find((access) => access.name === name),
    async add({ url: asked, name: wanted, credentials, takeOver }) {
      const url = renderTargetUrl(parseTargetUrl(asked));
      const rows = journal.targets.list();
      const same = rows.find((row) => row.url === url);
      if (same) throw targetExists(same.name, url);
      const name = wanted ?? freeName(url, rows);
      if (rows.some((row) => row.name === name)) throw targetExists(name, url);
      const report = await work.check({ url, ...(credentials && { credentials }) });
      if (!report.ok) throw targetRefused(url, report.checks);
      const { dataKey } = await setUp(url, { takeOver, ...(credentials && { credentials }) });
      await keep(name, url, { dataKey, ...(credentials && { credentials }) });
      return { access: this.find(name) as VaultAccess, checks: report.checks };
    },
    async ensureLocal() {
      if (journal.targets.find(LOCAL_TARGET)) return;
      const directory = join(layout.home, 'vault');
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const own = process.getuid?.() ?? 0;
      if (own === 0) await chown(directory, 0, 0);
      const url = `dir:${directory}`;
      const { dataKey } = await setUp(url, { takeOver: true });
      await keep(LOCAL_TARGET, url, { dataKey });
    },
    async remove(name) {
      if (!journal.targets.find(name))
        throw targetNotFound(
          name,
          journal.targets.list().map((row) => row.name),
        );
      journal.targets.remove(name);
      keys.delete(name);
      await writeTargetKeys(layout, keys);
    },
    vaultId,
    installation,
  };
}

const remembered = <T>(journal: Journal, key: string, make: () => T): T => {
  const known = journal.settings.get<T>(key);
  if (known !== undefined) return known;
  const made = make();
  journal.settings.set(key, made);
  return made;
};

async function unseal({ name, dataKey, credentials }: TargetRow, sealer: Sealer): Promise<TargetKey> {
  const key = Buffer.from(await sealer.open(`data key of target ${name}`, dataKey), 'base64');
  if (credentials === null) return { dataKey: key };
  const text = await sealer.open(`credentials of target ${name}`, credentials);
  return { dataKey: key, credentials: JSON.parse(text) as NonNullable<TargetKey['credentials']> };
}

/** What people would call it: the bucket, or the last directory. */
function freeName(url: string, rows: readonly TargetRow[]): string {
  const place = parseTargetUrl(url);
  const word = place.kind === 's3' ? place.bucket : (place.path.split('/').findLast(Boolean) ?? 'backup');
  const plain =
    word
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replace(/^[^a-z]+/, '')
      .slice(0, 24) || 'target';
  const taken = new Set(rows.map((row) => row.name)).add(LOCAL_TARGET);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.has(name)) return name;
  }
}
