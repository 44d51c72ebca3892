import type { ClaimedPorts, Fault, HomeLayout, SystemUser } from '@berth/host';
import type { RestoredStore, StoreDriver } from '@berth/stores';
import type { RecoveredPart } from './record.ts';
import type { Installation, Kit, Vault, VaultAccess } from '@berth/vault';

/** All that a recovery works with. */
export type RecoveryDeps = {
  readonly layout: HomeLayout;
  readonly uid: number;
  readonly kit: RecoveryKit;
  /** What this machine is called among the owners of a vault. */
  readonly newInstallation: () => Installation;
  /** Throws where the target does not answer or is not the kit's. */
  readonly openVault: (target: KitTarget) => Promise<Vault>;
  /** The programs that a platform is made of; answers with what was installed for it. */
  readonly bringTools: () => Promise<{ readonly installed: readonly string[]; readonly bytes: number }>;
  /** What has to be read of a store at a target, in bytes; null where that is not known. */
  readonly measure: (
    store: { id: string; kind: 'sqlite' | 'files' },
    from: OpenTarget,
    at: Date | null,
  ) => Promise<number | null>;
  readonly drivers: Readonly<Record<'sqlite' | 'files', Pick<StoreDriver, 'ranges' | 'restore' | 'parts'>>>;
  readonly trees: RecoveryTrees;
  readonly sealer: KeySealer;
  readonly users: RecoveryUsers;
  /** The ports of the home's instances, held until the journal says which of them are given away. */
  readonly claimPorts: () => Promise<ClaimedPorts>;
  readonly now: () => Date;
  readonly fault: Fault;
  readonly report: (event: RecoveryEvent) => void;
};

/** What of a kit a recovery needs. */
export type RecoveryKit = Pick<Kit, 'vault' | 'identity' | 'targets'>;

export type KitTarget = Kit['targets'][number];

/** A target that answered. */
export type OpenTarget = { readonly name: string; readonly access: VaultAccess; readonly vault: Vault };

/** Trees of files at a target, by tag; see vault-names.ts. Of those of the stores, what a recovery needs. */
export interface RecoveryTrees {
  list(access: VaultAccess, options?: { readonly signal?: AbortSignal }): Promise<readonly TreeCopy[]>;
  /** The copy of that moment. `into` does not exist yet; killed at any moment it leaves nothing there, or all of it. */
  restore(
    access: VaultAccess,
    request: {
      readonly tag: string;
      readonly at: number;
      readonly into: string;
      readonly signal?: AbortSignal;
      readonly onProgress?: (fraction: number) => void;
    },
  ): Promise<RestoredStore>;
}

/** `at` in milliseconds since 1970. */
export type TreeCopy = { readonly tag: string; readonly at: number };

/** Seals for the kit's identity, as `createSealer` does with that of a home. */
export type KeySealer = {
  seal(text: string): Promise<Uint8Array>;
  /** `name` is for the error only. */
  open(name: string, sealed: Uint8Array): Promise<string>;
};

/** System users of the new machine; null everywhere when Berth does not run as root. */
export type RecoveryUsers = {
  app(app: string): Promise<SystemUser | null>;
  edge(): Promise<SystemUser | null>;
};

/** What happens, as it happens. */
export type RecoveryEvent =
  | { readonly event: 'target.open'; readonly target: string; readonly url: string }
  | { readonly event: 'target.silent'; readonly target: string; readonly reason: string }
  | { readonly event: 'tools'; readonly installed: readonly string[]; readonly bytes: number; readonly ms: number }
  | { readonly event: 'resumed'; readonly startedAt: string; readonly partsDone: number }
  | { readonly event: 'part.started'; readonly part: string; readonly target: string; readonly bytes: number | null }
  | { readonly event: 'part.progress'; readonly part: string; readonly fraction: number; readonly bytes: number | null }
  | { readonly event: 'part.failed'; readonly part: string; readonly target: string; readonly reason: string }
  | { readonly event: 'part.done'; readonly part: string; readonly result: RecoveredPart }
  | { readonly event: 'claimed'; readonly target: string; readonly from: string | null };
