import type { DescribedLineage } from '@berth/replicate';
import type { StoreRange } from '../store.ts';

/**
 * The stretches of all lineages as one line of time, oldest first: where a lineage was left for another one, the new one counts
 * from then on, as it does for a restore to a moment.
 */
export const rangesOf = (lineages: readonly DescribedLineage[]): StoreRange[] => {
  const ordered = lineages.toSorted((a, b) => a.createdAt - b.createdAt);
  const stretches = ordered.flatMap((lineage, index) => {
    const leftAt = ordered[index + 1]?.createdAt ?? Number.POSITIVE_INFINITY;
    return lineage.ranges.flatMap((range) => cut(range, { leftAt, ...keptOf(lineage) }));
  });
  const line: StoreRange[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const fromMs = Math.max(stretch.fromMs, line.at(-1)?.toMs ?? stretch.fromMs);
    if (fromMs <= stretch.toMs) line.push({ ...stretch, fromMs });
  }
  return line;
};

type Stretch = DescribedLineage['ranges'][number];

const cut = ({ fromAt, toAt }: Stretch, { leftAt, ...kept }: Kept & { leftAt: number }): StoreRange[] => {
  const toMs = Math.min(toAt, leftAt);
  return fromAt <= toMs ? [{ fromMs: fromAt, toMs, ...kept }] : [];
};

type Kept = Pick<StoreRange, 'resolution' | 'states'>;

/** Where single transactions are left; without any, what snapshots and merged segments end in. */
const keptOf = ({ logs, merged, snapshots }: DescribedLineage): Kept =>
  logs > 0 ? { resolution: 'every-change', states: null } : { resolution: 'snapshots', states: merged + snapshots };
