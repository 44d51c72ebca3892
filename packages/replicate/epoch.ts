import { BerthError } from '@berth/core';
import type { Fault } from './fault-windows.ts';
import { epochsPrefix, parseObjectName, renderObjectName } from './object-name.ts';
import type { Target } from './target.ts';

export type EpochClaim = { readonly epoch: number } | { readonly fencedBy: string };

export type EpochClaimant = {
  readonly database: string;
  /** The highest epoch that this state directory remembers, 0 before the first. */
  readonly held: number;
  /** Claims that were written down before they were made, from the one of that epoch on: their answers may have been lost. */
  readonly claims: readonly string[];
  /** The name of this claim, used for nothing else. */
  readonly claim: string;
  readonly owner: string;
  readonly signal: AbortSignal;
  readonly fault: Fault;
};

/**
 * The right to write at a target: whoever created the highest epoch has it. Each process claims one of its own before its first
 * put, so that a copy of this state directory on another machine is told from it. Who remembers an epoch and finds a higher one
 * of somebody else was replaced and stops; who never held any takes over. One listing and one small object per start.
 */
export const claimEpoch = async (target: Target, claimant: EpochClaimant): Promise<EpochClaim> => {
  const { database, held, claims, claim, owner, signal, fault } = claimant;
  let highest = Math.max(held, await highestEpoch(target, database, signal));
  fault('epoch.listed');
  for (;;) {
    const current = renderObjectName({ kind: 'epoch', database, epoch: highest });
    if (highest > held) {
      const found = await readClaim(target, current, signal);
      if (found === claim) return { epoch: highest };
      if (held > 0 && !claims.includes(found)) return { fencedBy: current };
    }
    const name = renderObjectName({ kind: 'epoch', database, epoch: highest + 1 });
    try {
      await target.put(name, Buffer.from(JSON.stringify({ format: 1, owner, claim })), { ifAbsent: true, signal });
      return { epoch: highest + 1 };
    } catch (error) {
      // Somebody was faster, an answer of the target was lost, or its listing was late: see who.
      if (!(error instanceof BerthError && error.code === 'TARGET_EXISTS')) throw error;
    }
    highest += 1;
  }
};

/** Whether an epoch that this process claimed is still the highest: one listing. */
export const checkEpoch = async (
  target: Target,
  { database, held, signal }: { database: string; held: number; signal: AbortSignal },
): Promise<EpochClaim> => {
  const highest = await highestEpoch(target, database, signal);
  // A listing may be a moment late: our own epoch counts although it is not there yet.
  return highest > held ? { fencedBy: renderObjectName({ kind: 'epoch', database, epoch: highest }) } : { epoch: held };
};

const highestEpoch = async (target: Target, database: string, signal: AbortSignal): Promise<number> => {
  let highest = 0;
  for await (const { name } of target.list(epochsPrefix(database), signal)) {
    const parsed = parseObjectName(name);
    if (parsed?.kind === 'epoch') highest = Math.max(highest, parsed.epoch);
  }
  return highest;
};

const readClaim = async (target: Target, name: string, signal: AbortSignal): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await target.get(name, { signal })) chunks.push(chunk);
  const parsed = JSON.parse(Buffer.concat(chunks).toString()) as { claim?: unknown };
  return String(parsed.claim);
};
