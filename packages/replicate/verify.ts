import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCatalogue } from './catalogue.ts';
import { removeLeftovers } from './leftovers.ts';
import type { RestoreTo } from './restore-point.ts';
import { restorableRanges, type TxidRange } from './restore-plan.ts';
import { restore, type RestoreResult } from './restore.ts';
import { type Sealer, sealTarget } from './seal.ts';
import { readSegmentHeader } from './segment-reader.ts';
import type { Target } from './target.ts';

export type VerifyOptions = {
  readonly target: Target;
  readonly sealer?: Sealer;
  readonly database: string;
  /** The latest state unless told. */
  readonly to?: RestoreTo;
  readonly lineage?: string;
  /** Where the copy is made and removed again; needs room for the whole database. The system's temporary directory unless told. */
  readonly scratchDirectory?: string;
  /** What the source had at that transaction, if the caller knows it: compared with what came back. */
  readonly expectedChecksum?: string;
  readonly signal?: AbortSignal;
};

/** What was proven: the state was restored, equals what was captured, and SQLite finds nothing wrong with it. */
export type Verification = RestoreResult & {
  readonly bytes: number;
  /** Absent if there was nothing to compare with. */
  readonly equalsSource?: boolean;
};

/** Restores into a scratch place, compares, removes the copy. Throws as `restore` does where the replica does not hold. */
export const verifyReplica = async (options: VerifyOptions): Promise<Verification> => {
  const { to = 'latest', scratchDirectory = tmpdir(), expectedChecksum, ...rest } = options;
  await removeLeftovers(scratchDirectory, SCRATCH);
  const directory = await mkdtemp(path.join(scratchDirectory, `${SCRATCH}${process.pid}-`));
  try {
    const into = path.join(directory, 'restored.db');
    const result = await restore({ ...rest, to, into });
    const { size } = await stat(into);
    const equals = expectedChecksum === undefined ? {} : { equalsSource: expectedChecksum === result.checksum };
    return { ...result, bytes: size, ...equals };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const SCRATCH = 'berth-verify-';

/** A stretch of time of which every transaction, or where only merged segments are left some, can be restored. */
export type DescribedRange = TxidRange & { readonly fromAt: number; readonly toAt: number };

export type DescribedLineage = {
  readonly id: string;
  readonly createdAt: number;
  readonly parent?: { readonly lineage: string; readonly txid: number };
  readonly ranges: readonly DescribedRange[];
  readonly snapshots: number;
  readonly logs: number;
  readonly merged: number;
  readonly bytes: number;
};

/** What can be restored, for people: per lineage the stretches of time, oldest first. Reads two headers for each stretch. */
export const describeReplica = async (options: {
  readonly target: Target;
  readonly sealer?: Sealer;
  readonly database: string;
  readonly signal?: AbortSignal;
}): Promise<DescribedLineage[]> => {
  const { database, signal } = options;
  const target = options.sealer ? sealTarget(options.target, options.sealer) : options.target;
  const catalogue = await readCatalogue(target, database, signal);
  const described: DescribedLineage[] = [];
  for (const { snapshots, segments, ...lineage } of catalogue.lineages) {
    const holdings = [...snapshots, ...segments];
    const timeAfter = async (txid: number): Promise<number> => {
      const holding = holdings.find(({ maxTxid }) => maxTxid === txid);
      // The first state of a lineage that goes on from another one’s snapshot: it was there when the lineage began.
      if (holding === undefined) return lineage.createdAt;
      const header = await readSegmentHeader(await target.get(holding.name, signal ? { signal } : {}), holding.name);
      return header.lastAt;
    };
    const ranges: DescribedRange[] = [];
    for (const range of restorableRanges(catalogue, lineage.id))
      ranges.push({ ...range, fromAt: await timeAfter(range.from), toAt: await timeAfter(range.to) });
    described.push({
      ...lineage,
      ranges,
      snapshots: snapshots.length,
      logs: segments.filter(({ kind }) => kind === 'log').length,
      merged: segments.filter(({ kind }) => kind === 'merged').length,
      bytes: holdings.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  }
  return described;
};
