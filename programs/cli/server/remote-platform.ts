/** The platform of a server, as a client here sees it: its socket, brought here through SSH. */
import { setTimeout as delay } from 'node:timers/promises';
import { BerthError } from '@berth/core';
import { homeLayout } from '@berth/host';
import { type Client, createClient } from '@berth/protocol';
import type { CliEnv } from '../env.ts';
import { platformNotThere } from './errors.ts';
import { SERVER_HOME } from './install/places.ts';
import type { Server } from './servers-file.ts';
import type { Connection } from './ssh-connection.ts';

const SOCKET = homeLayout(SERVER_HOME).socket;
const START_LIMIT_MS = 60_000;
const POLL_MS = 200;

/** Throws PLATFORM_NOT_ON_SERVER where Berth is not installed, or where its daemon does not start. */
export const connectThere = async (
  env: CliEnv,
  server: Server,
  connection: Connection,
  { start }: { start: boolean },
): Promise<Client> => {
  const socketPath = await connection.forward(SOCKET);
  const client = createClient({ socketPath, by: env.user });
  if (await answers(client)) return client;
  const { code } = start ? await connection.run(['systemctl', 'start', 'berthd.service']) : { code: null };
  if (code !== 0) throw platformNotThere(server.name);
  for (const until = Date.now() + START_LIMIT_MS; !(await answers(client)); await delay(POLL_MS))
    if (Date.now() > until) throw platformNotThere(server.name);
  return client;
};

/** Where nobody listens at the other end, ssh takes the connection and ends it. */
const answers = async (client: Client): Promise<boolean> => {
  try {
    await client.call('settings', {});
    return true;
  } catch (thrown) {
    if (thrown instanceof BerthError && /^PLATFORM_(?:NOT_RUNNING|CONNECTION_LOST)$/.test(thrown.code)) return false;
    throw thrown;
  }
};
