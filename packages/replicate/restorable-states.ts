import type { LineageHoldings } from './catalogue.ts';
import type { TxidRange } from './restore-plan.ts';

/**
 * Which of the states in a restorable range can be restored, as stretches of neighbours, oldest first: each transaction of a log
 * that leads on from a state, of a merged segment only its end.
 */
export const restorableStates = ({ snapshots, segments }: Pick<LineageHoldings, 'snapshots' | 'segments'>, range: TxidRange) => {
  const isIn = (txid: number): boolean => txid >= range.from && txid <= range.to;
  // Whatever the range begins with can be restored.
  const bases = [range.from, ...snapshots.map(({ maxTxid }) => maxTxid).filter(isIn)];
  const found = bases.toSorted((a, b) => a - b).map((txid): Stretch => ({ from: txid, to: txid }));
  // By their first transaction: what a segment can go on from has been found when its turn comes.
  for (const { kind, minTxid, maxTxid } of segments) {
    if (minTxid > range.to || maxTxid < range.from) continue;
    const entry = firstAtOrBehind(found, minTxid - 1);
    if (entry === undefined || entry >= maxTxid) continue;
    add(found, { from: kind === 'log' ? entry : maxTxid, to: maxTxid });
  }
  return joined(found);
};

type Stretch = { from: number; to: number };

const firstAtOrBehind = (found: readonly Stretch[], txid: number): number | undefined => {
  const index = found.findLastIndex(({ to }) => to < txid) + 1;
  const next = found[index];
  return next && Math.max(next.from, txid);
};

/** Nearly always at the end. What overlaps is put together, so that both ends only ever grow. */
const add = (found: Stretch[], { from, to }: Stretch): void => {
  const index = found.findLastIndex((each) => each.to < from) + 1;
  let end = index;
  const grown = { from, to };
  for (let next = found[end]; next !== undefined && next.from <= to; next = found[end]) {
    grown.from = Math.min(grown.from, next.from);
    grown.to = Math.max(grown.to, next.to);
    end += 1;
  }
  found.splice(index, end - index, grown);
};

const joined = (found: readonly Stretch[]): TxidRange[] => {
  const all: Stretch[] = [];
  for (const { from, to } of found) {
    const last = all.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
};
