/** What an installation leaves on a machine, as lines that can be compared: before and after, whole and interrupted. */
import type { Machine } from '@berth/testing';

export type Footprint = Readonly<Record<keyof typeof QUESTIONS, readonly string[]>>;

/** Each a script for sh; what differs from one installation to the next for good reasons is left out or named alike. */
const QUESTIONS = {
  packages: `dpkg-query --show --showformat '\${Package} \${Version} \${db:Status-Abbrev}\\n'`,
  users: 'getent passwd | cut -d : -f 1,6,7; getent group | cut -d : -f 1,4',
  units: `systemctl list-unit-files --no-legend --no-pager --plain | awk '$2 != "transient" {print $1, $2}'
    systemctl list-units --all --no-legend --no-pager --plain --state=active --type=service,socket,timer,slice | awk '{print $1, $3}' |
      grep -Ev '^(user|session|run-|systemd-(hostnamed|timedated|localed)|apt-daily|dpkg-db-backup|e2scrub|fstrim|logrotate.service|modprobe@)' || true`,
  sockets: `ss -Htuln | awk '{print $1, $5}'; ss -Hxln | awk '{print $5}' | grep -E 'berth|fail2ban|haproxy|nginx' | sed -E 's/[.][0-9]+[.]tmp$//' || true`,
  firewall: 'command -v nft >/dev/null && nft list tables || true',
  sysctl:
    'sysctl -a 2>/dev/null | grep -E "^net\\.(ipv4|ipv6)\\.conf\\.(all|default)\\.(rp_filter|accept_redirects|send_redirects|accept_source_route)"',
  files: `find /etc /usr/lib/berth /usr/local /var/lib/berth /var/cache/berth /opt /root /run/systemd/system /var/spool/cron -xdev \\
      -not -path '/usr/lib/berth/*/*/*' -not -path '/var/lib/berth/run/*' -not -path '/var/lib/berth/*/*' -not -path '/var/cache/berth/*' \\
      -printf '%p %y %m %u:%g %l\\n' | sed -E 's/0\\.1\\.0-[0-9a-f]{8}/VERSION/g' |
      grep -Ev '^/etc/(ssl/certs/|alternatives/|rc[0-9S]\\.d/|ld\\.so\\.cache|mtab|resolv\\.conf)|^/run/systemd/system/systemd-|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-'`,
} as const;

export const footprintOf = async (machine: Machine): Promise<Footprint> => {
  const answers = await Promise.all(
    Object.entries(QUESTIONS).map(async ([what, script]) => {
      const { stdout } = await machine.execOk(['sh', '-c', script]);
      return [
        what,
        stdout
          .split('\n')
          .filter((line) => line !== '')
          .toSorted(),
      ] as const;
    }),
  );
  return Object.fromEntries(answers) as unknown as Footprint;
};

/** Takes away what was installed since, with its configuration. */
export const purgePackages = async (machine: Machine, before: Footprint): Promise<void> => {
  const namesOf = (footprint: Footprint): string[] => footprint.packages.map((line) => line.split(' ')[0] ?? '');
  const kept = new Set(namesOf(before));
  const added = namesOf(await footprintOf(machine)).filter((name) => !kept.has(name));
  if (added.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await machine.execOk(['apt-get', '-qq', '-y', 'purge', ...added], { env, timeoutMs: 300_000 });
};

/** Lines that only one of the two has: `- ` was there and is not, `+ ` is there and was not. */
export const differences = (before: Footprint, after: Footprint): string[] =>
  (Object.keys(QUESTIONS) as (keyof typeof QUESTIONS)[]).flatMap((what) => [
    ...missingFrom(before[what], after[what]).map((line) => `- ${what}: ${line}`),
    ...missingFrom(after[what], before[what]).map((line) => `+ ${what}: ${line}`),
  ]);

/** As often as they stand there, so that a line that is there twice is noticed. */
const missingFrom = (lines: readonly string[], others: readonly string[]): string[] => {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};
