import { connect, type Socket } from 'node:net';
import { commandRefused, notRunning } from '../errors.ts';

/** One command on the admin socket or the master's. Each has a connection of its own: HAProxy closes after the answer. */
export type RuntimeApi = {
  /** The answer without the blank lines around it. `payload` is sent as given, and must not hold an empty line. */
  ask(command: string, payload?: string): Promise<string>;
  /** Throws EDGE_COMMAND_REFUSED unless the answer is empty or matches. */
  tell(command: string, options?: { payload?: string; accept?: RegExp }): Promise<string>;
  /** Many commands that answer nothing, some at a time. */
  tellAll(commands: readonly string[]): Promise<void>;
};

/** Longer than any answer takes, shorter than anybody's patience. */
const ANSWER_MS = 10_000;

/** Far below the 16 KB that HAProxy reads a line into. */
const AT_ONCE = 40;

export const createRuntimeApi = (socketPath: string): RuntimeApi => {
  const ask = (command: string, payload?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(socketPath);
      const timer = setTimeout(
        () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms to "${nameOf(command)}"`)),
        ANSWER_MS,
      );
      socket.once('error', (cause) => {
        clearTimeout(timer);
        reject(notRunning('haproxy', cause));
      });
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.once('end', () => {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks).toString('utf8').trim());
      });
      // The master's socket closes only after our end of it is closed.
      socket.end(payload === undefined ? `${command}\n` : `${command} <<\n${payload.replace(/\n*$/, '\n')}\n`);
    });
  const tell: RuntimeApi['tell'] = async (command, { payload, accept } = {}) => {
    const answer = await ask(command, payload);
    if (answer !== '' && !accept?.test(answer)) throw commandRefused(nameOf(command), answer);
    return answer;
  };
  return {
    ask,
    tell,
    async tellAll(commands) {
      for (let at = 0; at < commands.length; at += AT_ONCE) await tell(commands.slice(at, at + AT_ONCE).join(';'));
    },
  };
};

/**
 * An open session on the admin socket keeps its worker alive after a reload: whoever holds one can read the worker's
 * last figures before it goes.
 */
export const holdWorker = (socketPath: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.write('prompt\n'));
    socket.once('error', (cause) => reject(notRunning('haproxy', cause)));
    socket.once('data', () => {
      // From here on its end only means that the worker was ended.
      socket.removeAllListeners('error').on('error', () => socket.destroy());
      socket.resume();
      socket.unref();
      resolve(socket);
    });
  });

/** A word of a command: blanks, semicolons and backslashes would end it. */
export const word = (text: string): string => text.replace(/[\\ ;]/g, '\\$&');

const nameOf = (command: string): string => (command.length > 200 ? `${command.slice(0, 200)}…` : command);
