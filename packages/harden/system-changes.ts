/** Changes of packages, units, accounts and swap space. */
import type { Handler } from './change.ts';
import type { HostAccess } from './host-access.ts';
import { must } from './must.ts';

type FormerPackages = {
  /** All that were installed before; the difference is what this has brought. */
  readonly before: readonly string[];
  /** Known once the installation has ended. */
  readonly brought: readonly string[] | null;
  /** Those that another check needs, while this one is taken back. */
  readonly kept?: readonly string[];
};

export const packagesHandler: Handler<'packages', FormerPackages> = {
  subject: ({ names }) => `packages ${names.join(' ')}`,
  describe: ({ names }) => `install ${names.join(', ')}`,
  isMade: async (host, { names }) => {
    const installed = await installedPackages(host);
    return names.every((name) => installed.has(name));
  },
  capture: async (host) => ({ before: [...(await presentPackages(host))].sort(), brought: null }),
  make: (host, { names }) => host.installPackages(names),
  complete: async (host, _change, { before, brought }) => {
    if (brought !== null) return { before: [], brought };
    const had = new Set(before);
    return { before: [], brought: [...(await presentPackages(host))].filter((name) => !had.has(name)).sort() };
  },
  restore: async (host, { names }, { before, brought, kept = [] }) => {
    const had = new Set(before);
    const ours = (brought ?? [...(await presentPackages(host))].filter((name) => !had.has(name))).filter(
      (name) => !kept.includes(name),
    );
    await purge(
      host,
      names.filter((name) => ours.includes(name)),
      ours,
    );
    // What only they needed. apt knows: it was installed for others, and nobody else has asked for it since.
    const { stdout } = await host.run([...APT_GET, ...DEPENDENCIES_ONLY, '--simulate', 'autoremove']);
    await purge(
      host,
      removals(stdout).filter((name) => ours.includes(name)),
      ours,
    );
  },
};

/** Somebody may have installed what needs them since: then they stay. */
const purge = async (host: HostAccess, names: readonly string[], ours: readonly string[]): Promise<void> => {
  const installed = await presentPackages(host);
  const there = names.filter((name) => installed.has(name));
  if (there.length === 0) return;
  const plan = await host.run([...APT_GET, '--simulate', 'purge', ...there]);
  if (plan.exitCode !== 0 || removals(plan.stdout).some((name) => !ours.includes(name))) return;
  const argv = [...APT_GET, 'purge', '--yes', ...there];
  if ((await host.run(argv)).exitCode === 0) return;
  // One that was killed in the middle has left something to be finished first.
  await must(host, ['env', 'DEBIAN_FRONTEND=noninteractive', 'dpkg', '--configure', '--pending']);
  await must(host, argv);
};

/** Names in the lines `Purg nftables [1.0.6-2]` of what apt would do. */
const removals = (output: string): readonly string[] =>
  [...output.matchAll(/^(?:Remv|Purg) (\S+)/gm)].map(([, name = '']) => name);

/** What is only recommended or suggested by something did not bring it here. */
const DEPENDENCIES_ONLY = ['Recommends', 'Suggests'].flatMap((kind) => ['-o', `APT::AutoRemove::${kind}Important=false`]);

const APT_GET = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=120'];

export const installedPackages = (host: Pick<HostAccess, 'run'>): Promise<ReadonlySet<string>> => packagesIn(host, /^ii/);

/** In whatever state: one that was killed while it was installed has files too, and one may just wait for its triggers. */
const presentPackages = (host: Pick<HostAccess, 'run'>): Promise<ReadonlySet<string>> => packagesIn(host, /^.[^nc ]/);

const packagesIn = async (host: Pick<HostAccess, 'run'>, state: RegExp): Promise<ReadonlySet<string>> => {
  const { stdout } = await must(host, ['dpkg-query', '--show', '--showformat', '${db:Status-Abbrev} ${Package}\\n']);
  const lines = stdout.split('\n').filter((line) => state.test(line));
  return new Set(lines.map((line) => line.replace(/^\S+\s+/, '')));
};

type FormerUnit = {
  /** As `systemctl is-enabled` says; empty when there was no such unit. */
  readonly enabled: string;
  readonly active: boolean;
};

