import { createHash, randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { portsExhausted } from './errors.ts';

/** Both ends included. */
export type PortRange = { readonly from: number; readonly to: number };

/**
 * Below 32768, where the kernel picks the local ports of outgoing connections: a connection to a dead port up there may
 * get that very port as its own end, is then connected to itself, and looks like a healthy instance.
 */
const ALL_RANGES: PortRange = { from: 20_000, to: 31_999 };
const RANGE_SIZE = 500;

/** Two homes on one machine rarely share a range; where they do, trying to bind tells taken ports apart. */
export const portRangeOf = (home: string): PortRange => {
  const ranges = (ALL_RANGES.to + 1 - ALL_RANGES.from) / RANGE_SIZE;
  const from = ALL_RANGES.from + (createHash('sha256').update(home).digest().readUInt32BE() % ranges) * RANGE_SIZE;
  return { from, to: from + RANGE_SIZE - 1 };
};

/** Where to begin to look: another home may have the same range, and look for a port in the same moment. */
export const anyPortOf = ({ from, to }: PortRange): number => randomInt(from, to + 1);

export const isPortFree = (port: number, address = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // EACCES: a port below 1024 without the right to it is as good as taken.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });

/**
 * The first free port after `after` (going round), so that a port is not used again right after its instance has gone:
 * somebody may still hold its address.
 */
export const findFreePort = async ({ range, taken, after, address, signal }: FreePortQuery): Promise<number> => {
  const size = range.to - range.from + 1;
  const start = after !== undefined && after >= range.from && after < range.to ? after + 1 : range.from;
  for (let i = 0; i < size; i++) {
    signal?.throwIfAborted();
    const port = range.from + ((start - range.from + i) % size);
    if (!taken.has(port) && (await isPortFree(port, address))) return port;
  }
  throw portsExhausted(range);
};

export type FreePortQuery = {
  readonly range: PortRange;
  /** Leased by others, whether they listen yet or not. */
  readonly taken: ReadonlySet<number>;
  readonly after?: number | undefined;
  readonly address?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};
