import type { ReplicationOptions, ReplicationPlan } from './replication-messages.ts';

/** The options with every default filled in. */
export type ReplicationSettings = Required<Omit<ReplicationOptions, 'diskReserveBytes'>> & {
  /** Undefined: by the size of the disk. */
  readonly diskReserveBytes: number | undefined;
};

export const settingsOf = ({ options = {}, targets }: ReplicationPlan): ReplicationSettings => ({
  intervalMs: targets.every(({ kind }) => kind === 'directory') ? 250 : 1000,
  segmentBytes: 8 << 20,
  coalesceBytes: 32 << 20,
  checkpointFrames: 1000,
  checkpointEveryMs: 60_000,
  barrierTailBytes: 256 << 10,
  truncateLogBytes: 64 << 20,
  copyInProcessBytes: 64 << 20,
  hardLogBytes: 1 << 30,
  snapshotEveryMs: 24 * 3_600_000,
  queueBytes: 4 * 2 ** 30,
  whenParentDies: 'stop',
  diskReserveBytes: undefined,
  ...options,
});
