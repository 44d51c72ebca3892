import type { Keeping } from '../store.ts';
import type { Tree } from './trees.ts';

/**
 * Which copies of one tree may go: not those of the last `everythingMs`, the last of each hour and of each day as far back as is
 * asked for, those that a pinned moment would bring back, and never the newest, complete or not. Times in milliseconds since 1970.
 */
export const planForget = (
  trees: readonly Tree[],
  { keep, pins, now }: { keep: Keeping; pins: readonly number[]; now: number },
): readonly Tree[] => {
  const byAge = trees.toSorted((a, b) => a.at - b.at);
  const kept = new Set<Tree | undefined>([byAge.at(-1), byAge.findLast(({ isComplete }) => isComplete)]);
  for (const pin of pins) kept.add(chooseTree(byAge, pin));
  for (const [bucket, inBucket] of Map.groupBy(byAge, ({ at }) => bucketOf(at, keep, now))) {
    if (bucket === 'gone') continue;
    if (bucket === 'each') for (const tree of inBucket) kept.add(tree);
    else kept.add(inBucket.findLast(({ isComplete }) => isComplete) ?? inBucket.at(-1));
  }
  return byAge.filter((tree) => !kept.has(tree));
};

/** The copy of that very moment, or the last one before it; oldest first is asked for. */
export const chooseTree = (trees: readonly Tree[], at: number): Tree | undefined =>
  // Of several that claim one moment a complete one, and of those the first, which was begun nearest to it.
  trees.find((tree) => tree.at === at && tree.isComplete) ?? trees.findLast((tree) => tree.at <= at);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const bucketOf = (at: number, keep: Keeping, now: number): string => {
  if (at >= now - keep.everythingMs) return 'each';
  if (at >= now - keep.hourlyMs) return `hour ${Math.floor(at / HOUR_MS)}`;
  if (at >= now - keep.dailyMs) return `day ${Math.floor(at / DAY_MS)}`;
  return 'gone';
};
