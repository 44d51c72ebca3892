import { isLineageId, renderObjectName } from './object-name.ts';
import { segmentDamaged, segmentSealed } from './errors.ts';
import { SEAL_MAGIC } from './segment-format.ts';
import type { Target } from './target.ts';

/** An unbroken history of one database. A restore in place, or another machine taking over, begins a new one. */
export type Lineage = {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** What it continued; absent for the first. Transactions of this lineage are numbered from `txid + 1` on. */
  readonly parent?: { readonly lineage: string; readonly txid: number };
};

/** Writes the object that tells of a lineage. Throws TARGET_EXISTS if there is one already. */
export const putLineage = async (target: Target, database: string, lineage: Lineage, signal?: AbortSignal): Promise<void> => {
  const name = renderObjectName({ kind: 'lineage', database, lineage: lineage.id });
  const { id: _, ...rest } = lineage;
  await target.put(name, Buffer.from(JSON.stringify({ format: 1, ...rest })), { ifAbsent: true, ...(signal && { signal }) });
};

export const getLineage = async (target: Target, database: string, id: string, signal?: AbortSignal): Promise<Lineage> => {
  const name = renderObjectName({ kind: 'lineage', database, lineage: id });
  const chunks: Uint8Array[] = [];
  for await (const chunk of await target.get(name, signal ? { signal } : {})) chunks.push(chunk);
  const json = Buffer.concat(chunks).toString('latin1');
  if (json.startsWith(SEAL_MAGIC)) throw segmentSealed(name);
  return parseLineage(json, { id, name });
};

const parseLineage = (json: string, { id, name }: { id: string; name: string }): Lineage => {
  let parsed: { createdAt?: unknown; parent?: { lineage?: unknown; txid?: unknown } };
  try {
    parsed = JSON.parse(json) as typeof parsed;
  } catch (cause) {
    throw segmentDamaged(name, 'it is no JSON', cause);
  }
  const { createdAt, parent } = parsed;
  if (typeof createdAt !== 'number') throw segmentDamaged(name, 'it does not say when the lineage began');
  if (parent === undefined) return { id, createdAt };
  if (typeof parent.lineage !== 'string' || !isLineageId(parent.lineage) || !Number.isSafeInteger(parent.txid))
    throw segmentDamaged(name, 'it does not say what the lineage continues');
  return { id, createdAt, parent: { lineage: parent.lineage, txid: Number(parent.txid) } };
};
