/** Events and log lines of apps as they come, until Ctrl-C or until the platform is stopped by somebody else. */
import { once } from 'node:events';
import type { BerthError } from '@berth/core';
import type { Client } from '@berth/protocol';
import { onceInterrupted } from './interrupt.ts';
import { renderEvent } from './output/event.ts';
import type { Session } from './session.ts';
import { createPosition, renderLogLine } from './stream-logs.ts';

type Wanted = {
  /** All that happens is shown when empty. */
  readonly apps: readonly string[];
  readonly since: Date;
};

/** Tells who ended it. */
export const followApps = async (session: Session, wanted: Wanted): Promise<'interrupted' | 'stopped'> => {
  using interrupt = onceInterrupted();
  const ended = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, ended.signal]);
  const reconnect = sharedReconnect(session);
  const logs = wanted.apps.map((app) => keep(reconnect, signal, logsOf(session, { app, since: wanted.since, signal })));
  const events = keep(reconnect, signal, eventsOf(session, { apps: wanted.apps, signal }));
  try {
    await Promise.all([...logs, events]);
  } catch (thrown) {
    if (!interrupt.signal.aborted && (thrown as BerthError).code !== 'PLATFORM_NOT_RUNNING') throw thrown;
  } finally {
    ended.abort();
  }
  return interrupt.signal.aborted ? 'interrupted' : 'stopped';
};

type Stream = (client: Client) => Promise<void>;

/** Ends only by the signal, or with the error that says that the platform was stopped. */
const keep = async (reconnect: () => Promise<Client>, signal: AbortSignal, stream: Stream): Promise<void> => {
  while (!signal.aborted) {
    const client = await reconnect();
    try {
      await stream(client);
    } catch (thrown) {
      const { code } = thrown as BerthError;
      // Removed: it has no lines any more, and the others go on.
      if (code === 'APP_NOT_FOUND') return;
      if (!signal.aborted && code !== 'PLATFORM_CONNECTION_LOST' && code !== 'PLATFORM_NOT_RUNNING') throw thrown;
    }
  }
};

/** Many streams break at once; one of them looks for the daemon. */
const sharedReconnect = (session: Session): (() => Promise<Client>) => {
  let pending: Promise<Client> | null = null;
  return () => {
    pending ??= session.connect().finally(() => {
      pending = null;
    });
    return pending;
  };
};

const logsOf = (session: Session, { app, since, signal }: { app: string; since: Date; signal: AbortSignal }): Stream => {
  const position = createPosition();
  return async (client) => {
    const query = position.resume({ follow: true, since: since.toISOString() });
    for await (const line of client.stream('logs', { params: { app }, query, signal })) {
      if (position.isNew(line))
        await show(session, session.json ? JSON.stringify(line) : renderLogLine(line, session.terminal, { withApp: true }));
    }
  };
};

const eventsOf = (session: Session, { apps, signal }: { apps: readonly string[]; signal: AbortSignal }): Stream => {
  // What happened before is in the table already.
  let seen: number | undefined;
  return async (client) => {
    for await (const event of client.stream('events', { query: { since: seen, follow: true }, signal })) {
      seen = event.seq;
      if (event.app !== null && apps.length > 0 && !apps.includes(event.app)) continue;
      await show(session, session.json ? JSON.stringify(event) : renderEvent(event, session.terminal));
    }
  };
};

const show = async ({ terminal }: Session, line: string): Promise<void> => {
  if (!terminal.out.write(`${line}\n`)) await once(terminal.out, 'drain');
};
