import { readdirSync, renameSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectoryDurably, removeIfExists, syncDirectoryNow, writeSteadily } from './durable-file.ts';
import type { Fault } from './fault-windows.ts';

/** A segment that waits in a local file for the targets, in the order of `sequence`. */
export type QueuedSegment = {
  readonly sequence: number;
  readonly lineage: string;
  readonly minTxid: number;
  readonly maxTxid: number;
  /** When its last transaction was captured, milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
  readonly path: string;
  /** When the first commit in it was noticed, on the clock of performance.now(); what was found at the start is as old as that. */
  readonly since: number;
};

export type SegmentRange = {
  readonly lineage: string;
  readonly minTxid: number;
  readonly maxTxid: number;
  readonly at: number;
  readonly since: number;
};

export interface SegmentQueue {
  readonly entries: readonly QueuedSegment[];
  readonly bytes: number;
  /** The newest sequence number that was given, 0 before the first. */
  readonly lastSequence: number;
  /** Stores a segment; once this resolves it survives a power cut. Undefined, and nothing stored, if `keep` says no at the end. */
  store(range: SegmentRange, stream: AsyncIterable<Uint8Array>, keep?: () => boolean): Promise<QueuedSegment | undefined>;
  remove(entries: readonly QueuedSegment[]): void;
  /** The position covers all that is stored: only now may it leave, as no other segment can come to have these transactions. */
  publish(): void;
  /** Those that may leave, in order, behind a sequence number. */
  publishedAfter(sequence: number): readonly QueuedSegment[];
}

export type QueueParts = {
  readonly fault: Fault;
  /** Throws when a segment of which so much is written already must not become larger: it is removed then. */
  readonly ensureRoom?: (writtenBytes: number) => void;
};

/**
 * Opens the directory of a queue. Files that were not finished are removed; numbering goes on behind `lastKnown`, the last that
 * anybody remembers.
 */
export const openSegmentQueue = (directory: string, lastKnown: number, parts: QueueParts): SegmentQueue => {
  const { fault } = parts;
  makeDirectoryDurably(directory);
  const entries: QueuedSegment[] = [];
  for (const name of readdirSync(directory).toSorted()) {
    const path = join(directory, name);
    const [, sequence, lineage, min, max, at] = FILE_NAME.exec(name) ?? [];
    if (lineage === undefined) removeIfExists(path);
    else {
      entries.push({
        sequence: Number(sequence),
        lineage,
        minTxid: Number(min),
        maxTxid: Number(max),
        at: Number(at),
        bytes: statSync(path).size,
        path,
        since: performance.now(),
      });
    }
  }
  let publishedSequence = 0;
  let lastSequence = Math.max(lastKnown, entries.at(-1)?.sequence ?? 0);
  return {
    get entries() {
      return entries;
    },
    get bytes() {
      return entries.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    get lastSequence() {
      return lastSequence;
    },
    async store(range, stream, keep = () => true) {
      const sequence = lastSequence + 1;
      const path = join(directory, fileName(sequence, range));
      const temporary = `${path}.tmp`;
      const bytes = await writeSegment(temporary, stream, parts).catch((cause: unknown) => {
        removeIfExists(temporary);
        throw cause;
      });
      if (!keep()) {
        removeIfExists(temporary);
        return undefined;
      }
      renameSync(temporary, path);
      fault('segment.renamed');
      syncDirectoryNow(directory);
      fault('segment.stored');
      lastSequence = sequence;
      const entry = { sequence, ...range, bytes, path };
      entries.push(entry);
      return entry;
    },
    publish() {
      publishedSequence = lastSequence;
    },
    publishedAfter: (from) => entries.filter(({ sequence }) => sequence > from && sequence <= publishedSequence),
    remove(gone) {
      for (const entry of gone) {
        removeIfExists(entry.path);
        entries.splice(entries.indexOf(entry), 1);
      }
    },
  };
};

const writeSegment = async (
  path: string,
  stream: AsyncIterable<Uint8Array>,
  { fault, ensureRoom }: QueueParts,
): Promise<number> => {
  await using file = await open(path, 'w', 0o600);
  const bytes = await writeSteadily(file, stream, (written) => ensureRoom?.(written));
  fault('segment.written');
  await file.sync();
  fault('segment.synced');
  return bytes;
};

const FILE_NAME = /^(\d{16})\.([0-9a-f]{16})\.(\d+)-(\d+)\.(\d+)\.segment$/;

const fileName = (sequence: number, { lineage, minTxid, maxTxid, at }: SegmentRange): string =>
  `${String(sequence).padStart(16, '0')}.${lineage}.${minTxid}-${maxTxid}.${at}.segment`;
