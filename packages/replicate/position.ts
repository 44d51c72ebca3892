import { join } from 'node:path';
import { readJsonIfWhole, writeDurably } from './durable-file.ts';
import type { Fault } from './fault-windows.ts';
import type { Lineage } from './lineage.ts';
import type { WalPosition } from './wal-format.ts';

/** How far a database was captured. What it says is safe in local segments, or at the targets already. */
export type Position = {
  readonly format: 1;
  readonly lineage: Lineage;
  /** Of the database file, to notice that it was replaced while nobody looked. */
  readonly inode: number;
  readonly txid: number;
  /** The last segment of the queue that was stored: what is numbered higher was not finished. */
  readonly sequence: number;
  /** The first state of the lineage; its segments begin behind it. */
  readonly firstTxid: number;
  readonly pageSize: number;
  readonly pages: number;
  /** Of the whole state after `txid`. */
  readonly checksum: string;
  /** What the next segment has to say as its `previous`. */
  readonly link: string;
  /** Capture time of `txid`, ms since 1970; later ones are never before it. */
  readonly at: number;
  /** The end of `txid` in the log; undefined when the log was empty and any log may follow. */
  readonly log?: WalPosition;
};

export const loadPosition = (directory: string): Position | undefined => {
  const parsed = readJsonIfWhole(join(directory, FILE)) as Position | null | undefined;
  return parsed?.format === 1 ? parsed : undefined;
};

/** After this a checkpoint may pass what the position covers: nothing in the log before it is needed any more. */
export const savePosition = (directory: string, position: Position, fault: Fault): void => {
  fault('position.save');
  writeDurably(join(directory, FILE), JSON.stringify(position));
  fault('position.saved');
};

const FILE = 'position.json';
