/** A way in which the replicator could be wrong, and the windows that give the mistake time to show. */
export type Mutant = {
  readonly name: string;
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  /** As for REPLICATE_FAULTS. */
  readonly windows: string;
};

export const MUTANTS: readonly Mutant[] = [];
