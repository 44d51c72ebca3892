import type { Change } from '../change.ts';
import { type Check, type Context, type Evidence, type Finding, judge, type Plan } from '../check.ts';
import { FIREWALL_FILE, FIREWALL_UNIT, type OpenPorts, parseTable, renderFirewall, renderFirewallUnit } from './nft-rules.ts';
import { sshPorts } from './ssh-ports.ts';
import { readUfw, type UfwStatus } from './ufw.ts';

export const firewall: Check = {
  id: 'firewall',
  title: 'Only SSH, HTTP and HTTPS can be reached from outside',
  area: 'network',
  severity: 'high',
  fix: 'nftables rules in a table of their own, loaded with the machine; where ufw is active, rules of ufw instead',
  guarded: true,
  settleUndone: [
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'try-reload-or-restart', FIREWALL_UNIT],
  ],

  async inspect(context) {
    const wanted = await wantedPorts(context);
    const ufw = await readUfw(context.host);
    return ufw.active ? inspectUfw(ufw, wanted) : inspectNft(context, wanted);
  },

  async plan(context) {
    const wanted = await wantedPorts(context);
    return (await readUfw(context.host)).active ? planUfw(wanted) : planNft(wanted);
  },
};

export const wantedPorts = async (context: Context): Promise<OpenPorts> => {
  const { edgePorts, openPorts } = context.settings;
  const others = openPorts.map((text) => text.split('/')).map(([port, protocol]) => ({ port: Number(port), protocol }));
  const of = (wanted: string): number[] => others.filter(({ protocol }) => protocol === wanted).map(({ port }) => port);
  const unique = (ports: readonly number[]): number[] => [...new Set(ports)].sort((a, b) => a - b);
  return { tcp: unique([...(await sshPorts(context)), ...edgePorts, ...of('tcp')]), udp: unique(of('udp')) };
};

const inspectNft = async ({ host }: Context, wanted: OpenPorts): Promise<Finding> => {
  const listed = await host.run(['nft', '--json', 'list', 'table', 'inet', 'berth']);
  const enabled = (await host.run(['systemctl', 'is-enabled', FIREWALL_UNIT])).stdout.trim();
  const table = listed.exitCode === 0 ? parseTable(listed.stdout) : null;
  const where = 'nft list table inet berth';
  const evidence: Evidence[] = [
    {
      what: 'what is not allowed',
      where,
      found: table?.dropsByDefault === true ? 'is dropped' : 'is let in',
      expected: 'is dropped',
      state: table?.dropsByDefault === true ? 'ok' : 'wrong',
    },
  ];
  if (table !== null) {
    const found = named(table.open);
    const isSame = found.join(' ') === named(wanted).join(' ');
    evidence.push({
      what: 'open',
      where,
      found: found.join(' '),
      expected: named(wanted).join(' '),
      state: isSame ? 'ok' : 'wrong',
    });
    const loads = enabled === 'enabled';
    evidence.push({
      what: 'loaded with the machine',
      where: `systemctl is-enabled ${FIREWALL_UNIT}`,
      found: loads ? 'yes' : 'no',
      expected: 'yes',
      state: loads ? 'ok' : 'wrong',
    });
  }
  return judge(evidence, `nftables lets in ${named(wanted).join(', ')} and nothing else`);
};

const planNft = (wanted: OpenPorts): Plan => ({
  changes: [
    { kind: 'packages', names: ['nftables'] },
    { kind: 'file', path: FIREWALL_FILE, content: renderFirewall(wanted), mode: 0o644 },
    { kind: 'file', path: `/etc/systemd/system/${FIREWALL_UNIT}`, content: renderFirewallUnit(), mode: 0o644 },
    { kind: 'unit', name: FIREWALL_UNIT },
  ],
  settle: [['systemctl', 'reload', FIREWALL_UNIT]],
});

const inspectUfw = (ufw: UfwStatus, wanted: OpenPorts): Finding => {
  const where = 'ufw status verbose';
  const missing = named(wanted).filter((port) => !ufw.open.includes(port) && !ufw.open.includes(port.split('/')[0] ?? ''));
  const extra = ufw.open.filter((port) => !named(wanted).some((one) => one === port || one.split('/')[0] === port));
  const evidence: Evidence[] = [
    {
      what: 'what is not allowed',
      where,
      found: ufw.deniesByDefault ? 'is denied' : 'is let in',
      expected: 'is denied',
      state: ufw.deniesByDefault ? 'ok' : 'wrong',
    },
    {
      what: 'not allowed yet',
      where,
      found: missing.join(' ') || 'none',
      expected: 'none',
      state: missing.length === 0 ? 'ok' : 'wrong',
    },
    {
      what: 'open besides',
      where,
      found: extra.join(' ') || 'none',
      expected: 'none',
      state: extra.length === 0 ? 'ok' : 'wrong',
    },
  ];
  const manual =
    extra.length === 0
      ? null
      : `close it: ufw delete allow ${extra[0]}; or, if it is meant to be open, name it under "openPorts" in /etc/berth/harden.json`;
  return judge(evidence, `ufw lets in ${named(wanted).join(', ')} and nothing else`, manual);
};

/** What is to be let in comes before what is to be kept out. */
const planUfw = (wanted: OpenPorts): Plan => ({
  changes: [
    ...named(wanted).map((port): Change => ({ kind: 'ufw', rule: ['allow', port] })),
    { kind: 'ufw-default', policy: 'deny' },
  ],
  settle: [['ufw', 'reload']],
});

const named = ({ tcp, udp }: OpenPorts): readonly string[] => [
  ...tcp.toSorted((a, b) => a - b).map((port) => `${port}/tcp`),
  ...udp.toSorted((a, b) => a - b).map((port) => `${port}/udp`),
];
