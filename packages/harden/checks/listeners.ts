import { isLoopback } from '@berth/host';
import { type Check, type Evidence, judge } from '../check.ts';
import type { PublicListener } from '../host-access.ts';
import { wantedPorts } from './firewall.ts';

export const listeners: Check = {
  id: 'listeners',
  title: 'No store and nothing of Berth listens where others could connect',
  area: 'network',
  severity: 'medium',
  fix: 'none: a program that listens publicly is named, and its own configuration decides (the firewall keeps it closed meanwhile)',
  guarded: false,
  settleUndone: [],

  async inspect(context) {
    const wanted = await wantedPorts(context);
    const open = (await context.host.listeners()).filter(({ address }) => !isLoopback(address));
    const evidence = unique(open).map((socket): Evidence => {
      const isMeant = wanted[socket.protocol].includes(socket.port) || isClient(socket);
      const place = `${socket.address.includes(':') ? `[${socket.address}]` : socket.address}:${socket.port}`;
      return {
        what: `${socket.port}/${socket.protocol}`,
        where: `/proc/net/${socket.protocol}`,
        found: `${socket.process ?? 'somebody'} listens on ${place}`,
        expected: isMeant ? 'reachable' : 'on 127.0.0.1 only, or not at all',
        state: isMeant ? 'ok' : 'wrong',
      };
    });
    const first = evidence.find(({ state }) => state === 'wrong');
    const manual = `let it listen on 127.0.0.1, or stop it; if it is meant to be reached, name "${first?.what}" under "openPorts" in /etc/berth/harden.json`;
    const meant = evidence.map(({ what }) => what).join(', ');
    return judge(evidence, meant === '' ? 'nothing listens publicly' : `only ${meant} take connections from outside`, manual);
  },

  plan: () => Promise.resolve(null),
};

/** Sockets over which addresses and time are asked for: they take answers. */
const CLIENT_PORTS: readonly number[] = [68, 546];
const CLIENTS = new Set(['systemd-timesyncd', 'systemd-timesyn', 'systemd-network', 'chronyd', 'dhclient', 'ntpd']);

const isClient = ({ protocol, port, process }: PublicListener): boolean =>
  protocol === 'udp' && (CLIENT_PORTS.includes(port) || (process !== null && CLIENTS.has(process)));

/** One that listens on IPv4 and IPv6 is named once. */
const unique = (sockets: readonly PublicListener[]): readonly PublicListener[] => {
  const seen = new Map<string, PublicListener>();
  for (const socket of sockets) {
    const key = `${socket.protocol} ${socket.port} ${socket.process}`;
    if (!seen.has(key)) seen.set(key, socket);
  }
  return [...seen.values()].sort((a, b) => a.port - b.port);
};
