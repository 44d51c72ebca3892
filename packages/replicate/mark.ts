import { planInvalid } from './replication/errors.ts';
import type { SafePoint } from './replication-messages.ts';
import type { Target } from './target.ts';

/** A name for one state of a database, kept at the target beside its lineages. */
export type Mark = { readonly name: string; readonly lineage: string; readonly txid: number; readonly markedAt: number };

/** Stores a mark; one of the same name is replaced. */
export const putMark = async (
  target: Target,
  { id, lineage, txid }: SafePoint,
  mark: { name: string; at: number },
): Promise<void> => {
  const body = JSON.stringify({ format: 1, lineage, txid, markedAt: mark.at });
  await target.put(markName(id, mark.name), Buffer.from(body), {});
};

/** Throws TARGET_OBJECT_MISSING for a name that was never given. */
export const getMark = async (target: Target, database: string, name: string): Promise<Mark> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await target.get(markName(database, name), {})) chunks.push(chunk);
  const { lineage, txid, markedAt } = JSON.parse(Buffer.concat(chunks).toString()) as Mark;
  return { name, lineage, txid, markedAt };
};

/** Lower-case letters, digits and dashes, 64 at most. */
export const checkMarkName = (name: string): void => {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) throw planInvalid(`"${name}" cannot be the name of a mark`);
};

const markName = (database: string, name: string): string => {
  checkMarkName(name);
  return `${database}/marks/${name}`;
};
