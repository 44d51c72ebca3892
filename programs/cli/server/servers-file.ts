/** The servers that this user knows by name: `servers.json` in the user's configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '@berth/core';
import { ensureDirectory, writeFileAtomic } from '@berth/host';
import type { CliEnv } from '../env.ts';
import { configDirectory } from './config-directory.ts';
import type { Destination } from './destination.ts';
import { configDirectoryUnknown, serverNotFound, serversFileUnreadable } from './errors.ts';

export type Server = {
  readonly name: string;
  readonly destination: Destination;
  /** SHA256:… of the host's key, as it was when the server was added. */
  readonly fingerprint: string | null;
  /** What was installed there last, `0.1.0-7374e45a`. */
  readonly installed: string | null;
  readonly addedAt: string;
};

export type Servers = {
  /** Chosen with `berth server use`; commands act on this machine otherwise. */
  readonly default: string | null;
  readonly servers: readonly Server[];
};

const FILE = 'servers.json';
const FORMAT = 1;

/** None when there is no file yet. Throws SERVER_FILE_UNREADABLE. */
export const readServers = (env: CliEnv): Servers => {
  const directory = configDirectory(env);
  if (directory === null) return { default: null, servers: [] };
  const file = join(directory, FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { default: null, servers: [] };
    throw serversFileUnreadable(file, (cause as Error).message);
  }
  return parseServers(text, file);
};

export const parseServers = (text: string, file: string): Servers => {
  let content: { format?: unknown; default?: unknown; servers?: unknown };
  try {
    content = JSON.parse(text) as typeof content;
  } catch (cause) {
    throw serversFileUnreadable(file, (cause as Error).message);
  }
  if (content.format !== FORMAT)
    throw serversFileUnreadable(file, `its format is ${String(content.format)}, and this Berth knows ${FORMAT}`);
  if (!Array.isArray(content.servers) || !content.servers.every(isServer))
    throw serversFileUnreadable(file, 'it is no list of servers');
  return { default: typeof content.default === 'string' ? content.default : null, servers: content.servers };
};

/** Throws SERVER_CONFIG_UNKNOWN. */
export const writeServers = async (env: CliEnv, { default: chosen, servers }: Servers): Promise<void> => {
  const directory = configDirectory(env);
  if (directory === null) throw configDirectoryUnknown();
  ensureDirectory(directory, 0o700);
  const known = chosen !== null && servers.some(({ name }) => name === chosen) ? chosen : null;
  await writeFileAtomic(join(directory, FILE), `${JSON.stringify({ format: FORMAT, default: known, servers }, null, 2)}\n`);
};

export const keepServer = async (env: CliEnv, server: Server): Promise<void> => {
  const known = readServers(env);
  const others = known.servers.filter(({ name }) => name !== server.name);
  const servers = [...others, server].sort((one, other) => one.name.localeCompare(other.name));
  await writeServers(env, { ...known, servers });
};

/** Throws SERVER_NOT_FOUND, with the name that may have been meant. */
export const getServer = (env: CliEnv, name: string): Server => {
  const { servers } = readServers(env);
  const found = servers.find((server) => server.name === name);
  if (found !== undefined) return found;
  const names = servers.map((server) => server.name);
  throw serverNotFound(name, nearest(name, names), names);
};

const isServer = (value: unknown): value is Server => {
  const { name, destination, addedAt } = (value ?? {}) as Partial<Server>;
  return typeof name === 'string' && typeof addedAt === 'string' && typeof destination?.host === 'string';
};