export const unitHandler: Handler<'unit', FormerUnit> = {
  subject: ({ name }) => `unit ${name}`,
  describe: ({ name }) => `start ${name}, now and with the machine`,
  isMade: async (host, { name }) => {
    const { enabled, active } = await unitState(host, name);
    return active && (enabled === 'enabled' || enabled === 'static' || enabled === 'indirect');
  },
  capture: (host, { name }) => unitState(host, name),
  make: async (host, { name }) => {
    // Its file may just have been written.
    await must(host, ['systemctl', 'daemon-reload']);
    if ((await unitState(host, name)).enabled.startsWith('masked')) await must(host, ['systemctl', 'unmask', name]);
    await must(host, ['systemctl', 'enable', name]);
    await must(host, ['systemctl', 'start', name]);
  },
  restore: async (host, { name }, former) => {
    const now = await unitState(host, name);
    if (now.enabled === '') return;
    if (!former.active && now.active) await must(host, ['systemctl', 'stop', name]);
    if (former.enabled !== now.enabled) {
      if (former.enabled === 'enabled') await must(host, ['systemctl', 'enable', name]);
      else if (now.enabled === 'enabled') await must(host, ['systemctl', 'disable', name]);
      if (former.enabled.startsWith('masked')) await must(host, ['systemctl', 'mask', name]);
    }
    if (former.active && !now.active) await must(host, ['systemctl', 'start', name]);
  },
};

export const unitState = async (host: Pick<HostAccess, 'run'>, name: string): Promise<FormerUnit> => {
  const enabled = (await host.run(['systemctl', 'is-enabled', name])).stdout.trim();
  const active = (await host.run(['systemctl', 'is-active', name])).stdout.trim();
  return { enabled: enabled === 'not-found' ? '' : enabled, active: active === 'active' };
};

type FormerPassword = {
  /** The day of the last change of password, which every change of it sets to today. */
  readonly lastDay: string;
};

export const passwordHandler: Handler<'password', FormerPassword> = {
  subject: ({ user }) => `password of ${user}`,
  describe: ({ user }) => `lock the empty password of ${user}`,
  isMade: async (host, { user }) => (await shadowFields(host, user))?.[1] !== '',
  capture: async (host, { user }) => ({ lastDay: (await shadowFields(host, user))?.[2] ?? '' }),
  make: async (host, { user }) => {
    await must(host, ['usermod', '--password', LOCKED, user]);
  },
  restore: async (host, { user }, { lastDay }) => {
    // A password that was set since stays.
    if ((await shadowFields(host, user))?.[1] !== LOCKED) return;
    await must(host, ['passwd', '--quiet', '--delete', user]);
    await must(host, ['chage', '--lastday', lastDay === '' ? '-1' : lastDay, user]);
  },
};

/** No password gives this (crypt(5)). */
const LOCKED = '!';

const shadowFields = async (host: HostAccess, user: string): Promise<readonly string[] | undefined> =>
  ((await host.read('/etc/shadow')) ?? '')
    .toString()
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === user);

type FormerSwap = { readonly none: true };

export const swapHandler: Handler<'swap', FormerSwap> = {
  subject: ({ path }) => `swap ${path}`,
  describe: ({ path, bytes }) => `make ${Math.round(bytes / 1024 ** 2)} MB of swap space in ${path}`,
  isMade: async (host, { path }) => isSwap(host, path),
  capture: () => Promise.resolve({ none: true }),
  make: async (host, { path, bytes }) => {
    // A part of one may be there after a kill; a file with holes is not taken as swap space.
    await host.remove(path);
    await must(host, ['fallocate', '--length', String(bytes), path]);
    await host.setOwner(path, { mode: 0o600, uid: 0, gid: 0 });
    await must(host, ['mkswap', path]);
    await must(host, ['swapon', path]);
  },
  restore: async (host, { path }) => {
    if (await isSwap(host, path)) await must(host, ['swapoff', path]);
    await host.remove(path);
  },
};

const isSwap = async (host: HostAccess, path: string): Promise<boolean> =>
  ((await host.read('/proc/swaps')) ?? '')
    .toString()
    .split('\n')
    .some((line) => line.startsWith(`${path} `));
