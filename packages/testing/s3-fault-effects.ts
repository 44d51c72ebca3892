import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Fault } from './s3-faults.ts';

/** What a fault does to the bytes of a body that passes. `reset` cuts the connection. */
export async function* damageBody(
  body: AsyncIterable<Buffer>,
  fault: S3Fault | undefined,
  reset: () => void,
): AsyncGenerator<Buffer> {
  if (fault?.kind === 'reset') {
    yield* firstBytes(body, fault.afterBytes ?? 0);
    reset();
    throw new ConnectionCut();
  }
  if (fault?.kind === 'truncate') yield* firstBytes(body, fault.bytes);
  else if (fault?.kind === 'trickle') yield* slowly(body, fault.bytesPerSecond);
  else if (fault?.kind === 'flip-bit') yield* flipBit(body, fault.at ?? 0);
  else yield* body;
}

/** The server did it on purpose: there is nobody left to answer. */
export class ConnectionCut extends Error {
  constructor() {
    super('the connection was cut on purpose');
    this.name = 'ConnectionCut';
  }
}

async function* firstBytes(body: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  if (left <= 0) return;
  for await (const chunk of body) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

const SLICE_MS = 20;

async function* slowly(body: AsyncIterable<Buffer>, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const slice = Math.max(1, Math.floor((bytesPerSecond * SLICE_MS) / 1000));
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += slice) {
      const part = chunk.subarray(at, at + slice);
      await sleep((part.length / bytesPerSecond) * 1000);
      yield part;
    }
  }
}

async function* flipBit(body: AsyncIterable<Buffer>, at: number): AsyncGenerator<Buffer> {
  let passed = 0;
  for await (const chunk of body) {
    if (at >= passed && at < passed + chunk.length) {
      const changed = Buffer.from(chunk);
      changed[at - passed] = (changed[at - passed] ?? 0) ^ 1;
      yield changed;
    } else yield chunk;
    passed += chunk.length;
  }
}
