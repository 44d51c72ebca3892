import { BerthError } from '@berth/core';
import type { Target } from '@berth/replicate';

/** An object of the vault that cannot be used as it is: not decryptable, not JSON, of a newer format or without what it needs. */
export class DamagedObject extends Error {
  readonly object: string;

  constructor(object: string, why: string) {
    super(`${object} cannot be used: ${why}`);
    this.object = object;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

type PutJson = { readonly ifAbsent?: boolean; readonly signal?: AbortSignal | undefined };

export const putJson = (target: Target, name: string, content: Fields, { ifAbsent = false, signal }: PutJson = {}) =>
  target.put(name, Buffer.from(JSON.stringify({ format: FORMAT, ...content })), { ifAbsent, ...(signal && { signal }) });

/**
 * The fields of an object; undefined if there is none. Throws DamagedObject for what will not become better by asking again;
 * what the target could not do is its own error.
 */
export const findJson = async (target: Target, name: string, signal?: AbortSignal): Promise<Fields | undefined> => {
  const bytes = await findBytes(target, name, signal).catch((error: unknown) => {
    if (codeOf(error) === 'SEAL_BROKEN' || codeOf(error) === 'SEAL_MISSING')
      throw new DamagedObject(name, 'it was changed, cut off, or stored with another key');
    throw error;
  });
  return bytes === undefined ? undefined : parseFields(name, bytes);
};

export const findBytes = async (target: Target, name: string, signal?: AbortSignal): Promise<Buffer | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of await target.get(name, signal ? { signal } : {})) {
      length += chunk.length;
      if (length > MOST_BYTES) throw new DamagedObject(name, `it is larger than ${MOST_BYTES} bytes`);
      // A copy: whoever gave the chunk may use its memory again.
      chunks.push(Uint8Array.from(chunk));
    }
  } catch (error) {
    if (codeOf(error) === 'TARGET_OBJECT_MISSING') return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
};

export const codeOf = (error: unknown): string | undefined => (error instanceof BerthError ? error.code : undefined);

const FORMAT = 1;
/** Far more than any of them has: nothing at a target may fill our memory. */
const MOST_BYTES = 4 * 1024 * 1024;

const parseFields = (name: string, bytes: Buffer): Fields => {
  const value = parseJson(bytes.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DamagedObject(name, 'it is not JSON');
  const fields: Fields = { ...value };
  if (fields['format'] !== FORMAT)
    throw new DamagedObject(name, `it has format ${JSON.stringify(fields['format'])}, which this version does not know`);
  return fields;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
