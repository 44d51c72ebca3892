import {
  appendFileSync,
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { LatencySample } from './state.ts';

/** One line of access.log, as far as we read it ourselves. Lines that are no request (HAProxy's own words) are passed over. */
type AccessLine = {
  readonly time: number;
  readonly app: string;
  readonly service: string;
  readonly backend: string;
  readonly server: string;
  readonly status: number;
  readonly totalMs: number;
  /** Empty when it was not held. */
  readonly heldMs: string;
};

export type AccessLog = {
  samples(): { samples: readonly LatencySample[]; dropped: number };
  /** Keeps the file below its cap: what is in it goes to access.log.1. */
  rotate(): Promise<boolean>;
};

/** Per call, about 2,500 requests or 10 ms of parsing. What is older is counted, not read. */
const BYTES_PER_CALL = 1024 * 1024;

export const openAccessLog = (file: string, { maxBytes }: { maxBytes: number }): AccessLog => {
  /** Where the next unread line starts. */
  let position = sizeOf(file);
  /** Of the lines seen so far, to guess how many were passed over. */
  let averageBytes = 400;

  const samples = (): { samples: readonly LatencySample[]; dropped: number } => {
    const size = sizeOf(file);
    if (size < position) position = 0; // it was rotated
    if (size === position) return { samples: [], dropped: 0 };
    const skipped = Math.max(0, size - position - BYTES_PER_CALL);
    const from = position + skipped;
    const chunk = readAt(file, from, size - from);
    // After a skip the first line is a part of one.
    const begin = skipped === 0 ? 0 : chunk.indexOf(10) + 1;
    const end = chunk.lastIndexOf(10) + 1;
    // Without a line's end in a whole megabyte there is nothing to wait for.
    position = end === 0 && skipped > 0 ? size : from + end;
    const lines = chunk.subarray(begin, end).toString('utf8').split('\n').slice(0, -1);
    if (lines.length > 0) averageBytes = (end - begin) / lines.length;
    return { samples: lines.flatMap(parseSample), dropped: Math.round(skipped / averageBytes) };
  };

  const rotate = async (): Promise<boolean> => {
    const rotated = await rotateFile(file, maxBytes);
    if (rotated) position = 0;
    return rotated;
  };

  return { samples, rotate };
};

/**
 * Cuts a file that a running program appends to, once it has reached `maxBytes`; what was in it is kept in FILE.1. The
 * program writes at the end of whatever is there, so nobody has to be told.
 */
export const rotateFile = async (file: string, maxBytes: number): Promise<boolean> => {
  const size = sizeOf(file);
  if (size < maxBytes) return false;
  await pipeline(createReadStream(file, { end: size - 1 }), createWriteStream(`${file}.next`, { mode: 0o600 }));
  // What came while it was copied is copied now, with nothing in between but the time of two system calls.
  appendFileSync(`${file}.next`, readAt(file, size, sizeOf(file) - size));
  truncateSync(file);
  await rename(`${file}.next`, `${file}.1`);
  return true;
};

const parseSample = (line: string): readonly LatencySample[] => {
  if (!line.startsWith('{')) return [];
  let parsed: AccessLine;
  try {
    parsed = JSON.parse(line);
  } catch {
    return []; // a line that was cut short by a full disk
  }
  const { app, service, backend, server, status, time, totalMs, heldMs } = parsed;
  const answered =
    typeof server === 'string' && !server.startsWith('<') && typeof service === 'string' && service !== '' && service !== '-';
  if (!answered || backend.endsWith(':ws')) return [];
  return [
    {
      app,
      service,
      server,
      atMs: Math.round(time * 1000),
      status,
      durationMs: Math.max(0, totalMs),
      heldMs: Number(heldMs) || 0,
    },
  ];
};

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const readAt = (file: string, position: number, length: number): Buffer => {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
  } finally {
    closeSync(descriptor);
  }
};
