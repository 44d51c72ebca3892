import type { TargetCheck } from '@berth/protocol';
import type { Installation, PointAbout, StoreAbout, VaultAccess } from '@berth/vault';

/** What is done at targets in processes of its own: nothing of it runs on the daemon's thread, or loads a library into it. */
export interface VaultWork {
  /** Tries a target out. Throws only when that cannot be done at all. */
  check(place: Place, signal?: AbortSignal): Promise<{ readonly ok: boolean; readonly checks: readonly TargetCheck[] }>;
  /** Opens the vault at a target, or makes it, and claims it. Answers with its data key. */
  setUp(place: Place, request: SetUp, signal?: AbortSignal): Promise<{ readonly dataKey: Uint8Array }>;
  /** Deletes all that a target holds of a database. */
  erase(access: VaultAccess, id: string, signal: AbortSignal): Promise<void>;
  /** Says that we are there, and brings what the target says of itself up to date. Throws VAULT_OWNED. */
  tend(access: VaultAccess, request: Tending, signal?: AbortSignal): Promise<void>;
}

export type Place = Pick<VaultAccess, 'url' | 'credentials'>;

export type SetUp = {
  readonly vault: string;
  /** The home's age identity. */
  readonly identity: string;
  readonly installation: Installation;
  readonly takeOver: boolean;
  readonly nowMs: number;
};

export type Tending = {
  /** The owner there is the machine that was lost: a recovery could not tell it, as the target was silent. */
  readonly takeOver: boolean;
  readonly installation: Installation;
  readonly nowMs: number;
  readonly stores: readonly StoreAbout[];
  readonly points: readonly PointAbout[];
  readonly deletePoints: readonly number[];
};
