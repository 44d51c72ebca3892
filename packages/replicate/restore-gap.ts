import type { Catalogue, LineageHoldings } from './catalogue.ts';
import { newestLineage, restorableRanges } from './restore-plan.ts';

/** More logs are never on their way to a target at once: so many less one can be there without the one before them. */
export const LOGS_IN_FLIGHT = 4;

/** The newest state that can be reached, behind which lies what was safe once and cannot be reached. */
export type Gap = {
  readonly lineage: string;
  /** The last transaction before it. */
  readonly after: number;
  /** Objects that lie behind it. */
  readonly behind: number;
};

/**
 * Whether something is missing behind the newest state that can be reached, of one lineage or the newest one: so much lies behind
 * it that it cannot be on its way. A listing of what is just being written may miss one of several puts, too: ask again with
 * another.
 */
export const findGap = (catalogue: Catalogue, lineage?: string): Gap | undefined => {
  const id = lineage ?? newestLineage(catalogue)?.id;
  const index = catalogue.lineages.findIndex((each) => each.id === id);
  const holdings = catalogue.lineages[index];
  const after = holdings && restorableRanges(catalogue, holdings.id).at(-1)?.to;
  if (holdings === undefined || after === undefined) return undefined;
  // A lineage is sent with its snapshot first: of a newer one nothing can be restored yet, or nothing any more.
  const newer = lineage === undefined ? catalogue.lineages.slice(index + 1) : [];
  const behind = [countBehind(holdings, after), ...newer.map((each) => countBehind(each, -1))].reduce((sum, each) => sum + each);
  return behind === 0 ? undefined : { lineage: holdings.id, after, behind };
};

/** Zero where all of it may be on its way. A merged segment is made of logs that were safe. */
const countBehind = ({ segments }: LineageHoldings, txid: number): number => {
  const behind = segments.filter(({ minTxid }) => minTxid > txid + 1);
  return behind.length >= LOGS_IN_FLIGHT || behind.some(({ kind }) => kind === 'merged') ? behind.length : 0;
};
