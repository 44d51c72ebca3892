/** Both ends of a socket that is brought here for a user who has to become root first. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CliEnv } from '../env.ts';

/** Here: every connection to `socketPath` becomes standard input and output of the command. */
export const pipeSocket = async (
  socketPath: string,
  [command = '', ...words]: readonly string[],
  env: CliEnv,
): Promise<Disposable> => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const child = spawn(command, words, { detached: true, stdio: ['pipe', 'pipe', 'ignore'], env: { ...env.variables } });
    child.once('error', (cause) => socket.destroy(cause));
    child.once('close', () => socket.end());
    socket.once('close', () => child.stdin.destroy());
    // Whichever end breaks, the other one is told by its own end.
    pipeline(socket, child.stdin).catch(() => undefined);
    pipeline(child.stdout, socket, { end: false }).catch(() => socket.destroy());
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return { [Symbol.dispose]: () => void server.close() };
};

/** There: `berth server pipe SOCKET`. Resolves when both directions have ended. */
export const pipeToSocket = async (socketPath: string, input: Readable, output: Writable): Promise<void> => {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  await once(socket, 'connect');
  const sent = pipeline(input, socket).catch(() => socket.destroy());
  await pipeline(socket, output, { end: false }).catch(() => undefined);
  input.destroy();
  await sent;
};
