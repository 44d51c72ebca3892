import { hostname } from 'node:os';
import type { Journal } from '@berth/journal';
import { LOCAL_TARGET, type WrittenKit } from '@berth/protocol';
import type { Sealer } from '@berth/secrets';
import { renderKit } from '@berth/vault';
import { noTargetForKit } from '../protection-errors.ts';
import type { TargetRegistry } from './target-registry.ts';

export type KitDeps = {
  readonly journal: Journal;
  readonly registry: TargetRegistry;
  readonly sealer: Sealer;
  readonly version: string;
  readonly now: () => Date;
};

/** All that a new machine needs to bring this one back. Throws KIT_NO_TARGET: what is in the home goes with the home. */
export async function writeKit({
  journal,
  registry,
  sealer,
  version,
  now,
}: KitDeps): Promise<{ kit: string; targets: string[] }> {
  const away = registry.list().filter(({ name }) => name !== LOCAL_TARGET);
  if (away.length === 0) throw noTargetForKit();
  const kit = renderKit({
    format: 1,
    vault: registry.vaultId(),
    identity: await sealer.identity(),
    createdAt: now().toISOString(),
    host: hostname(),
    berth: version,
    targets: away.map(({ name, url, credentials }) => ({ name, url, ...(credentials && { credentials }) })),
  });
  const targets = away.map(({ name }) => name);
  journal.settings.set(KIT, { at: now().toISOString(), targets } satisfies WrittenKit);
  return { kit, targets };
}

/** What is known of the newest kit; where it is only its owner knows. */
export const lastKit = (journal: Journal): WrittenKit | null => journal.settings.get<WrittenKit>(KIT) ?? null;

const KIT = 'kit';
