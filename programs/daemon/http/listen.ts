/** The control socket: whoever can open it can do everything, so that only its owner ever can. */
import { once } from 'node:events';
import { chmod, lstat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { socketInUse, socketNotOpened, socketPathBlocked, socketPathTooLong } from './errors.ts';

/** sun_path of unix(7) has 108 bytes, one of them for the end. */
const SOCKET_PATH_LIMIT_BYTES = 107;

/** Resolves once the server listens with mode 0600. A socket that nobody answers on is removed first. */
export const listenOnSocket = async (server: Server, path: string): Promise<void> => {
  if (Buffer.byteLength(path) > SOCKET_PATH_LIMIT_BYTES) throw socketPathTooLong(path, SOCKET_PATH_LIMIT_BYTES);
  await removeStale(path);
  // Node binds inside `listen`, before it returns: the socket is born closed to others, and nothing else runs meanwhile.
  const umask = process.umask(0o077);
  try {
    server.listen(path);
  } finally {
    process.umask(umask);
  }
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'EADDRINUSE' ? socketInUse(path) : socketNotOpened(path, cause);
  });
  await chmod(path, 0o600);
};

const removeStale = async (path: string): Promise<void> => {
  const stats = await lstat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw socketNotOpened(path, cause);
  });
  if (!stats) return;
  if (!stats.isSocket()) throw socketPathBlocked(path);
  if (await answers(path)) throw socketInUse(path);
  await unlink(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw socketNotOpened(path, cause);
  });
};

const answers = async (path: string): Promise<boolean> => {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (cause) {
    // Refused is what a socket without its process says. Anything else (no permission, a full queue) may hide a daemon.
    if ((cause as NodeJS.ErrnoException).code === 'ECONNREFUSED' || (cause as NodeJS.ErrnoException).code === 'ENOENT')
      return false;
    throw socketNotOpened(path, cause as NodeJS.ErrnoException);
  } finally {
    socket.destroy();
  }
};
