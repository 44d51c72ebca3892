import type { Target } from '@berth/replicate';

/**
 * What lies at a target beside the stores' data. Plain are only `vault/header` (a format, a random id) and the wrapped data key;
 * everything else is sealed.
 *
 *     vault/header               who this vault is
 *     vault/key                  the data key, encrypted with age for the home's identity
 *     vault/owners/<number>      who may write: the highest number
 *     vault/seen                 when the owner was there last; written anew now and then
 *     stores/<id>                what a store is (StoreAbout)
 *     points/<number>            a restore point (PointAbout)
 *     <id>/…                     replicas of databases, see @berth/replicate
 *     tree/first                 the first two objects of the restic repository, as whoever came first made them; made once
 *     tree/…                     the restic repository of all file trees, encrypted by restic
 */
export type VaultHeader = { readonly format: 1; readonly vault: string; readonly createdAt: number };

/** A machine as a vault knows it. */
export type Installation = {
  /** Random, made once for each home, and anew by a recovery. */
  readonly id: string;
  /** Its name for people. */
  readonly host: string;
};

export type Owner = Installation & {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** When it was there last; it may be some minutes ago for one that is alive. */
  readonly seenAt: number;
};

/** What a store is, so that a catalogue can be made from the target alone. */
export type StoreAbout = {
  readonly id: string;
  readonly app: string;
  readonly store: string;
  readonly kind: 'sqlite' | 'files';
  /** File or directory, relative to the directory that the store is given. */
  readonly path: string;
};

/** A restore point as the target remembers it; positions by store id, as their drivers made them. */
export type PointAbout = {
  readonly number: number;
  readonly app: string;
  readonly at: number;
  readonly kind: string;
  readonly label: string | null;
  readonly release: number | null;
  readonly positions: Readonly<Record<string, unknown>>;
};

/** The vault at one target, open. */
export interface Vault {
  readonly id: string;
  /** 32 bytes, unwrapped. */
  readonly dataKey: Uint8Array;
  /** The target with everything sealed: what is put through it can be read with the data key only. */
  readonly sealed: Target;
  /** Null before anybody has claimed it. */
  owner(signal?: AbortSignal): Promise<Owner | null>;
  /** The right to write from now on. Throws VAULT_OWNED where another installation has it, unless `takeOver`. Idempotent. */
  claim(installation: Installation, options: { now: number; takeOver: boolean; signal?: AbortSignal }): Promise<Owner>;
  /** Says that the owner is there. Throws VAULT_OWNED once somebody else has claimed it: nothing may be written any more. */
  renew(installation: Installation, options: { now: number; signal?: AbortSignal }): Promise<void>;
  putStore(about: StoreAbout, signal?: AbortSignal): Promise<void>;
  putPoint(about: PointAbout, signal?: AbortSignal): Promise<void>;
  deletePoints(numbers: readonly number[], signal?: AbortSignal): Promise<void>;
  /** Everything that the target says of itself; what is damaged is left out and named. */
  catalogue(signal?: AbortSignal): Promise<VaultCatalogue>;
}

export type VaultCatalogue = {
  readonly stores: readonly StoreAbout[];
  /** Newest first. */
  readonly points: readonly PointAbout[];
  readonly damaged: readonly string[];
};
