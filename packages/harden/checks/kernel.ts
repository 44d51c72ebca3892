import type { Change } from '../change.ts';
import { type Check, type Context, type Evidence, judge } from '../check.ts';
import { readSysctl, sysctlPath } from '../file-changes.ts';
import type { HostAccess } from '../host-access.ts';

/** Of several files the last counts, and Debian's own 99-sysctl.conf is a link to /etc/sysctl.conf. */
const SYSCTL_FILE = '/etc/sysctl.d/99-zz-berth.conf';

type Rule = { readonly key: string; readonly value: string; readonly isFine: (value: number) => boolean; readonly why: string };

const rule = (key: string, value: string, why: string, isFine = (found: number): boolean => found === Number(value)): Rule => ({
  key,
  value,
  why,
  isFine,
});
const atLeast =
  (least: number) =>
  (found: number): boolean =>
    found >= least;

export const KERNEL_RULES: readonly Rule[] = [
  rule('net.ipv4.tcp_syncookies', '1', 'a flood of half-open connections does not shut others out', atLeast(1)),
  // 1 would drop what comes back by another interface, as with a VPN.
  rule('net.ipv4.conf.all.rp_filter', '2', 'packets with a forged sender are dropped', atLeast(1)),
  rule('net.ipv4.conf.default.rp_filter', '2', 'the same for interfaces to come', atLeast(1)),
  rule('net.ipv4.conf.all.accept_redirects', '0', 'nobody in the network changes our routes'),
  rule('net.ipv4.conf.default.accept_redirects', '0', 'the same for interfaces to come'),
  rule('net.ipv4.conf.all.secure_redirects', '0', 'not even a gateway'),
  rule('net.ipv4.conf.default.secure_redirects', '0', 'the same for interfaces to come'),
  rule('net.ipv4.conf.all.send_redirects', '0', 'this machine is no router'),
  rule('net.ipv4.conf.default.send_redirects', '0', 'the same for interfaces to come'),
  rule('net.ipv4.conf.all.accept_source_route', '0', 'a packet does not choose its way'),
  rule('net.ipv4.conf.default.accept_source_route', '0', 'the same for interfaces to come'),
  rule('net.ipv6.conf.all.accept_redirects', '0', 'as for IPv4'),
  rule('net.ipv6.conf.default.accept_redirects', '0', 'as for IPv4'),
  rule('net.ipv6.conf.all.accept_source_route', '0', 'as for IPv4'),
  rule('net.ipv6.conf.default.accept_source_route', '0', 'as for IPv4'),
  rule('net.ipv4.icmp_echo_ignore_broadcasts', '1', 'no part in floods of pings'),
  rule('net.core.somaxconn', '4096', 'a burst of connections waits instead of being refused', atLeast(4096)),
  rule('kernel.kptr_restrict', '1', 'addresses of the kernel are secret', atLeast(1)),
  rule('kernel.dmesg_restrict', '1', 'so are its messages'),
  // 1 could not be taken back before the next start of the machine.
  rule('kernel.unprivileged_bpf_disabled', '2', 'apps load no programs into the kernel', atLeast(1)),
  rule('kernel.yama.ptrace_scope', '1', 'apps do not look into each other', atLeast(1)),
  rule('kernel.sysrq', '0', 'no keys that restart the machine'),
  rule('fs.protected_hardlinks', '1', 'no tricks with links in /tmp'),
  rule('fs.protected_symlinks', '1', 'no tricks with links in /tmp'),
  rule('fs.protected_fifos', '1', 'no tricks with pipes in /tmp', atLeast(1)),
  rule('fs.protected_regular', '1', 'no tricks with files in /tmp', atLeast(1)),
  rule('fs.suid_dumpable', '0', 'programs with more rights leave no copy of their memory'),
];

export const kernel: Check = {
  id: 'kernel',
  title: 'The kernel is strict with the network and with apps',
  area: 'system',
  severity: 'medium',
  fix: `${SYSCTL_FILE}, in effect at once; what is stricter already stays`,
  guarded: false,
  settleUndone: [],

  async inspect(context) {
    const evidence: Evidence[] = [];
    for (const one of KERNEL_RULES) evidence.push(await evidenceOf(one, context));
    const count = evidence.filter(({ state }) => state === 'ok').length;
    const others = evidence.filter(({ state }) => state === 'not-applicable').length;
    return judge(evidence, `${count} values are right${others === 0 ? '' : `, ${others} cannot be set here`}`);
  },

  async plan(context) {
    const { host } = context;
    const ours = ((await host.read(SYSCTL_FILE)) ?? '').toString();
    const wrong: Rule[] = [];
    const written: Rule[] = [];
    for (const one of KERNEL_RULES) {
      const { state } = await evidenceOf(one, context);
      if (state === 'wrong') wrong.push(one);
      if (state === 'wrong' || ours.includes(`\n${one.key} = `)) written.push(one);
    }
    const changes: Change[] = [
      { kind: 'file', path: SYSCTL_FILE, content: renderSysctl(written), mode: 0o644 },
      ...wrong.map(({ key, value }): Change => ({ kind: 'sysctl', key, value })),
    ];
    return { changes, settle: [] };
  },
};

export const renderSysctl = (rules: readonly Pick<Rule, 'key' | 'value' | 'why'>[]): string =>
  `# Written by Berth\n${rules.map(({ key, value, why }) => `# ${why}\n${key} = ${value}\n`).join('')}`;

const evidenceOf = async ({ key, value, isFine }: Rule, { host, container }: Context): Promise<Evidence> => {
  const found = await readSysctl(host, key);
  const item = { what: key, where: sysctlPath(key), found: found ?? 'not there', expected: value };
  if (found === null) return { ...item, found: 'this kernel has no such value', state: 'not-applicable' };
  if (isFine(Number(found))) return { ...item, state: 'ok' };
  if (!isSettable(host, key)) {
    const why = container === null ? 'it cannot be written' : `it belongs to the host around this container (${container})`;
    return { ...item, found: `${found}; ${why}`, state: 'not-applicable' };
  }
  return { ...item, state: 'wrong' };
};

const isSettable = (host: HostAccess, key: string): boolean => host.writable(sysctlPath(key));
