import { randomBytes, randomUUID } from 'node:crypto';
import { createSealer, sealTarget, type Target } from '@berth/replicate';
import { recipientOf, unwrap, wrap } from '@berth/secrets';
import { vaultBroken, vaultForeign, vaultKeyRefused, vaultMissing } from './errors.ts';
import { createOwnership, OWNERS } from './ownership.ts';
import { codeOf, DamagedObject, findBytes, findJson, putJson } from './sealed-json.ts';
import type { Vault, VaultHeader } from './vault.ts';
import { deletePoints, putPoint, putStore, readVaultCatalogue } from './vault-catalogue.ts';

export type OpenVaultOptions = {
  /** As it is, not sealed. */
  readonly target: Target;
  /** The home's age identity; asked for only when a key is wrapped or unwrapped. */
  readonly identity: string | (() => Promise<string>);
  /** The id that the vault has to have; any, if nothing is said. A new vault gets it, or a random one. */
  readonly vault?: string;
  /** Makes the vault where there is none, and goes on where making it was broken off. Milliseconds since 1970. */
  readonly create?: { readonly now: number };
  readonly signal?: AbortSignal;
};

/**
 * The vault at a target. Opened by two at once while it does not exist, both have the same one. Other objects at the target are
 * no matter. Throws VAULT_MISSING (without `create`), VAULT_FOREIGN, VAULT_KEY_REFUSED, VAULT_BROKEN.
 */
export const openVault = async (options: OpenVaultOptions): Promise<Vault> => {
  const { target, signal } = options;
  const header = await establishHeader(options);
  if (options.vault !== undefined && header.vault !== options.vault) throw vaultForeign(target.description, header.createdAt);
  const dataKey = (await findKey(options)) ?? (await establishKey(options));
  signal?.throwIfAborted();
  return createVault({ target, id: header.vault, dataKey });
};

/** The same for those who know its id and data key already: nothing is asked of the target. */
export const createVault = ({ target, id, dataKey }: { target: Target; id: string; dataKey: Uint8Array }): Vault => {
  const sealed = sealTarget(target, createSealer({ dataKey }));
  return {
    id,
    dataKey,
    sealed,
    ...createOwnership(sealed),
    putStore: (about, signal) => putStore(sealed, about, signal),
    putPoint: (about, signal) => putPoint(sealed, about, signal),
    deletePoints: (numbers, signal) => deletePoints(sealed, numbers, signal),
    catalogue: (signal) => readVaultCatalogue(sealed, signal),
  };
};

/** Random: the home's, for the vaults at all of its targets. */
export const createVaultId = (): string => randomUUID();

const HEADER = 'vault/header';
const KEY = 'vault/key';
const DATA_KEY_BYTES = 32;

/**
 * First the header, then the key: a vault that was only begun shows whose it is, and whoever has the same id finishes it. Nothing
 * is sealed before the key is there, so a key that is missing beside anything sealed was lost.
 */
const establishHeader = async (options: OpenVaultOptions): Promise<VaultHeader> => {
  const { target, vault, create, signal } = options;
  const found = await findHeader(target, signal);
  if (found !== undefined) return found;
  if (create === undefined) throw vaultMissing(target.description);
  // A header can be made again, for a key that is ours; before anything is written it shall be known that it is.
  await findKey(options);
  const content = { vault: vault ?? createVaultId(), createdAt: create.now };
  await putUnlessThere(() => putJson(target, HEADER, content, { ifAbsent: true, signal }));
  const established = await findHeader(target, signal);
  if (established === undefined) throw vaultBroken(target.description, 'its header is gone as soon as it is written');
  return established;
};

const findHeader = async (target: Target, signal: AbortSignal | undefined): Promise<VaultHeader | undefined> => {
  try {
    const fields = await findJson(target, HEADER, signal);
    if (fields === undefined) return undefined;
    const { vault, createdAt } = fields;
    if (typeof vault !== 'string' || typeof createdAt !== 'number') throw new DamagedObject(HEADER, 'it says not whose it is');
    return { format: 1, vault, createdAt };
  } catch (error) {
    if (error instanceof DamagedObject) throw vaultBroken(target.description, error.message);
    throw error;
  }
};

const findKey = async ({ target, identity, signal }: OpenVaultOptions): Promise<Uint8Array | undefined> => {
  const wrapped = await findBytes(target, KEY, signal);
  if (wrapped === undefined) return undefined;
  const dataKey = await unwrap(wrapped, await resolve(identity)).catch((error: unknown) => {
    throw codeOf(error) === 'SEALED_FOR_ANOTHER' ? vaultKeyRefused(target.description) : error;
  });
  if (dataKey.length !== DATA_KEY_BYTES) throw vaultBroken(target.description, `${KEY} holds something else than a key`);
  return dataKey;
};

const establishKey = async (options: OpenVaultOptions): Promise<Uint8Array> => {
  const { target, identity, create, signal } = options;
  const missing = `${KEY} is not there`;
  if (create === undefined) throw vaultBroken(target.description, missing);
  for await (const { name } of target.list(OWNERS, signal))
    throw vaultBroken(target.description, `${missing}, although ${name} is`);
  const wrapped = await wrap(randomBytes(DATA_KEY_BYTES), await recipientOf(await resolve(identity)));
  await putUnlessThere(() => target.put(KEY, wrapped, { ifAbsent: true, ...(signal && { signal }) }));
  // Never what was just made: another may have been faster, and what cannot be read back is no key.
  const dataKey = await findKey(options);
  if (dataKey === undefined) throw vaultBroken(target.description, `${KEY} is gone as soon as it is written`);
  return dataKey;
};

const putUnlessThere = async (put: () => Promise<void>): Promise<void> => {
  try {
    await put();
  } catch (error) {
    if (codeOf(error) !== 'TARGET_EXISTS') throw error;
  }
};

const resolve = (identity: OpenVaultOptions['identity']): Promise<string> =>
  typeof identity === 'string' ? Promise.resolve(identity) : identity();
