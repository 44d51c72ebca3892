import { BerthError } from '@berth/core';
import type { Catalogue, Holding } from './catalogue.ts';
import { findRestorePlan, type RestorePlan, type RestoreRequest } from './restore-point.ts';
import { planRestoreSteps, type RestoreStep } from './restore-plan.ts';
import { BranchesMixedError, isUnusable, ObjectUnusableError } from './restored-state.ts';
import type { Target } from './target.ts';
import { findVerifiedChain } from './verified-chain.ts';

/** The ways to one state, best first; what is found unusable on one is not part of the next. */
export interface RestoreWays {
  readonly damaged: readonly string[];
  readonly forked: readonly string[];
  /** Of the first plan. Damaged snapshots and merged segments are passed by where something else leads to what they hold. */
  first(): Promise<RestorePlan>;
  /** Another way to the same state after `failed`; throws its cause where there is none. */
  next(plan: RestorePlan, failed: unknown): Promise<RestorePlan>;
}

export const createRestoreWays = (target: Target, whole: Catalogue, request: RestoreRequest): RestoreWays => {
  const damaged = new Set<string>();
  const untold = whole.damaged ?? [];
  let catalogue = whole;
  let forked: readonly string[] = [];
  let hasFollowedLinks = false;
  let original: unknown;

  const leaveOut = (name: string): void => {
    damaged.add(name);
    catalogue = without(catalogue, name);
  };

  const otherSteps = async (plan: RestorePlan, failed: unknown): Promise<Pick<RestorePlan, 'txid' | 'steps'> | undefined> => {
    if (failed instanceof ObjectUnusableError) {
      if (damaged.has(failed.object) || damaged.size >= UNUSABLE_LIMIT) return undefined;
      leaveOut(failed.object);
      return planRestoreSteps(catalogue, plan);
    }
    if (hasFollowedLinks) return undefined;
    hasFollowedLinks = true;
    const { lineage, txid } = plan;
    const to = request.to === 'latest' ? 'latest' : txid;
    const chain = await findVerifiedChain(target, catalogue, { lineage, to, signal: request.signal });
    // A break where nobody else wrote is damage: an earlier state in the place of the newest would only hide it.
    if (chain === undefined || (chain.txid < txid && !chain.isForked)) return undefined;
    for (const name of chain.damaged) leaveOut(name);
    forked = chain.forked;
    return chain;
  };

  return {
    get damaged() {
      return [...untold, ...damaged];
    },
    get forked() {
      return forked;
    },
    async first() {
      for (;;) {
        try {
          return await findRestorePlan(target, catalogue, request);
        } catch (thrown) {
          const holding = isUnusable(thrown) ? namedIn(catalogue, thrown) : undefined;
          if (holding === undefined || !isReplaceable(catalogue, holding)) throw thrown;
          leaveOut(holding.name);
        }
      }
    },
    async next(plan, failed) {
      if (!(failed instanceof ObjectUnusableError || failed instanceof BranchesMixedError)) throw failed;
      original ??= failed.cause;
      const other = await otherSteps(plan, failed);
      if (other === undefined) throw original;
      return { ...plan, txid: other.txid, steps: other.steps, bytes: bytesOf(other.steps) };
    },
  };
};

/** With another's key nothing is usable: that need not be tried with every snapshot. */
const UNUSABLE_LIMIT = 50;

const namedIn = ({ lineages }: Catalogue, { fields }: BerthError): Holding | undefined =>
  lineages.flatMap(({ snapshots, segments }) => [...snapshots, ...segments]).find(({ name }) => name === fields?.['name']);

/** What it holds can be reached without it: no state is passed over in silence. */
const isReplaceable = (catalogue: Catalogue, { name, kind, lineage, maxTxid }: Holding): boolean =>
  kind !== 'log' && planRestoreSteps(without(catalogue, name), { lineage, txid: maxTxid }) !== undefined;

const without = (catalogue: Catalogue, name: string): Catalogue => ({
  ...catalogue,
  lineages: catalogue.lineages.map((lineage) => ({
    ...lineage,
    snapshots: lineage.snapshots.filter((holding) => holding.name !== name),
    segments: lineage.segments.filter((holding) => holding.name !== name),
  })),
});

const bytesOf = (steps: readonly RestoreStep[]): number => steps.reduce((sum, { holding }) => sum + holding.bytes, 0);
