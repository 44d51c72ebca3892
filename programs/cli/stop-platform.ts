/** Stops everything: instances, edge, daemon. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BerthError } from '@berth/core';
import { isAlive, readProcess, resolveHome } from '@berth/host';
import type { Client } from '@berth/protocol';
import { markDown } from './connect.ts';
import { findDaemonUnit } from './daemon-unit.ts';
import { daemonStays } from './errors.ts';
import type { Session } from './session.ts';

/** Longer than an instance may take to leave (`stop.within` of the slowest), and a little for the rest. */
const STOP_LIMIT_S = 300;
const POLL_MS = 50;

export type Stopped = { readonly stopped: boolean; readonly apps: readonly string[]; readonly ms: number };

export const stopPlatform = async (session: Session): Promise<Stopped> => {
  const client = await reach(session);
  if (!client) return { stopped: false, apps: [], ms: 0 };
  const began = Date.now();
  const { daemon, apps } = await client.call('status', {});
  const { terminal, json } = session;
  if (!json)
    terminal.note(terminal.style.dim(`stopping ${[...apps.map(({ app }) => app), 'the edge'].join(', ')} and the daemon …`));
  // Before it goes: whoever follows it must not take its end for a crash and start it again.
  await markDown(session.env);
  await client.call('shutdown', { body: { everything: true } });
  await waitForEnd(daemon.pid);
  await findDaemonUnit(resolveHome(session.env.variables, session.env.uid), session.env.uid)?.stop();
  return { stopped: true, apps: apps.map(({ app }) => app), ms: Date.now() - began };
};

/** A daemon that was killed is started once more, since only it knows what to stop; undefined when nothing is left to stop. */
const reach = async (session: Session): Promise<Client | undefined> => {
  try {
    return await session.connect();
  } catch (thrown) {
    if ((thrown as BerthError).code === 'PLATFORM_NOT_RUNNING') return undefined;
    throw thrown;
  }
};

const waitForEnd = async (pid: number): Promise<void> => {
  const until = Date.now() + STOP_LIMIT_S * 1_000;
  for (let found = readProcess(pid); found && isAlive(found); found = readProcess(pid)) {
    if (Date.now() > until) throw daemonStays(pid, STOP_LIMIT_S);
    await delay(POLL_MS);
  }
};
