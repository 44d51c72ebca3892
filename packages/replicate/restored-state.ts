import { BerthError } from '@berth/core';
import { replicaBroken } from './errors.ts';
import type { RestorePlan } from './restore-point.ts';
import type { RestoreStep } from './restore-plan.ts';
import { createRestoredFile, type RestoredFile } from './restored-file.ts';
import type { SegmentHeader, SegmentTransaction } from './segment-format.ts';
import { openInOrder } from './restored-objects.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { Target } from './target.ts';

/** What a plan led to: the last transaction that was applied, and the object that brought it. */
export type WrittenState = { readonly last: SegmentTransaction; readonly pageSize: number; readonly name: string };

/** One object cannot be used: it is missing, or not what was stored under its name. Another way may lead to the same state. */
export class ObjectUnusableError extends Error {
  readonly object: string;
  override readonly cause: BerthError;

  constructor(object: string, cause: BerthError) {
    super(cause.message);
    this.name = 'ObjectUnusableError';
    this.object = object;
    this.cause = cause;
  }
}

/** Each object is sound, but they do not belong together: more than one machine wrote this lineage. */
export class BranchesMixedError extends Error {
  override readonly cause: BerthError;

  constructor(cause: BerthError) {
    super(cause.message);
    this.name = 'BranchesMixedError';
    this.cause = cause;
  }
}

type Work = { target: Target; plan: RestorePlan; file: string; signal: AbortSignal | undefined };

/** Writes what the plan's objects hold into a new file. Throws ObjectUnusableError and BranchesMixedError, or what the target throws. */
export const writeState = async (
  { target, plan, file, signal }: Work,
  onObject: (done: number) => void,
): Promise<WrittenState> => {
  let state: (WrittenState & { header: SegmentHeader; link: string }) | undefined;
  let restored: RestoredFile | undefined;
  try {
    let done = 0;
    for await (const { step, opening } of openInOrder({ target, steps: plan.steps, signal })) {
      const { name } = step.holding;
      state = await naming(name, async () => {
        await using segment = await opening;
        signal?.throwIfAborted();
        onObject(done);
        checkIdentity(segment.header, step, plan);
        const { header } = segment;
        restored ??= createRestoredFile(file, header.pageSize);
        if (state !== undefined) checkChain(state, { header, name });
        const last = await applySegment(restored, { segment, upTo: step.upTo, signal });
        if (last === undefined) throw replicaBroken(name, `it has no transaction up to ${step.upTo}`);
        return { last, pageSize: header.pageSize, name, header, link: segment.summary.link };
      });
      done += 1;
    }
    restored?.flush();
    if (state === undefined || state.last.txid !== plan.txid) throw replicaBroken(plan.database, `${plan.txid} was not reached`);
    return state;
  } finally {
    restored?.[Symbol.dispose]();
  }
};

/** Whether it was the object's fault, and not that of the line to the target. */
export const isUnusable = (error: unknown): error is BerthError => error instanceof BerthError && UNUSABLE.has(error.code);

const UNUSABLE = new Set([
  'SEGMENT_DAMAGED',
  'SEGMENT_FORMAT_UNKNOWN',
  'SEGMENT_SEALED',
  'SEAL_BROKEN',
  'SEAL_MISSING',
  'TARGET_OBJECT_MISSING',
  'REPLICA_BROKEN',
]);

const naming = async <T>(object: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    throw isUnusable(thrown) ? new ObjectUnusableError(object, thrown) : thrown;
  }
};

/** An object under another's name is not what the plan was made of. */
const checkIdentity = (header: SegmentHeader, { holding }: RestoreStep, { database }: RestorePlan): void => {
  const kinds = holding.kind === 'log' ? ['log', 'reconcile'] : [holding.kind];
  const isIt =
    kinds.includes(header.kind) &&
    header.database === database &&
    header.lineage === holding.lineage &&
    header.maxTxid === holding.maxTxid &&
    header.minTxid === holding.minTxid;
  if (!isIt) throw replicaBroken(holding.name, 'it holds another segment than its name says');
};

/** Each segment names the one before; where they overlap or a lineage was left, the checksum at the end is the proof. */
const checkChain = (
  before: { header: SegmentHeader; link: string },
  { header, name }: { header: SegmentHeader; name: string },
): void => {
  if (before.header.pageSize !== header.pageSize)
    throw new BranchesMixedError(replicaBroken(name, 'its pages have another size'));
  const isJoined = before.header.lineage === header.lineage && before.header.maxTxid + 1 === header.minTxid;
  // A snapshot taken in the middle of a batch knows no link.
  if (!isJoined || (before.header.kind === 'snapshot' && before.link === '')) return;
  if (header.previous !== before.link)
    throw new BranchesMixedError(replicaBroken(name, 'it continues another segment than the one before it'));
};

type Application = { segment: SegmentReader; upTo: number; signal: AbortSignal | undefined };

/** Gives the last transaction that was applied. */
const applySegment = async (
  restored: RestoredFile,
  { segment, upTo, signal }: Application,
): Promise<SegmentTransaction | undefined> => {
  let last: SegmentTransaction | undefined;
  for await (const block of segment.blocks()) {
    signal?.throwIfAborted();
    for (const entry of block) {
      // Behind the wanted transaction the segment is read on, but only to its proof.
      if (last?.txid === upTo) break;
      if ('commit' in entry) {
        last = entry.commit;
        restored.resize(last.databasePages);
      } else restored.set(entry.page, entry.content);
    }
    restored.endBlock(block);
  }
  return last;
};
