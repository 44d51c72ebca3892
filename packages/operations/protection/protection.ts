import type { Manifest } from '@berth/core';
import type { PointRow, StoreRow } from '@berth/journal';
import type { StoreStatus, TargetCheck, TargetStatus, TimeLine } from '@berth/protocol';
import type { ProtectedStore, RestoredStore, StoreDriver, StoreMoment, StorePosition } from '@berth/stores';
import type { VaultAccess } from '@berth/vault';
import type { AddTargetRequest } from '../platform.ts';

/** Keeps the data of all apps safe, and brings it back. What operations and clients ask of it; the rest it does by itself. */
export interface Protection {
  /** Knows its targets and follows what is there. Nothing of it waits for a target that does not answer. */
  begin(): Promise<void>;
  /** Once a second: what is due is begun in the background. */
  tick(): void;
  /** What follows the databases goes on, also when this process ends; `stopEverything` can still end it. */
  end(): Promise<void>;
  /** With the whole platform: nothing is followed any more. */
  stopEverything(): Promise<void>;

  /** The stores of a release that is about to serve: those that are new are followed from now on. */
  adopt(manifest: Manifest): Promise<void>;
  /** What is followed becomes what the releases that serve have, and what they are made of is saved. */
  settle(): Promise<void>;

  /** The stores of an app as its serving release has them. */
  stores(app: string): readonly StoreRow[];
  locate(store: StoreRow): Promise<ProtectedStore>;
  driver(kind: StoreRow['kind']): StoreDriver;
  /** What can be read from now: the nearest first. */
  sources(kind: StoreRow['kind'], target?: string): readonly VaultAccess[];

  /** Takes a restore point in milliseconds. `already`: the point is moved to this moment instead of taking another. */
  takePoint(what: NewPoint, already?: number): Promise<TakenPoint>;
  /** The state of this moment, remembered by nobody else. */
  positions(stores: readonly StoreRow[]): Promise<Readonly<Record<string, StorePosition>>>;
  /** The newest state of a store that was safe at a target when last asked, milliseconds since 1970; null where that is not known. */
  safeAt(store: StoreRow, target: string): number | null;
  /** Brings one store back from the nearest source that has the moment. */
  fetch(request: FetchRequest): Promise<FetchedStore>;
  /** Resolves when all that the stores hold now is at every target that answers. */
  secure(stores: readonly StoreRow[], options: { timeoutMs: number; signal?: AbortSignal }): Promise<void>;

  /** Asks at once how everything stands; else it is known from some seconds ago. */
  refresh(): Promise<void>;
  status(app: string): StoreStatus[];
  timeLine(app: string): Promise<TimeLine>;
  targets(): TargetStatus[];
  addTarget(request: AddTargetRequest): Promise<{ target: TargetStatus; checks: readonly TargetCheck[] }>;
  removeTarget(name: string, request: { by: string }): Promise<void>;
  kit(request: { by: string }): Promise<{ kit: string; targets: readonly string[] }>;
}

export type NewPoint = {
  readonly app: string;
  readonly kind: string;
  readonly label: string | null;
  readonly operation: number | null;
};

/** `point` is null where there was nothing to take or it could not be taken; then `reason` says why, or is null for nothing. */
export type TakenPoint = { readonly point: PointRow | null; readonly reason: string | null };

export type FetchRequest = {
  readonly store: StoreRow;
  readonly to: StoreMoment;
  readonly into: string;
  /** Only from this target. */
  readonly target?: string;
  readonly owned: boolean;
  /** All of it from the target itself, nothing from a cache. */
  readonly fresh?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
};

export type FetchedStore = RestoredStore & { readonly target: string };

/** p12 */
export const renderPoint = (number: number): string => `p${number}`;

export const parsePoint = (text: string): number => Number(text.slice(1));
