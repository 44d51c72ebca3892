/** An installation is a list of steps that can each be looked at and made, again and again. */
import { stepUnfinished } from '../errors.ts';

export type InstallStep = {
  readonly name: string;
  readonly title: string;
  /** What is not as it should be, a few words each; nothing when there is nothing to do. Changes nothing. */
  inspect(): Promise<readonly string[]>;
  apply(): Promise<void>;
};

/** How one thing is, at the end. */
export type SeenCheck = { readonly check: string; readonly state: 'ok' | 'wrong' | 'unknown'; readonly says: string };

export type StepState = 'already' | 'done' | 'repaired';

/** A line of `berth server install --json`. The last one has `installed`, or is an error. */
export type InstallEvent =
  | { readonly kind: 'begun'; readonly step: string; readonly title: string }
  | {
      readonly kind: 'ended';
      readonly step: string;
      readonly title: string;
      readonly state: StepState;
      readonly changes: readonly string[];
      readonly ms: number;
    }
  | { readonly kind: 'note'; readonly text: string }
  /** A change that is taken back unless the other side answers over a new connection. */
  | { readonly kind: 'awaiting'; readonly checks: readonly string[] }
  | {
      readonly kind: 'installed';
      readonly id: string;
      readonly version: string;
      readonly checks: readonly SeenCheck[];
      readonly ms: number;
    };

type Running = {
  /** Made here before: what is missing now was taken away since, and is said to be repaired. */
  readonly isKnown: (step: string) => boolean;
  readonly remember: (step: string) => Promise<void>;
  readonly tell: (event: InstallEvent) => void;
  readonly now: () => number;
};

/** Throws what a step throws, and SERVER_STEP_UNFINISHED for one that is not as it should be after it was made. */
export const runSteps = async (steps: readonly InstallStep[], { isKnown, remember, tell, now }: Running): Promise<void> => {
  for (const { name, title, inspect, apply } of steps) {
    const began = now();
    tell({ kind: 'begun', step: name, title });
    const changes = await inspect();
    if (changes.length > 0) {
      await apply();
      const left = await inspect();
      if (left.length > 0) throw stepUnfinished(title, left);
    }
    const state = changes.length === 0 ? 'already' : isKnown(name) ? 'repaired' : 'done';
    await remember(name);
    tell({ kind: 'ended', step: name, title, state, changes, ms: now() - began });
  }
};
