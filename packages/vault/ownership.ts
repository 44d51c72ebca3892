import type { Target } from '@berth/replicate';
import { vaultLost, vaultOwned, vaultOwnerUnreadable } from './errors.ts';
import { codeOf, DamagedObject, type Fields, findJson, putJson } from './sealed-json.ts';
import type { Installation, Owner, Vault } from './vault.ts';

/**
 * Who may write: whoever made the owner with the highest number. A number is made once, by one machine. Listings may be late,
 * so behind the highest that is known the next ones are asked for by name.
 */
export const createOwnership = (sealed: Target): Pick<Vault, 'owner' | 'claim' | 'renew'> => {
  let known = 0;

  const findHighest = async (signal?: AbortSignal): Promise<Claim | null> => {
    if (known === 0) known = await highestListed(sealed, signal);
    let found = known === 0 ? undefined : await findClaim(sealed, known, signal);
    for (;;) {
      const next = await findClaim(sealed, known + 1, signal);
      if (next === undefined) return found ?? null;
      found = next;
      known = next.number;
    }
  };

  const refuse = async (claim: Claim, signal: AbortSignal | undefined): Promise<never> => {
    if (claim.owner === undefined) throw vaultOwnerUnreadable(sealed.description);
    throw vaultOwned(sealed.description, await withSeen(sealed, { ...claim.owner, number: claim.number }, signal));
  };

  const stay = async (claim: Claim, { now, signal }: { now: number; signal: AbortSignal | undefined }): Promise<void> => {
    await putJson(sealed, SEEN, { number: claim.number, at: now }, { signal });
  };

  return {
    async owner(signal) {
      const claim = await findHighest(signal);
      if (claim === null) return null;
      if (claim.owner === undefined) throw vaultOwnerUnreadable(sealed.description);
      return withSeen(sealed, { ...claim.owner, number: claim.number }, signal);
    },
    async claim(installation, { now, takeOver, signal }) {
      const before = await findHighest(signal);
      const isOurs = before !== null && isOf(before, installation);
      if (before !== null && !isOurs && !takeOver) await refuse(before, signal);
      if (!isOurs) {
        const { id, host } = installation;
        const name = nameOf((before?.number ?? known) + 1);
        await putJson(sealed, name, { id, host, since: now }, { ifAbsent: true, signal }).catch((error: unknown) => {
          // Somebody was faster, perhaps another process of ours: what is there now tells.
          if (codeOf(error) !== 'TARGET_EXISTS') throw error;
        });
      }
      const claim = await findHighest(signal);
      if (claim === null) throw vaultLost(sealed.description);
      // Consent to take over was given against the owner before, not against one who came at the same moment.
      if (claim.owner === undefined || !isOf(claim, installation)) return refuse(claim, signal);
      await stay(claim, { now, signal });
      return { ...claim.owner, number: claim.number, seenAt: now };
    },
    async renew(installation, { now, signal }) {
      const claim = await findHighest(signal);
      if (claim === null) throw vaultLost(sealed.description);
      if (!isOf(claim, installation)) await refuse(claim, signal);
      await stay(claim, { now, signal });
    },
  };
};

export const OWNERS = 'vault/owners/';
const SEEN = 'vault/seen';

type OwnerRecord = Installation & { readonly since: number };
/** Without an owner: it cannot be read, but it counts. */
type Claim = { readonly number: number; readonly owner: OwnerRecord | undefined };

const nameOf = (number: number): string => `${OWNERS}${String(number).padStart(8, '0')}`;

const isOf = ({ owner }: Claim, { id }: Installation): boolean => owner?.id === id;

const highestListed = async (sealed: Target, signal: AbortSignal | undefined): Promise<number> => {
  let highest = 0;
  for await (const { name } of sealed.list(OWNERS, signal)) {
    const digits = /^\d{8}$/.exec(name.slice(OWNERS.length))?.[0];
    if (digits !== undefined) highest = Math.max(highest, Number(digits));
  }
  return highest;
};

const findClaim = async (sealed: Target, number: number, signal: AbortSignal | undefined): Promise<Claim | undefined> => {
  const fields = await findUndamaged(sealed, nameOf(number), signal);
  if (fields === undefined) return undefined;
  const { id, host, since } = fields ?? {};
  const isRecord = typeof id === 'string' && typeof host === 'string' && typeof since === 'number';
  return { number, owner: isRecord ? { id, host, since } : undefined };
};

/** Of another owner's time it says nothing; damaged neither. */
const withSeen = async (sealed: Target, owner: OwnerRecord & { number: number }, signal?: AbortSignal): Promise<Owner> => {
  const { number, at } = (await findUndamaged(sealed, SEEN, signal)) ?? {};
  return { ...owner, seenAt: number === owner.number && typeof at === 'number' ? Math.max(at, owner.since) : owner.since };
};

/** null: there, but damaged. */
const findUndamaged = async (sealed: Target, name: string, signal?: AbortSignal): Promise<Fields | null | undefined> => {
  try {
    return await findJson(sealed, name, signal);
  } catch (error) {
    if (error instanceof DamagedObject) return null;
    throw error;
  }
};
