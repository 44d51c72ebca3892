/** Changes of ufw's rules, made by ufw itself. */
import type { Handler } from './change.ts';
import type { HostAccess } from './host-access.ts';
import { must } from './must.ts';

type FormerUfw = { readonly none: true };

export const ufwHandler: Handler<'ufw', FormerUfw> = {
  subject: ({ rule }) => `ufw ${rule.join(' ')}`,
  describe: ({ rule }) => `ufw ${rule.join(' ')}`,
  isMade: async (host, { rule }) => (await addedUfwRules(host)).includes(rule.join(' ')),
  capture: () => Promise.resolve({ none: true }),
  make: async (host, { rule }) => {
    await must(host, ['ufw', ...rule]);
  },
  restore: async (host, { rule }) => {
    if ((await addedUfwRules(host)).includes(rule.join(' '))) await must(host, ['ufw', '--force', 'delete', ...rule]);
  },
};

/** Lines `ufw allow 22/tcp` of `ufw show added`, without the first word. */
export const addedUfwRules = async (host: Pick<HostAccess, 'run'>): Promise<readonly string[]> =>
  (await host.run(['ufw', 'show', 'added'])).stdout
    .split('\n')
    .filter((line) => line.startsWith('ufw '))
    .map((line) => line.slice('ufw '.length).trim());

type FormerDefault = { readonly policy: string };

export const ufwDefaultHandler: Handler<'ufw-default', FormerDefault> = {
  subject: () => 'ufw default incoming',
  describe: ({ policy }) => `ufw default ${policy} incoming`,
  isMade: async (host, { policy }) => (await incomingDefault(host)) === policy,
  capture: async (host) => ({ policy: await incomingDefault(host) }),
  make: async (host, { policy }) => {
    await must(host, ['ufw', 'default', policy, 'incoming']);
  },
  restore: async (host, _change, { policy }) => {
    if (policy !== '') await must(host, ['ufw', 'default', policy, 'incoming']);
  },
};

const incomingDefault = async (host: Pick<HostAccess, 'run'>): Promise<string> =>
  /^Default: (\w+) \(incoming\)/m.exec((await host.run(['ufw', 'status', 'verbose'])).stdout)?.[1] ?? '';
