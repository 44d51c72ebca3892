/** Finds the platform, and starts its daemon when that has gone. */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BerthError } from '@berth/core';
import { homeLayout, resolveHome } from '@berth/host';
import { type Client, createClient, platformNeverStarted, platformStopped } from '@berth/protocol';
import type { CliEnv } from './env.ts';
import type { Terminal } from './output/terminal.ts';
import type { ConnectOptions } from './session.ts';
import { startDaemon } from './start-daemon.ts';

type Context = { readonly env: CliEnv; readonly terminal: Terminal; readonly json: boolean } & ConnectOptions;

/**
 * Throws PLATFORM_NOT_RUNNING where there is nothing to start: with `start: 'never'`, in a home that was never used, and
 * after `berth down` (which leaves a mark) unless the command is the one that starts platforms.
 */
export const connect = async (context: Context): Promise<Client> => {
  const { env, start = 'again' } = context;
  const home = resolveHome(env.variables, env.uid);
  const layout = homeLayout(home);
  const client = createClient({ socketPath: layout.socket, by: env.user });
  if (start === 'first') await rm(downMark(home), { force: true });
  if (await isAnswering(client)) return client;
  if (start !== 'first') {
    if (!existsSync(layout.journal)) throw platformNeverStarted(home);
    if (existsSync(downMark(home))) throw platformStopped(home);
    if (start === 'never') throw platformNeverStarted(home);
  }
  await startDaemon(context, layout, () => isAnswering(client));
  return client;
};

/** Remembers that the platform is stopped on purpose, so that the next `berth ps` does not bring everything back. */
export const markDown = async (env: CliEnv): Promise<void> => {
  await writeFile(downMark(resolveHome(env.variables, env.uid)), '');
};

const downMark = (home: string): string => join(home, 'down');

const isAnswering = async (client: Client): Promise<boolean> => {
  try {
    await client.call('settings', {});
    return true;
  } catch (thrown) {
    const { code } = thrown as BerthError;
    if (code === 'PLATFORM_NOT_RUNNING' || code === 'PLATFORM_CONNECTION_LOST') return false;
    throw thrown;
  }
};
