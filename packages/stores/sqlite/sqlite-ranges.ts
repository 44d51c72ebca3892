import type { DescribedLineage } from '@berth/replicate';
import type { StoreRange } from '../store.ts';

/**
 * The stretches of all lineages as one line of time, oldest first: where a lineage was left for another one, the new one counts
 * from then on, as it does for a restore to a moment. Upkeep keeps single transactions from `changesFromMs` on; of what is older
 * and was merged, only some states are left, and their number is at most what is told.
 */
export const rangesOf = (lineages: readonly DescribedLineage[], changesFromMs: number): StoreRange[] => {
  const ordered = lineages.toSorted((a, b) => a.createdAt - b.createdAt);
  const stretches = ordered.flatMap((lineage, index) => {
    const leftAt = ordered[index + 1]?.createdAt ?? Number.POSITIVE_INFINITY;
    return lineage.ranges.flatMap(({ fromAt, toAt }) =>
      cut({ fromMs: fromAt, toMs: Math.min(toAt, leftAt) }, lineage, changesFromMs),
    );
  });
  const line: StoreRange[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const fromMs = Math.max(stretch.fromMs, line.at(-1)?.toMs ?? stretch.fromMs);
    if (fromMs <= stretch.toMs) line.push({ ...stretch, fromMs });
  }
  return line;
};

type Stretch = { readonly fromMs: number; readonly toMs: number };

const cut = ({ fromMs, toMs }: Stretch, { logs, merged, snapshots }: DescribedLineage, changesFromMs: number): StoreRange[] => {
  if (fromMs > toMs) return [];
  const changes = { resolution: 'every-change', states: null } as const;
  const states = { resolution: 'snapshots', states: merged + snapshots } as const;
  if (merged === 0 && logs > 0) return [{ fromMs, toMs, ...changes }];
  if (logs === 0 || changesFromMs > toMs) return [{ fromMs, toMs, ...states }];
  if (changesFromMs <= fromMs) return [{ fromMs, toMs, ...changes }];
  return [
    { fromMs, toMs: changesFromMs, ...states },
    { fromMs: changesFromMs, toMs, ...changes },
  ];
};
