import { cpuSeconds } from '../process-tree.ts';
import type { CrewShape, Typed, Typing } from './crew.ts';
import type { Editors } from './editors.ts';
import type { LoopDelay } from './inspector.ts';
import type { Server, ServerName } from './servers.ts';

export type Measurement = Typed & {
  readonly server: ServerName;
  readonly editsPerSecond: number;
  /** User and system time of the server. */
  readonly cpuMsPerEdit: number;
  readonly loopDelayMs: LoopDelay;
};

export const SOCKET_PATH = '/api/socket/';
/** Enough for a screen or two. */
const MAX_LENGTH = 2_000;

export function crewShape(
  server: Pick<Server, 'endpoint' | 'dialect'>,
  options: { documents: number; sockets: number; cursors?: boolean; localAddresses?: readonly string[] },
): CrewShape {
  const run = Math.random().toString(36).slice(2, 10);
  return {
    endpoint: server.endpoint,
    path: SOCKET_PATH,
    documents: Array.from({ length: options.documents }, (_, index) => `bench-${run}-${index}`),
    sockets: options.sockets,
    localAddresses: options.localAddresses ?? [],
    habits: { dialect: server.dialect, maxLength: MAX_LENGTH, cursors: options.cursors ?? false },
  };
}

/** Far below the 28,000 ports that one address has for one destination. */
const SOCKETS_PER_ADDRESS = 5_000;
let lastAddress = 2 + Math.floor(Math.random() * 60_000); // nor those of the last run

/**
 * Loopback addresses for so many sockets to come from. New ones every time: to find a free port among those that wait for
 * the end of an earlier connection takes the kernel longer than the connection.
 */
export function localAddresses(sockets: number, each = SOCKETS_PER_ADDRESS): string[] {
  return Array.from({ length: Math.ceil(sockets / each) }, () => {
    lastAddress += 1;
    return `127.0.${lastAddress >> 8}.${lastAddress & 0xff}`;
  });
}

/** Opens everything or throws: a load of another size is another measurement. */
export async function openAll(editors: Editors, shape: CrewShape): Promise<void> {
  const { open, failed } = await editors.open(shape);
  if (open !== shape.sockets) throw new Error(`${open} of ${shape.sockets} editors came in: ${JSON.stringify(failed)}`);
}

/** Throws when anything was lost, garbled or cut off. */
export async function typeAll(name: string, editors: Editors, typing: Typing): Promise<Typed> {
  const typed = await editors.type(typing);
  const { delays, wrong, ended } = typed;
  if (delays.seen !== delays.expected || wrong > 0 || Object.keys(ended).length > 0)
    throw new Error(`${name}: ${delays.seen} of ${delays.expected} seen, ${wrong} garbled, ended: ${JSON.stringify(ended)}`);
  return typed;
}

/** `typeAll`, and a look at the server meanwhile. */
export async function measure(server: Server, editors: Editors, typing: Typing): Promise<Measurement> {
  using inspector = await server.inspect();
  await inspector.watchDelay();
  const cpuBefore = cpuSeconds([server.pid]);
  const typed = await typeAll(server.name, editors, typing);
  const cpu = cpuSeconds([server.pid]) - cpuBefore;
  const { delays, wrong, ended } = typed;
  if (delays.seen !== delays.expected || wrong > 0 || Object.keys(ended).length > 0)
    throw new Error(
      `${server.name}: ${delays.seen} of ${delays.expected} seen, ${wrong} garbled, ended: ${JSON.stringify(ended)}`,
    );
  return {
    ...typed,
    server: server.name,
    editsPerSecond: Math.round(typed.edits / typed.seconds),
    cpuMsPerEdit: Math.round((cpu / typed.edits) * 1e6) / 1000,
    loopDelayMs: await inspector.delay(),
  };
}
