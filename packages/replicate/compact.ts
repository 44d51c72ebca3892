import { tmpdir } from 'node:os';
import type { BerthError } from '@berth/core';
import { type Catalogue, type Holding, readCatalogue } from './catalogue.ts';
import {
  COMPACTION_LEVELS,
  type CompactionLevel,
  type CompactionStep,
  type Pin,
  planCompaction,
  unmergedSegments,
} from './compact-plan.ts';
import { replicaBroken } from './errors.ts';
import { renderObjectName } from './object-name.ts';
import { newestLineage } from './restore-plan.ts';
import { isUnusable } from './restored-state.ts';
import { createScratchPages, type ScratchPages } from './scratch-pages.ts';
import { type Sealer, sealTarget } from './seal.ts';
import type { SegmentHeader, SegmentTransaction } from './segment-format.ts';
import { openSegment, readSegmentHeader, readSegmentTable } from './segment-reader.ts';
import { encodeSegment } from './segment-writer.ts';
import type { Target } from './target.ts';

export type CompactOptions = {
  readonly target: Target;
  readonly sealer?: Sealer;
  readonly database: string;
  /** Milliseconds since 1970: windows that are over by then are merged. */
  readonly now: number;
  readonly levels?: readonly CompactionLevel[];
  /** States that stay exactly restorable: no merged segment reaches across one. Give them to `applyRetention` as well. */
  readonly pins?: readonly Pin[];
  /** For the pages of one merge at a time, each once. The system's temporary directory unless told. */
  readonly scratchDirectory?: string;
  readonly signal?: AbortSignal;
};

export type CompactResult = { readonly merged: readonly string[]; readonly bytesRead: number; readonly bytesWritten: number };

/**
 * Merges what is due, level by level, and reads each merged segment back. Nothing is deleted: what the merged ones replace is
 * retention's to remove. Can be ended at any moment and run again. Where segments are damaged or do not continue each other,
 * all the rest is merged, and then that is thrown.
 */
export const compact = async (options: CompactOptions): Promise<CompactResult> => {
  const { database, now, levels = COMPACTION_LEVELS, pins = [], signal } = options;
  const target = options.sealer ? sealTarget(options.target, options.sealer) : options.target;
  const merged: string[] = [];
  const times = createTimes(target, signal);
  let [bytesRead, bytesWritten] = [0, 0];
  let unusable: BerthError | undefined;
  for (const level of levels) {
    // Read anew for each level: it merges what the one below has just made.
    const catalogue = await readCatalogue(target, database, signal);
    for (const step of await dueSteps(catalogue, { ...level, now, pins, times })) {
      signal?.throwIfAborted();
      const made = await mergeSegments(target, step, options).catch((thrown: unknown) => {
        if (!isUnusable(thrown)) throw thrown;
        unusable ??= thrown;
      });
      if (made === undefined) continue;
      merged.push(made.name);
      bytesRead += step.sources.reduce((sum, { bytes }) => sum + bytes, 0);
      bytesWritten += made.bytes;
    }
  }
  if (unusable !== undefined) throw unusable;
  return { merged, bytesRead, bytesWritten };
};

type Times = { get(holding: Holding): Promise<number> };

const createTimes = (target: Target, signal: AbortSignal | undefined): Times => {
  const known = new Map<string, number>();
  return {
    async get({ name }) {
      const found = known.get(name);
      if (found !== undefined) return found;
      const { lastAt } = await readSegmentHeader(await target.get(name, signal ? { signal } : {}), name);
      known.set(name, lastAt);
      return lastAt;
    },
  };
};

const dueSteps = async (
  catalogue: Catalogue,
  { times, ...level }: CompactionLevel & { now: number; pins: readonly Pin[]; times: Times },
): Promise<CompactionStep[]> => {
  const lineage = newestLineage(catalogue)?.id;
  if (lineage === undefined) return [];
  const runs = unmergedSegments(catalogue, { lineage, level: level.level });
  const lastAt = new Map<string, number>();
  for (const holding of runs.flat()) lastAt.set(holding.name, await times.get(holding));
  return planCompaction(runs, { ...level, lastAt: ({ name }) => lastAt.get(name) ?? Number.POSITIVE_INFINITY });
};

/** One merge: the sources' pages into a scratch file, the last version of each, and from there into the new segment. */
export const mergeSegments = async (
  target: Target,
  { level, sources }: CompactionStep,
  { scratchDirectory = tmpdir(), signal }: Pick<CompactOptions, 'scratchDirectory' | 'signal'>,
): Promise<{ name: string; bytes: number }> => {
  const collected = await collect(target, sources, { scratchDirectory, signal });
  using pages = collected.pages;
  const { first, last, link, commit } = collected;
  const range = { minTxid: first.minTxid, maxTxid: last.maxTxid };
  const { database, lineage, pageSize } = last;
  const name = renderObjectName({ kind: 'merged', level, database, lineage, ...range });
  const header: SegmentHeader = {
    kind: 'merged',
    database,
    lineage,
    pageSize,
    ...range,
    firstAt: first.firstAt,
    lastAt: last.lastAt,
    previous: first.previous,
    link,
  };
  const stream = encodeSegment(header, pages.entries(commit));
  await target.put(name, stream, signal ? { signal } : {});
  const { summary } = await readSegmentTable(await target.get(name, signal ? { signal } : {}), name);
  if (summary.sha256 !== stream.summary.sha256) throw replicaBroken(name, 'what was read back is not what was written');
  return { name, bytes: summary.bytes };
};

type Collected = {
  pages: ScratchPages;
  first: SegmentHeader;
  last: SegmentHeader;
  link: string;
  commit: SegmentTransaction;
};

const collect = async (
  target: Target,
  sources: readonly Holding[],
  { scratchDirectory, signal }: { scratchDirectory: string; signal: AbortSignal | undefined },
): Promise<Collected> => {
  let pages: ScratchPages | undefined;
  let state: Omit<Collected, 'pages'> | undefined;
  try {
    for (const { name } of sources) {
      await using segment = await openSegment(await target.get(name, signal ? { signal } : {}), name);
      const { header } = segment;
      pages ??= createScratchPages(scratchDirectory, header.pageSize);
      if (header.pageSize !== pages.pageSize) throw replicaBroken(name, 'its pages have another size than those before it');
      if (state !== undefined && header.previous !== state.link) {
        throw replicaBroken(name, 'it continues another segment than the one before it');
      }
      let commit: SegmentTransaction | undefined;
      for await (const entries of segment.blocks()) {
        signal?.throwIfAborted();
        for (const entry of entries) {
          if (!('commit' in entry)) pages.set(entry.page, entry.content);
          else {
            commit = entry.commit;
            pages.cut(commit.databasePages);
          }
        }
      }
      if (commit === undefined) throw replicaBroken(name, 'it has no transaction');
      state = { first: state?.first ?? header, last: header, link: segment.summary.link, commit };
    }
    if (pages === undefined || state === undefined) throw new RangeError('nothing to merge');
    return { pages, ...state };
  } catch (cause) {
    pages?.[Symbol.dispose]();
    throw cause;
  }
};
