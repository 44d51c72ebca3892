/** What the preflight script saw, and whether a machine with that can become a server of Berth. Pure. */
import { isAtLeast } from '@berth/host';

export type Seen = {
  readonly os: { readonly id: string; readonly version: string; readonly name: string };
  /** As `uname -m` says it. */
  readonly machine: string;
  readonly kernel: string;
  readonly init: string;
  readonly systemd: number | null;
  readonly uid: number;
  readonly virtual: string;
  readonly memoryMb: number;
  readonly swapMb: number;
  readonly processors: number;
  readonly diskMb: Readonly<Record<string, number>>;
  readonly clockS: number;
  readonly listens: readonly { readonly port: number; readonly program: string; readonly command: string }[];
  readonly apt: { readonly there: boolean; readonly archive: string; readonly proxy: string; readonly reached: boolean | null };
  readonly dpkgInterrupted: boolean;
  readonly installed: Readonly<Record<string, string>>;
  readonly offered: Readonly<Record<string, string>>;
  readonly has: readonly string[];
  readonly runs: readonly string[];
  readonly berth: {
    /** What `/usr/lib/berth/current` leads to. */
    readonly current: string | null;
    readonly there: readonly string[];
    readonly home: boolean;
    readonly unit: string | null;
    /** Where `/usr/local/bin/berth` leads. */
    readonly command: string | null;
    /** Daemons that systemd did not start. */
    readonly stray: readonly number[];
  };
};

/** Undefined when the script did not come to its end. */
export const parseSeen = (text: string): Seen | undefined => {
  const all = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^([a-z.]+)\t(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) all.set(name, [...(all.get(name) ?? []), value.trim()]);
  }
  if (!all.has('end')) return undefined;
  const one = (name: string): string => all.get(name)?.[0] ?? '';
  const many = (name: string): string[] => (all.get(name) ?? []).filter((value) => value !== '');
  const pairs = (name: string): [string, string][] =>
    many(name).map((value): [string, string] => [value.split(' ')[0] ?? '', value.split(' ').slice(1).join(' ')]);
  const known = (name: string): Record<string, string> =>
    Object.fromEntries(pairs(name).filter(([, value]) => value !== '' && value !== '(none)'));
  return {
    os: { id: one('os.id'), version: one('os.version'), name: one('os.name') },
    ...{ machine: one('machine'), kernel: one('kernel'), init: one('init'), virtual: one('virtual') },
    systemd: one('systemd') === '' ? null : Number(one('systemd')),
    uid: Number(one('uid') || -1),
    memoryMb: Math.round(Number(one('memory.kb')) / 1_024),
    swapMb: Math.round(Number(one('swap.kb')) / 1_024),
    processors: Number(one('processors') || 1),
    diskMb: Object.fromEntries(pairs('disk.kb').map(([directory, kb]) => [directory, Math.round(Number(kb) / 1_024)])),
    clockS: Number(one('clock')),
    listens: listenersOf(pairs('listens')),
    apt: {
      there: one('apt') !== '',
      archive: one('apt.archive'),
      proxy: one('apt.proxy'),
      reached: one('apt.reached') === '' ? null : one('apt.reached') === 'yes',
    },
    dpkgInterrupted: one('dpkg.interrupted') === 'yes',
    ...{ installed: known('package.installed'), offered: known('package.offered') },
    ...{ has: many('has'), runs: many('runs') },
    berth: {
      current: one('berth.current') || null,
      there: many('berth.there'),
      home: one('berth.home') === 'yes',
      unit: one('berth.unit') || null,
      command: one('berth.command') || null,
      stray: many('berth.stray').map(Number),
    },
  };
};

const listenersOf = (pairs: readonly [string, string][]): Seen['listens'] => {
  const byPort = new Map<number, { port: number; program: string; command: string }>();
  for (const [port, owner] of pairs) {
    const [program = '', , ...command] = owner.split(' ');
    if (!byPort.has(Number(port))) byPort.set(Number(port), { port: Number(port), program, command: command.join(' ') });
  }
  return [...byPort.values()].sort((one, other) => one.port - other.port);
};

export type Finding = {
  readonly check: string;
  readonly state: 'ok' | 'note' | 'unfit';
  readonly says: string;
  /** What to do, where something is to be done. */
  readonly hint?: string;
};

const DISTRIBUTIONS = ['debian 12', 'debian 13', 'ubuntu 22.04', 'ubuntu 24.04'];
/** An edge, a daemon and one small app; the daemon alone takes 80 MB. */
const MEMORY_MB = { least: 450, comfortable: 900 };
/** Artifact, system packages, and a first release of an app. */
const DISK_MB = { least: 1_000, comfortable: 5_000 };
const CLOCK_OFF_S = 120;
/** See packages/host: what the edge uses of HAProxy. */
const HAPROXY_LEAST = '2.6';

