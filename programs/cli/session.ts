/** What a command works with: the terminal, the platform, and a way to fail. */
import type { BerthError } from '@berth/core';
import type { Client, PlatformSettings } from '@berth/protocol';
import type { CliEnv } from './env.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';
import type { RemoteSession } from './server/remote-session.ts';
import type { Server } from './server/servers-file.ts';

export type Session = {
  readonly env: CliEnv;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** The server that the command is for; null for this machine. */
  readonly server: Server | null;
  /** A client of the running platform; a daemon that has gone is started again. */
  connect(options?: ConnectOptions): Promise<Client>;
};

export type ConnectOptions = {
  /** Only `berth up` starts a platform that never ran, or that was stopped on purpose. */
  readonly start?: 'first' | 'again' | 'never';
  readonly settings?: Partial<PlatformSettings>;
};

/** Runs the action of a command and ends with its exit code. */
export type Run = (options: { json?: boolean; on?: string }, act: (session: Session) => Promise<number | void>) => Promise<void>;

/** `words`: the command line, from which a command that has to act on the server itself is run there again. */
export const createRun =
  (env: CliEnv, terminal: Terminal, words: readonly string[]): Run =>
  async (options, act) => {
    const json = options.json === true;
    let there: RemoteSession | null = null;
    let shown = terminal;
    let connect: Session['connect'] = async (how = {}) => (await import('./connect.ts')).connect({ env, terminal, json, ...how });
    try {
      there = await openThere(env, { on: options.on, words });
      const server = there?.server ?? null;
      if (there !== null) {
        shown = terminal.at(there.server.name);
        if (!json) terminal.note(terminal.style.dim(`on ${there.server.name}`));
        connect = there.connect;
      }
      process.exitCode = (await (there?.runThere?.(terminal) ?? act({ env, terminal: shown, json, server, connect }))) ?? 0;
    } catch (thrown) {
      // Loaded when needed: help and completion start in half the time without it.
      const { asBerthError } = await import('@berth/core');
      const { errorJson, renderError } = await import('./output/errors.ts');
      const error = await suggestApp(asBerthError(thrown), connect);
      process.exitCode = exitCodeOf(error);
      if (json) terminal.printJson(errorJson(error));
      else terminal.note(...renderError(error, shown));
    } finally {
      await there?.end();
    }
  };

/** Loaded when needed, too. */
const openThere = async (
  env: CliEnv,
  { on, words }: { on: string | undefined; words: readonly string[] },
): Promise<RemoteSession | null> => (await import('./server/remote-session.ts')).openRemoteSession(env, { on, words });

/** A name that is nearly that of an app is answered with that app. */
const suggestApp = async (error: BerthError, connect: Session['connect']): Promise<BerthError> => {
  if (error.code !== 'APP_NOT_FOUND' || typeof error.fields.app !== 'string') return error;
  const { BerthError, nearest } = await import('@berth/core');
  const { apps } = await (await connect({ start: 'never' })).call('status', {});
  const meant = nearest(
    error.fields.app,
    apps.map(({ app }) => app),
  );
  return meant === null
    ? error
    : new BerthError(error.code, error.message, { hint: `did you mean ${meant}?`, fields: error.fields });
};
