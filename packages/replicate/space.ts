import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { logFileBytes } from './log-file.ts';
import { spaceLow } from './replication/errors.ts';

/** A disk as it is at present. */
export type DiskSpace = { readonly device: number; readonly freeBytes: number; readonly bytes: number };

/** A disk, and what is on it only because of us: segments that wait, and a log that may not begin anew. */
export type DiskUse = {
  readonly directory: string;
  readonly freeBytes: number;
  readonly reserveBytes: number;
  readonly heldBytes: number;
};

/** Sees to it that the application never runs out of disk because of us. */
export interface SpaceWatch {
  /** The disk that has to be left alone; of one that was, a little more is asked before it is used again. */
  short(of: { wasShort: boolean }): DiskUse | undefined;
  /** Throws REPLICATION_SPACE_LOW when a segment of which so much is written already must not become larger. */
  ensureRoom(writtenBytes: number): void;
  /** Whether so much can be written where the segments wait. */
  fits(bytes: number): boolean;
}

export type SpaceWatchParts = {
  readonly stateDirectory: string;
  /** Of the database. */
  readonly path: string;
  /** Undefined: by the size of the disk. */
  readonly reserveBytes: number | undefined;
  readonly queuedBytes: () => number;
  readonly spaceOf: (directory: string) => DiskSpace;
};

/** Of the disk that a directory is on. */
export const diskSpaceOf = (directory: string): DiskSpace => {
  const { bavail, blocks, bsize } = statfsSync(directory);
  return { device: statSync(directory).dev, freeBytes: bavail * bsize, bytes: blocks * bsize };
};

export const createSpaceWatch = ({ stateDirectory, path, queuedBytes, spaceOf, ...parts }: SpaceWatchParts): SpaceWatch => {
  const reserveOf = ({ bytes }: DiskSpace): number => parts.reserveBytes ?? Math.min(bytes / 10, RESERVE_LIMIT_BYTES);
  const useOf = (directory: string, space: DiskSpace, heldBytes: number): DiskUse => ({
    directory,
    freeBytes: space.freeBytes,
    reserveBytes: reserveOf(space),
    heldBytes,
  });

  const uses = (queueBytes: number): DiskUse[] => {
    const logBytes = logFileBytes(`${path}-wal`);
    // So little is held nearly always: then the disks need not even be asked.
    if (queueBytes + logBytes < WORTH_A_LOOK_BYTES) return [];
    const state = spaceOf(stateDirectory);
    if (logBytes === 0) return [useOf(stateDirectory, state, queueBytes)];
    const database = spaceOf(dirname(path));
    if (database.device === state.device) return [useOf(stateDirectory, state, queueBytes + logBytes)];
    return [useOf(stateDirectory, state, queueBytes), useOf(dirname(path), database, logBytes)];
  };

  return {
    short: ({ wasShort }) => uses(queuedBytes()).find((use) => isShort(use, wasShort)),
    ensureRoom(writtenBytes) {
      if (writtenBytes < WORTH_A_LOOK_BYTES) return;
      // The other disk, if there is one, does not become fuller by this.
      const [state] = uses(queuedBytes() + writtenBytes);
      if (state !== undefined && isShort(state, false)) throw spaceLow(state.directory, state.freeBytes);
    },
    fits(bytes) {
      const space = spaceOf(stateDirectory);
      return bytes < space.freeBytes - reserveOf(space);
    },
  };
};

/**
 * Little is free, and a good part of what could be is held by us. A disk that others have filled is no reason to stop protecting
 * what is on it, for as long as that costs next to nothing.
 */
const isShort = ({ freeBytes, reserveBytes, heldBytes }: DiskUse, wasShort: boolean): boolean =>
  freeBytes < reserveBytes * (wasShort ? BACK : 1) && heldBytes > freeBytes * (wasShort ? HELD_SHARE / 2 : HELD_SHARE);

const RESERVE_LIMIT_BYTES = 5e9;
/** Of what is free: less than that is not worth a gap in what can be restored. */
const HELD_SHARE = 1 / 4;
/** What was just made free is not taken at once. */
const BACK = 1.05;
const WORTH_A_LOOK_BYTES = 8 << 20;
