import { createReadStream } from 'node:fs';
import type { QueuedSegment } from './queue.ts';
import { openSegment, type SegmentReader } from './segment-reader.ts';

/** Reads a segment that waits in its local file. */
export const openFileSegment = (entry: QueuedSegment): Promise<SegmentReader> =>
  openSegment(createReadStream(entry.path, { highWaterMark: READ_BYTES }), entry.path);

/** The stored bytes of it. */
export const readQueued = (entry: QueuedSegment): AsyncIterable<Uint8Array> =>
  createReadStream(entry.path, { highWaterMark: READ_BYTES });

const READ_BYTES = 1 << 18;
