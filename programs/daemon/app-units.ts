import { join } from 'node:path';
import { asBerthError } from '@berth/core';
import type { HomeLayout, Logger } from '@berth/host';
import type { Platform } from '@berth/operations';
import { createAppUnits } from '@berth/runtime';

type Deps = { readonly layout: HomeLayout; readonly log: Logger; readonly signal: AbortSignal };

/** As long as the daemon runs, the machine's systemd shows each app by its name, running or stopped as it is. */
export const keepAppUnits = async (
  platform: Pick<Platform, 'status' | 'events'>,
  { layout, log, signal }: Deps,
): Promise<void> => {
  const { home, socket } = layout;
  const command = [process.execPath, join(import.meta.dirname, 'app-unit.ts')];
  const units = createAppUnits({ home, socket, command, log });
  const sync = async (): Promise<void> => {
    try {
      const { apps } = await platform.status();
      const deployed = apps.filter(({ release }) => release !== null);
      await units.sync(
        deployed.map(({ app, state }) => ({ app, isRunning: state === 'deploying' ? null : state !== 'stopped' })),
      );
    } catch (cause) {
      const { code, message } = asBerthError(cause);
      log.warn('app-unit.failed', { code, message });
    }
  };
  // Before the first look, so that nothing that happens during it is missed.
  const events = platform.events({ follow: true }, signal)[Symbol.asyncIterator]();
  let next = events.next();
  await sync();
  for (let event = await next; !event.done; event = await next) {
    next = events.next();
    if (event.value.name === 'operation.finished') await sync();
  }
};
