import { createHash, randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { portsExhausted } from './errors.ts';

/** Both ends included. */
export type PortRange = { readonly from: number; readonly to: number };

/**
 * Below 32768, where the kernel picks the local ports of outgoing connections: a connection to a dead port up there may
 * get that very port as its own end, is then connected to itself, and looks like a healthy instance.
 */
const ALL_RANGES: PortRange = { from: 20_000, to: 31_999 };
const RANGE_SIZE = 500;

/** A range that nobody else who claims one gets, until it is given back or the process ends, however it ends. */
export type ClaimedPorts = AsyncDisposable & { readonly range: PortRange };

/** The range that a home has unless somebody else does. */
export const portRangeOf = (home: string): PortRange => rangeAt(createHash('sha256').update(home).digest().readUInt32BE());

/**
 * The range of a home, or the next that is free. Between looking whether a port is free and the moment at which a program
 * listens there seconds may pass: two homes that look in one range would give two programs the same port, and the one would
 * be asked whether the other is healthy. Where every range is claimed it is the home's own, shared.
 */
export const claimPortRange = async (home: string): Promise<ClaimedPorts> => {
  const first = (portRangeOf(home).from - ALL_RANGES.from) / RANGE_SIZE;
  for (let i = 0; i < RANGES; i++) {
    const range = rangeAt(first + i);
    const claim = await listenAt(claimName(range));
    if (claim !== null) return { range, [Symbol.asyncDispose]: () => new Promise((resolve) => claim.close(() => resolve())) };
  }
  return { range: portRangeOf(home), [Symbol.asyncDispose]: async () => undefined };
};

const RANGES = (ALL_RANGES.to + 1 - ALL_RANGES.from) / RANGE_SIZE;

const rangeAt = (index: number): PortRange => {
  const from = ALL_RANGES.from + (index % RANGES) * RANGE_SIZE;
  return { from, to: from + RANGE_SIZE - 1 };
};

/** In the abstract namespace of unix(7): it is the network namespace's, as ports are, and leaves no file behind. */
const claimName = ({ from }: PortRange): string => `\0berth-ports-${from}`;

/** null when somebody has it already. Nobody has anything to say there, and the process may end while it is held. */
const listenAt = (path: string): Promise<Server | null> =>
  new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy()).unref();
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen({ path, exclusive: true }, () => resolve(server));
  });

/** Where to begin to look: the last one used before may be held by somebody still. */
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
