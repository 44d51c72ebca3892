import { BerthError } from '@berth/core';
import { epochsPrefix, parseObjectName, renderObjectName } from './object-name.ts';
import type { Target } from './target.ts';

export type EpochClaim = { readonly epoch: number } | { readonly fencedBy: string };

/**
 * The right to write at a target: whoever created the highest epoch has it. A replicator that held one and finds a higher one was
 * replaced and stops; one that never held any takes over. `held` is 0 for the latter.
 */
export const claimEpoch = async (
  target: Target,
  { database, held, owner, signal }: { database: string; held: number; owner: string; signal: AbortSignal },
): Promise<EpochClaim> => {
  for (;;) {
    let highest = 0;
    for await (const { name } of target.list(epochsPrefix(database), signal)) {
      const parsed = parseObjectName(name);
      if (parsed?.kind === 'epoch') highest = Math.max(highest, parsed.epoch);
    }
    // A listing may be a moment late: our own epoch counts although it is not there yet.
    if (held > 0 && highest <= held) return { epoch: held };
    const current = renderObjectName({ kind: 'epoch', database, epoch: highest });
    if (highest > 0 && (await readOwner(target, current, signal)) === owner) return { epoch: highest };
    if (held > 0) return { fencedBy: current };
    const name = renderObjectName({ kind: 'epoch', database, epoch: highest + 1 });
    try {
      await target.put(name, Buffer.from(JSON.stringify({ format: 1, owner })), { ifAbsent: true, signal });
      return { epoch: highest + 1 };
    } catch (error) {
      // Somebody was faster, or an answer of the target was lost: see who.
      if (!(error instanceof BerthError && error.code === 'TARGET_EXISTS')) throw error;
    }
  }
};

const readOwner = async (target: Target, name: string, signal: AbortSignal): Promise<unknown> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await target.get(name, { signal })) chunks.push(chunk);
  const parsed = JSON.parse(Buffer.concat(chunks).toString()) as { owner?: unknown };
  return parsed.owner;
};
