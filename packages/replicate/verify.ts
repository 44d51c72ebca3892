import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeLeftovers } from './leftovers.ts';
import type { RestoreTo } from './restore-point.ts';
import { restore, type RestoreResult } from './restore.ts';
import type { Sealer } from './seal.ts';
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
