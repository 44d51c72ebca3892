import { join } from 'node:path';
import { readJsonIfWhole, writeDurably } from './durable-file.ts';

/** How far one target is with one database, as it is remembered between runs. */
export type TargetProgress = {
  /** The lineage of which it has a snapshot; undefined before the first is complete. */
  readonly lineage?: string;
  /** The newest transaction that is safe there. */
  readonly safeTxid: number;
  /** When that was captured, milliseconds since 1970; undefined before the first. */
  readonly safeAt?: number;
  /** The last segment of the queue that it needs no more. */
  readonly sequence: number;
  readonly snapshotTxid: number;
  /** Milliseconds since 1970. */
  readonly snapshotAt: number;
  /** The right to write that we hold; 0 before the first. */
  readonly epoch: number;
  /** The claim to that epoch, and those that were begun since and of which no answer is known. */
  readonly claims?: readonly string[];
  /** Somebody else took it over. */
  readonly fenced: boolean;
};

export const loadProgress = (directory: string, target: string): TargetProgress => {
  const known = readJsonIfWhole(pathOf(directory, target)) as TargetProgress | null | undefined;
  return known ?? NOTHING;
};

export const saveProgress = (directory: string, target: string, progress: TargetProgress): void => {
  writeDurably(pathOf(directory, target), JSON.stringify(progress));
};

const pathOf = (directory: string, target: string): string => join(directory, `target.${encodeURIComponent(target)}.json`);

const NOTHING: TargetProgress = { safeTxid: 0, sequence: 0, snapshotTxid: 0, snapshotAt: 0, epoch: 0, fenced: false };
