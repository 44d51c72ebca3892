import type { DescribedLineage } from '@berth/replicate';
import type { StoreRange } from '../store.ts';

/**
 * The stretches of all lineages as one line of time, oldest first: where a lineage was left for another one, the new one counts
 * from then on, as it does for a restore to a moment. Of a stretch of which only some states are left, their number is at most
 * what is told.
 */
export const rangesOf = (lineages: readonly DescribedLineage[]): StoreRange[] => {
  const ordered = lineages.toSorted((a, b) => a.createdAt - b.createdAt);
  const stretches = ordered.flatMap((lineage, index) => {
    const leftAt = ordered[index + 1]?.createdAt ?? Number.POSITIVE_INFINITY;
    return lineage.ranges.map(
      ({ fromAt, toAt, resolution, states }): StoreRange => ({
        fromMs: fromAt,
        toMs: Math.min(toAt, leftAt),
        resolution,
        states,
      }),
    );
  });
  const line: StoreRange[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const fromMs = Math.max(stretch.fromMs, line.at(-1)?.toMs ?? stretch.fromMs);
    if (fromMs <= stretch.toMs) line.push({ ...stretch, fromMs });
  }
  return line;
};
