/**
 * A directory behind a slow line, as a module that a replication plan names. What went over a line takes no memory of this
 * machine: neither does what goes here.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createDirectoryTarget } from '../directory-target.ts';
import type { Target } from '../target.ts';

export type SlowDirectory = { readonly path: string; readonly bytesPerSecond: number };

export const openTarget = ({ path, bytesPerSecond }: SlowDirectory): Target => {
  const directory = createDirectoryTarget(path);
  /** When the line is free again; all puts share it. */
  let freeAt = 0;
  let remembered = 0;
  const send = async (bytes: number): Promise<void> => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000;
    if (freeAt > now) await sleep(freeAt - now);
    remembered += bytes;
    if (remembered < REMEMBERED_BYTES) return;
    remembered = 0;
    await forget(join(path, '.incoming'));
  };
  return {
    ...directory,
    description: `slow ${directory.description}`,
    put: (name, body, options) => directory.put(name, slowly(body, send), options),
  };
};

async function* slowly(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  send: (bytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const part of body instanceof Uint8Array ? [body] : body) {
    for (let at = 0; at < part.length; at += PIECE_BYTES) {
      const piece = part.subarray(at, at + PIECE_BYTES);
      await send(piece.length);
      yield piece;
    }
  }
}

/** dd(1), nocache: drops what the kernel keeps of a file in memory, when nothing is copied of all of it. */
const forget = async (incoming: string): Promise<void> => {
  for (const name of readdirSync(incoming)) {
    const file = join(incoming, name);
    await run('dd', [`of=${file}`, 'if=/dev/null', 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
  }
};

const run = promisify(execFile);

const PIECE_BYTES = 256 << 10;
const REMEMBERED_BYTES = 128 << 20;
