import { readFileSync } from 'node:fs';
import { allProcesses, listProc, readProcLink } from './processes.ts';

/** A TCP socket that waits for connections. */
export type Listener = { readonly address: string; readonly port: number };

export type PortOwner = {
  readonly address: string;
  /** null when the owner belongs to another user and we may not look. */
  readonly process: { readonly pid: number; readonly name: string } | null;
};

/** What these processes listen on, to say "not listening on $PORT 21003 but on 3000". */
export const listeningPorts = (pids: readonly number[]): readonly Listener[] => {
  const inodes = new Set(pids.flatMap(socketInodes));
  return listeningSockets()
    .filter((socket) => inodes.has(socket.inode))
    .map(({ address, port }) => ({ address, port }))
    .sort((a, b) => a.port - b.port);
};

/** null when nobody listens there. */
export const ownerOfPort = (port: number): PortOwner | null => {
  const socket = listeningSockets().find((found) => found.port === port);
  if (socket === undefined) return null;
  const owner = allProcesses().find((process) => socketInodes(process.pid).includes(socket.inode));
  return { address: socket.address, process: owner === undefined ? null : { pid: owner.pid, name: owner.name } };
};

/** A socket that takes connections, or packets from anybody, and whose it is. */
export type OwnedListener = Listener & {
  readonly protocol: 'tcp' | 'udp';
  /** null when the owner belongs to another user and we may not look. */
  readonly owner: { readonly pid: number; readonly name: string } | null;
};

/** Every one on this machine, those on loopback included. */
export const allListeners = (): readonly OwnedListener[] => {
  const owners = new Map<string, { pid: number; name: string }>();
  for (const { pid, name } of allProcesses()) for (const inode of socketInodes(pid)) owners.set(inode, { pid, name });
  const sockets = [
    ...listeningSockets().map((socket) => ({ ...socket, protocol: 'tcp' as const })),
    ...socketsIn(['/proc/net/udp', '/proc/net/udp6'], UNCONNECTED_STATE).map((socket) => ({
      ...socket,
      protocol: 'udp' as const,
    })),
  ];
  return sockets.map(({ inode, ...socket }) => ({ ...socket, owner: owners.get(inode) ?? null }));
};

/** The local address of one line of /proc/net/tcp{,6}: hexadecimal, each 32-bit word in the machine's byte order. */
export const decodeAddress = (hex: string): string => {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)) >>> 0).toString(16));
  // The parser of URLs shortens as RFC 5952 says.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
};

/** Reached from this machine only; of an address as `decodeAddress` writes it, IPv4 in IPv6 in hexadecimal. */
export const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:7f');

type ListeningSocket = Listener & { readonly inode: string };

const LISTEN_STATE = '0A';

/** UDP has no state of its own: a socket that is connected to one other is in that of TCP_ESTABLISHED. */
const UNCONNECTED_STATE = '07';

const listeningSockets = (): readonly ListeningSocket[] => socketsIn(['/proc/net/tcp', '/proc/net/tcp6'], LISTEN_STATE);

const socketsIn = (files: readonly string[], state: string): readonly ListeningSocket[] =>
  files.flatMap((file) =>
    readTable(file)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === state)
      .map((columns) => {
        const [address = '', port = ''] = (columns[1] ?? '').split(':');
        return { address: decodeAddress(address), port: Number.parseInt(port, 16), inode: columns[9] ?? '' };
      }),
  );

/** A kernel without IPv6 has no tcp6. */
const readTable = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
};

const socketInodes = (pid: number): readonly string[] =>
  listProc(`/proc/${pid}/fd`)
    .map((fd) => readProcLink(`/proc/${pid}/fd/${fd}`)?.match(/^socket:\[(\d+)\]$/)?.[1])
    .filter((inode) => inode !== undefined);
