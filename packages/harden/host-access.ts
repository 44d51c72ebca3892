import { accessSync, constants } from 'node:fs';
import { chmod, chown, lstat, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { BerthError } from '@berth/core';
import {
  acquireLock,
  allListeners,
  type Exec,
  type ExecOptions,
  type ExecResult,
  exec as execCommand,
  finishKilledInstall,
  installWithApt,
  type Listener,
  type Logger,
  writeFileAtomic,
} from '@berth/host';
import { hardeningBusy } from './errors.ts';

export type FileState = {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

export type PublicListener = Listener & { readonly protocol: 'tcp' | 'udp'; readonly process: string | null };

/** All that checks and fixes do with the machine, so that a test can put another one in its place. */
export type HostAccess = {
  /** However it ended; a program that is not there ends with 127, as in a shell. */
  run(argv: readonly string[], options?: Pick<ExecOptions, 'input' | 'timeoutMs' | 'env'>): Promise<ExecResult>;
  /** null when it is absent. */
  read(path: string): Promise<Buffer | null>;
  stat(path: string): Promise<FileState | null>;
  /** Names in a directory; none when it is absent. */
  list(path: string): Promise<readonly string[]>;
  /** Replaces as a whole, and makes the directories above it. */
  write(path: string, content: Uint8Array | string, owner: { mode: number; uid: number; gid: number }): Promise<void>;
  /** To a file of the kernel, which takes a value as it is written. */
  writeValue(path: string, value: string): Promise<void>;
  setOwner(path: string, owner: { mode: number; uid: number; gid: number }): Promise<void>;
  /** A file or an empty directory; what is absent or holds something stays as it is. */
  remove(path: string): Promise<void>;
  writable(path: string): boolean;
  /** Every socket that takes connections or packets from anywhere, loopback included. */
  listeners(): Promise<readonly PublicListener[]>;
  installPackages(names: readonly string[]): Promise<void>;
  /** What a run that was killed has left behind, and nobody knows of any more. */
  removeLeftovers(): Promise<void>;
  /** The right to be the only one that changes the machine; throws HARDEN_BUSY. */
  lock(): Disposable;
  /** The first line that the server at this port says to a new connection from the machine's own address. */
  greeting(port: number): Promise<string>;
};

export const createHostAccess = ({ log, exec = execCommand }: { log: Logger; exec?: Exec }): HostAccess => ({
  run: (argv, options = {}) =>
    // Every answer is parsed: the words of programs are asked for in one language.
    exec(['env', 'LC_ALL=C', ...argv], { timeoutMs: COMMAND_TIMEOUT_MS, ...options }),
  read: (path) => orNull(readFile(path)),
  stat: async (path) => {
    const found = await orNull(lstat(path));
    if (found === null) return null;
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : found.isSymbolicLink() ? 'link' : 'other';
    return { kind, mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
  },
  list: async (path) => (await orNull(readdir(path))) ?? [],
  write: async (path, content, { mode, uid, gid }) => {
    await makeDirectories(dirname(path));
    await writeFileAtomic(path, content, mode, { uid, gid });
  },
  writeValue: (path, value) => writeFile(path, value),
  setOwner: async (path, { mode, uid, gid }) => {
    // First the owner: changing it takes set-user-id bits away.
    await chown(path, uid, gid);
    await chmod(path, mode);
  },
  remove: async (path) => {
    const found = await orNull(lstat(path));
    if (found?.isDirectory()) await rmdir(path).catch(ignoreFull);
    else if (found !== null) await rm(path);
  },
  writable: (path) => {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false; // absent, or on a file system that is read-only
    }
  },
  listeners: async () =>
    allListeners().map(({ owner, ...listener }) => ({ ...listener, process: owner === null ? null : owner.name })),
  removeLeftovers: () => finishKilledInstall({ exec, log }),
  installPackages: async (names) => {
    const install = (): Promise<unknown> => installWithApt(names, { exec, log, signal: undefined });
    try {
      await install();
    } catch (error) {
      // A run that was killed may have left half of a package.
      const repaired = await exec([
        'env',
        'DEBIAN_FRONTEND=noninteractive',
        'dpkg',
        '--configure',
        '--pending',
        '--force-confold',
      ]);
      if (repaired.exitCode !== 0) throw error;
      await install();
    }
  },
  lock: () => {
    try {
      return acquireLock(LOCK_FILE);
    } catch (cause) {
      throw cause instanceof BerthError && cause.code === 'HOME_LOCKED' ? hardeningBusy(cause) : cause;
    }
  },
  greeting: (port) => greetingAt(ownAddress(), port),
});

const LOCK_FILE = '/run/berth-harden.lock';
const COMMAND_TIMEOUT_MS = 60_000;
const GREETING_TIMEOUT_MS = 5_000;

const orNull = <T>(pending: Promise<T>): Promise<T | null> =>
  pending.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });

const ignoreFull = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EBUSY') throw error;
};

const makeDirectories = async (path: string): Promise<void> => {
  if ((await orNull(lstat(path))) !== null) return;
  await makeDirectories(dirname(path));
  const mode = path === '/etc/berth' || path.startsWith('/etc/berth/') ? 0o700 : 0o755;
  await mkdir(path, { mode });
  await chmod(path, mode);
};

/** Loopback would show nothing of an address that sshd is bound to. */
const ownAddress = (): string => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outer = addresses.filter(({ internal, scopeid }) => !internal && !scopeid);
  return (outer.find(({ family }) => family === 'IPv4') ?? outer[0])?.address ?? '127.0.0.1';
};

const greetingAt = (host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect({ host, port, timeout: GREETING_TIMEOUT_MS });
    let heard = '';
    const finish = (act: () => void): void => {
      socket.destroy();
      act();
    };
    socket.on('data', (chunk) => {
      heard += chunk;
      if (heard.includes('\n')) finish(() => resolve(heard.split('\n')[0]?.trim() ?? ''));
    });
    socket.once('timeout', () =>
      finish(() => reject(new Error(`${host}:${port} did not answer within ${GREETING_TIMEOUT_MS} ms`))),
    );
    socket.once('end', () => finish(() => reject(new Error(`${host}:${port} ended the connection without a word`))));
    socket.once('error', (error) => finish(() => reject(error)));
  });
