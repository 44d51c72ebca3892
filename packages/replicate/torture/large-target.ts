/** A directory behind a slow line, as a module that a replication plan names. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDirectoryTarget } from '../directory-target.ts';
import type { Target } from '../target.ts';

export type SlowDirectory = { readonly path: string; readonly bytesPerSecond: number };

export const openTarget = ({ path, bytesPerSecond }: SlowDirectory): Target => {
  const directory = createDirectoryTarget(path);
  /** When the line is free again; all puts share it. */
  let freeAt = 0;
  const send = async (bytes: number): Promise<void> => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000;
    if (freeAt > now) await sleep(freeAt - now);
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

const PIECE_BYTES = 256 << 10;
