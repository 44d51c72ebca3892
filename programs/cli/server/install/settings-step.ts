import { isDeepStrictEqual } from 'node:util';
import { homeLayout } from '@berth/host';
import { createClient, type PlatformSettings } from '@berth/protocol';
import { SERVER_HOME } from './places.ts';
import type { InstallStep } from './step.ts';

/** Where the edge listens and how apps get their names: what `berth up` has options for, on a server once and for all. */
export const settingsStep = (wish: (now: PlatformSettings) => Partial<PlatformSettings>): InstallStep => {
  const client = createClient({ socketPath: homeLayout(SERVER_HOME).socket, by: 'installer' });
  return {
    name: 'settings',
    title: 'the edge on 80 and 443',
    async inspect() {
      const now = await client.call('settings', {});
      return Object.entries(wish(now))
        .filter(([name, value]) => !isDeepStrictEqual(value, now[name as keyof PlatformSettings]))
        .map(
          ([name, value]) =>
            `set ${name} to ${Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : value}`,
        );
    },
    async apply() {
      await client.call('changeSettings', { body: wish(await client.call('settings', {})) });
    },
  };
};
