import { isIP } from 'node:net';
import { homeLayout } from '@berth/host';
import type { Change } from '../change.ts';
import { type Check, type Context, type Evidence, judge } from '../check.ts';
import type { HostAccess } from '../host-access.ts';
import type { Settings } from '../settings.ts';
import { installedPackages } from '../system-changes.ts';
import { sshPorts } from './ssh-ports.ts';

const JAILS = '/etc/fail2ban/jail.d/berth.local';
const FILTER = '/etc/fail2ban/filter.d/berth-edge.conf';
const UNIT = 'fail2ban.service';

export const fail2ban: Check = {
  id: 'fail2ban',
  title: 'An address that keeps guessing is shut out',
  area: 'network',
  severity: 'medium',
  fix: 'fail2ban with a jail for SSH and one for requests that the edge refuses (401, 403, 429); bans are rules of nftables',
  guarded: false,
  settleUndone: [['systemctl', 'try-restart', UNIT]],

  async inspect(context) {
    const { host } = context;
    if (!(await installedPackages(host)).has('fail2ban')) {
      const found = 'not installed';
      return judge([{ what: 'fail2ban', where: 'dpkg-query', found, expected: 'installed and running', state: 'wrong' }], '');
    }
    const status = await host.run(['fail2ban-client', 'status']);
    const jails = /Jail list:\s*(.*)$/m.exec(status.stdout)?.[1]?.split(/,\s*/) ?? [];
    const evidence = [jailEvidence('sshd', jails, status.exitCode === 0)];
    const hasEdge = (await host.stat(accessLog(context))) !== null;
    if (hasEdge) evidence.push(jailEvidence('berth-edge', jails, status.exitCode === 0));
    const enabled = (await host.run(['systemctl', 'is-enabled', UNIT])).stdout.trim();
    evidence.push({
      what: 'starts with the machine',
      where: `systemctl is-enabled ${UNIT}`,
      found: enabled,
      expected: 'enabled',
      state: enabled === 'enabled' ? 'ok' : 'wrong',
    });
    const ours = await ownText(host);
    if (ours !== '') {
      const isOurs = ours === (await renderedJails(context));
      const found = isOurs ? 'as written' : 'not what it would be now';
      evidence.push({ what: 'jails', where: JAILS, found, expected: 'as written', state: isOurs ? 'ok' : 'wrong' });
    }
    const edge = hasEdge ? ' and the edge' : '; the edge follows once it has a log';
    return judge(evidence, `guards SSH${edge}`);
  },

  async plan(context) {
    const changes: Change[] = [
      // Debian 12 and later keep no auth.log: fail2ban reads the journal, through its module for Python.
      { kind: 'packages', names: ['fail2ban', 'python3-systemd', 'nftables'] },
      { kind: 'file', path: FILTER, content: EDGE_FILTER, mode: 0o644 },
      { kind: 'file', path: JAILS, content: await renderedJails(context), mode: 0o644 },
      { kind: 'unit', name: UNIT },
    ];
    return { changes, settle: [WAIT_UNTIL_UP, ['fail2ban-client', 'reload']] };
  },
};

/** It answers some tenths of a second after systemd says that it runs; stopped before then, it hangs. */
const WAIT_UNTIL_UP = ['timeout', '30', 'sh', '-c', 'until fail2ban-client ping >/dev/null 2>&1; do sleep 0.2; done'] as const;

const accessLog = ({ home }: Context): string => `${homeLayout(home).edge}/access.log`;

const jailEvidence = (jail: string, jails: readonly string[], isUp: boolean): Evidence => ({
  what: `jail ${jail}`,
  where: 'fail2ban-client status',
  found: isUp ? (jails.includes(jail) ? 'on' : 'off') : 'fail2ban does not answer',
  expected: 'on',
  state: isUp && jails.includes(jail) ? 'ok' : 'wrong',
});

const ownText = async (host: HostAccess): Promise<string> => ((await host.read(JAILS)) ?? '').toString();

const renderedJails = async (context: Context): Promise<string> => {
  const { host, settings, sshConnection } = context;
  const [client = ''] = sshConnection.split(' ');
  // Asked from a console, or by the machine itself: the address that was let in last stays so.
  const former = /^# asked for from (\S+)$/m.exec(await ownText(host))?.[1] ?? '';
  const hasEdge = (await host.stat(accessLog(context))) !== null;
  return renderJails({
    settings,
    admin: isIP(client) > 0 ? client : former,
    ports: await sshPorts(context),
    edgeLog: hasEdge ? accessLog(context) : null,
  });
};

export const renderJails = ({
  settings,
  admin,
  ports,
  edgeLog,
}: {
  settings: Settings;
  admin: string;
  ports: readonly number[];
  /** null: there is no edge yet, and fail2ban would not start without the file. */
  edgeLog: string | null;
}): string => {
  const trusted = ['127.0.0.1/8', '::1', ...(admin === '' ? [] : [admin]), ...settings.trustedAddresses];
  const bans = [
    `bantime = ${settings.banSeconds}`,
    `ignoreip = ${trusted.join(' ')}`,
    ...IGNORE_OWN,
    'banaction = nftables-multiport',
  ];
  const lines = [
    '# Written by Berth; berth harden writes it again, berth harden undo fail2ban takes it away.',
    ...(admin === '' ? [] : [`# asked for from ${admin}`]),
    '',
    '[sshd]',
    'enabled = true',
    'backend = systemd',
    'journalmatch = _SYSTEMD_UNIT=ssh.service + _COMM=sshd + _COMM=sshd-session',
    '# Where only keys are taken, guessing shows as connections that end before a login.',
    'mode = aggressive',
    `port = ${ports.join(',')}`,
    `maxretry = ${settings.sshFailures}`,
    'findtime = 600',
    ...bans,
  ];
  if (edgeLog !== null) {
    lines.push(
      '',
      '[berth-edge]',
      'enabled = true',
      'backend = polling',
      'filter = berth-edge',
      `logpath = ${edgeLog}`,
      `port = ${settings.edgePorts.join(',')}`,
      `maxretry = ${settings.edgeFailures}`,
      'findtime = 60',
      ...bans,
    );
  }
  return `${lines.join('\n')}\n`;
};

/**
 * What the machine asks of itself, as the check after a change of sshd does, is no guess. fail2ban 1.0 knows the addresses that its
 * host name stands for alone, and those of its interfaces may change.
 */
const IGNORE_OWN = [
  'ignorecommand = test -n "$(ip -oneline address show to <ip>)"',
  'ignorecache = key="<ip>", max-count=1000, max-time=60',
] as const;

/** A client cannot forge a key of a line: what it chooses is a JSON string in which every quote is escaped. */
export const EDGE_FILTER = `# Written by Berth
[Definition]
failregex = ,"status":(?:401|403|429),.*"client":"<ADDR>"
ignoreregex =
datepattern = ^\\{"time":{EPOCH}
`;