/** `now` is this machine's clock, in seconds: certificates and package lists need both to agree. */
export const judge = (seen: Seen, { nowS }: { nowS: number }): Finding[] => {
  const findings: Finding[] = [];
  const add = (check: string, state: Finding['state'], says: string, hint?: string): void => {
    findings.push({ check, state, says, ...(hint !== undefined && { hint }) });
  };
  const { os, berth } = seen;
  if (DISTRIBUTIONS.includes(`${os.id} ${os.version}`)) add('distribution', 'ok', os.name);
  else add('distribution', 'unfit', os.name || 'it does not say', 'use Debian 12 or 13, or Ubuntu 22.04 or 24.04');
  if (machineOf(seen.machine) !== null)
    add('machine', 'ok', `${seen.machine}, ${seen.processors} processors, Linux ${seen.kernel}`);
  else add('machine', 'unfit', seen.machine, 'Berth brings Node for x86_64 and aarch64');
  if (seen.systemd !== null && seen.init === 'systemd') add('systemd', 'ok', `${seen.systemd}, it is PID 1`);
  else
    add(
      'systemd',
      'unfit',
      `PID 1 is ${seen.init || 'unknown'}`,
      'use a machine that was booted with systemd, not a bare container',
    );
  if (seen.uid !== 0)
    add('root', 'unfit', `the commands run as user ${seen.uid}`, 'use root@HOST, or a user with passwordless sudo');

  const memory = `${seen.memoryMb} MB${seen.swapMb > 0 ? ` and ${seen.swapMb} MB swap` : ''}`;
  if (seen.memoryMb < MEMORY_MB.least) add('memory', 'unfit', memory, `Berth needs ${MEMORY_MB.least} MB`);
  else if (seen.memoryMb + seen.swapMb < MEMORY_MB.comfortable)
    add('memory', 'note', memory, 'enough for Berth; builds may need more');
  else add('memory', 'ok', memory);
  const free = Math.min(...Object.values(seen.diskMb));
  if (free < DISK_MB.least)
    add('disk', 'unfit', `${free} MB are free`, `Berth needs ${DISK_MB.least} MB below /usr/lib and /var/lib`);
  else if (free < DISK_MB.comfortable) add('disk', 'note', `${free} MB are free`, 'enough for Berth and a small app');
  else add('disk', 'ok', `${Math.round(free / 1_000)} GB are free`);
  const off = seen.clockS - nowS;
  if (Math.abs(off) < CLOCK_OFF_S) add('clock', 'ok', 'it agrees with this machine’s');
  else
    add(
      'clock',
      'note',
      `it is ${Math.round(Math.abs(off) / 60)} min ${off > 0 ? 'ahead of' : 'behind'} this machine’s`,
      'hardening switches time synchronization on',
    );

  for (const port of [80, 443]) findings.push(judgePort(seen, port));
  findings.push(...judgePackages(seen));
  if (berth.current !== null)
    add('Berth', 'ok', `${berth.current} is installed${berth.unit === null ? '' : `, berthd is ${berth.unit}`}`);
  else if (berth.home) add('Berth', 'note', 'it was here: /var/lib/berth is taken over as it is');
  if (berth.stray.length > 0)
    add(
      'Berth',
      'unfit',
      `a daemon runs that systemd did not start (process ${berth.stray.join(', ')})`,
      'stop it there first: berth down',
    );
  if (berth.command !== null && !berth.command.startsWith('/usr/lib/berth/'))
    add('Berth', 'unfit', `/usr/local/bin/berth is ${berth.command}, which is not from here`, 'move it away first');
  const beside = seen.has.filter((name) =>
    ['docker', 'podman', 'caddy', 'apache2', 'certbot', 'ufw', 'firewalld'].includes(name),
  );
  if (beside.length > 0)
    add('beside Berth', 'note', beside.join(', '), 'left as they are; their ports are closed from outside by the firewall');
  return findings;
};

/** As Node calls it; null for what it has no build for. */
export const machineOf = (uname: string): 'linux-x64' | 'linux-arm64' | null =>
  uname === 'x86_64' ? 'linux-x64' : uname === 'aarch64' ? 'linux-arm64' : null;

const judgePort = ({ listens, berth }: Seen, port: number): Finding => {
  const check = `port ${port}`;
  const found = listens.find((one) => one.port === port);
  if (found === undefined) return { check, state: 'ok', says: 'it is free' };
  if (berth.home && found.program === 'haproxy' && found.command.includes('/var/lib/berth/'))
    return { check, state: 'ok', says: 'it is Berth’s own edge' };
  const program = found.program || 'a program that could not be found out';
  return {
    check,
    state: 'unfit',
    says: `${program} listens there`,
    hint: `stop it (systemctl disable --now ${found.program || 'NAME'}): Berth's edge answers on 80 and 443`,
  };
};

const judgePackages = ({ apt, installed, offered, dpkgInterrupted, os }: Seen): Finding[] => {
  const check = 'packages';
  const wanted = ['haproxy', 'nginx'].filter((name) => installed[name] === undefined);
  const haproxy = installed.haproxy ?? offered.haproxy ?? (os.id === 'ubuntu' && os.version === '22.04' ? '2.4' : undefined);
  if (haproxy !== undefined && !isAtLeast(haproxy.replace(/^\d+:/, ''), HAPROXY_LEAST))
    return [
      {
        ...{ check, state: 'unfit', says: `${os.name} offers HAProxy ${haproxy}, and Berth needs ${HAPROXY_LEAST}` },
        hint: 'add a newer one there: apt-get install software-properties-common && add-apt-repository ppa:vbernat/haproxy-2.8',
      },
    ];
  if (wanted.length === 0) return [{ check, state: 'ok', says: 'haproxy and nginx are installed' }];
  if (!apt.there) return [{ check, state: 'unfit', says: 'there is no apt-get', hint: 'install haproxy and nginx there' }];
  if (apt.reached === false)
    return [
      {
        check,
        state: 'unfit',
        says: `${apt.archive} cannot be reached from there`,
        hint: 'check its DNS and its way out: apt-get update',
      },
    ];
  const says = `${wanted.join(' and ')} will come from ${apt.archive || 'its package archive'}`;
  return [{ check, state: 'ok', says: dpkgInterrupted ? `${says}, after an interrupted installation is finished` : says }];
};
