import type { Commit, Manifest } from '@berth/core';
import type { AppRow } from '@berth/journal';
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
  /** Stable ports as they were, to be put back. */
  readonly formerAddresses?: Readonly<Record<string, number>>;
};

/** What was asked of an operation. */
export type Input = {
  readonly source?: string;
  readonly build?: string;
  readonly commit?: Commit;
  readonly manifest?: Manifest;
  readonly warnings?: readonly string[];
  readonly force?: boolean;
  readonly to?: number;
  readonly service?: string;
  readonly services?: Readonly<Record<string, number>>;
  readonly purge?: boolean;
};

export const memoryOf = (context: StepContext) => context.memory as Memory;
export const inputOf = (context: StepContext) => context.input as Input;
