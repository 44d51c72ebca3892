/** A command that is for a server: one connection, made when it is needed first, and ended with the command. */
import type { CliEnv } from '../env.ts';
import type { Terminal } from '../output/terminal.ts';
import type { Session } from '../session.ts';
import { chooseServer, placeOf, wordsWithoutOn } from './placement.ts';
import type { Server } from './servers-file.ts';
import type { Connection } from './ssh-connection.ts';

export type RemoteSession = {
  readonly server: Server;
  readonly connect: Session['connect'];
  /** Of a command that acts on the machine itself: runs it there, instead of here. */
  readonly runThere: ((terminal: Terminal) => Promise<number>) | null;
  end(): Promise<void>;
};

/** Null when the command is for this machine. Throws what `chooseServer` throws. */
export const openRemoteSession = (
  env: CliEnv,
  { on, words }: { on: string | undefined; words: readonly string[] },
): RemoteSession | null => {
  const server = chooseServer(env, { on, command: words[0] });
  if (server === null) return null;
  let opened: Promise<Connection> | null = null;
  // Loaded when needed: a wrong name is answered without them.
  const open = async (): Promise<Connection> => {
    opened ??= import('./reach.ts').then(({ reach }) => reach({ env }, server));
    return opened;
  };
  return {
    server,
    async connect({ start = 'again' } = {}) {
      const { connectThere } = await import('./remote-platform.ts');
      return connectThere(env, server, await open(), { start: start !== 'never' });
    },
    runThere:
      placeOf(words[0]) === 'machine'
        ? async (terminal) => {
            const { runOnMachine } = await import('./on-machine.ts');
            const code = await runOnMachine(await open(), wordsWithoutOn(words), { terminal, name: server.name });
            if (isHardening(words)) await comeInAgain(env, server, terminal);
            return code;
          }
        : null,
    async end() {
      const connection = await opened?.catch(() => null);
      await connection?.[Symbol.asyncDispose]();
    },
  };
};

/** Not what only shows, confirms or takes back. */
const isHardening = (words: readonly string[]): boolean =>
  words[0] === 'harden' && !words.some((word) => ['confirm', 'undo', '--dry-run', '--help'].includes(word));

/** A changed firewall or sshd stands once somebody came in by a new connection: this one. */
const comeInAgain = async (env: CliEnv, server: Server, terminal: Terminal): Promise<void> => {
  const { reach } = await import('./reach.ts');
  const { COMMAND } = await import('./install/places.ts');
  await using another = await reach({ env }, server);
  const { code, stdout } = await another.run([COMMAND, 'harden', 'confirm', '--json']);
  if (code === 0) terminal.note(`confirmed over a new connection to ${server.name}`);
  else if (!stdout.includes('HARDEN_NOTHING_TO_CONFIRM'))
    terminal.note(`it could not be confirmed over a new connection: ${stdout.trim()}`);
};
