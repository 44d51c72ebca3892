import type { Commit, Manifest } from '@berth/core';
import type { AppRow } from '@berth/journal';
import type { StorePosition } from '@berth/stores';
import type { StepContext } from '../engine.ts';
import type { Transition } from '../transition.ts';

/** What the steps of one operation tell each other, kept in the journal. */
export type Memory = {
  readonly unchanged?: boolean;
  /** The new release serves: no way back but another operation. */
  readonly committed?: boolean;
  readonly formerApp?: Omit<AppRow, 'name'>;
  readonly target?: number;
  readonly previousRelease?: number | null;
  readonly plan?: Transition;
  /** Instances added beside the old ones, and those started in a handover. */
  readonly started?: readonly string[];
  readonly takenOver?: readonly string[];
  readonly changes?: readonly string[];
  readonly warnings?: readonly string[];
  /** The restore point that this operation took, such as p12. */
  readonly restorePoint?: string;
  /** A restore: which state of which store. */
  readonly wanted?: readonly WantedStore[];
  /** What has come back so far, by name of the store. */
  readonly fetched?: Readonly<
    Record<
      string,
      { readonly target: string; readonly atMs: number; readonly bytes: number; readonly evidence: string; readonly ms: number }
    >
  >;
  /** The command that runs while requests wait was started: data may have changed. */
  readonly heldCommandRan?: boolean;
  /** Stable ports as they were, to be put back. */
  readonly formerAddresses?: Readonly<Record<string, number>>;
};

export type WantedStore = {
  readonly id: string;
  readonly name: string;
  readonly moment: { readonly position: StorePosition } | { readonly at: string };
};

/** What was asked of an operation. */
export type Input = {
  readonly source?: string;
  readonly build?: string;
  readonly commit?: Commit;
  readonly manifest?: Manifest;
  readonly warnings?: readonly string[];
  readonly force?: boolean;
  /** A release. */
  readonly to?: number;
  /** A restore point such as p12. */
  readonly point?: string;
  readonly withData?: boolean;
  readonly at?: string;
  readonly stores?: readonly string[];
  readonly into?: string;
  readonly target?: string;
  readonly label?: string;
  readonly service?: string;
  readonly services?: Readonly<Record<string, number>>;
  readonly purge?: boolean;
};

export const memoryOf = (context: StepContext) => context.memory as Memory;
export const inputOf = (context: StepContext) => context.input as Input;
