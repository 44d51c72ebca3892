import { readFileSync, writeFileSync } from 'node:fs';
import { run, tryRun } from './command.ts';

/** A network namespace with one line to this host, and through it to wherever this host can go. */
export type MachineNetwork = AsyncDisposable & {
  readonly number: number;
  readonly namespace: string;
  readonly address: string;
  readonly hostAddress: string;
  /** This host's end of the line. */
  readonly link: string;
  /** As a machine that boots finds it: no firewall, and the kernel's own settings. Of a machine that is switched off. */
  renew(): Promise<void>;
};

const MTU = 1_400;
const FORWARD = '/proc/sys/net/ipv4/ip_forward';

/** Needs root. Undone as a whole when it is disposed of, forwarding included once no other machine needs it. */
export async function openNetwork(): Promise<MachineNetwork> {
  const number = await freeNumber();
  const namespace = namespaceOf(number);
  const link = linkOf(number);
  const [address, hostAddress] = [`10.213.${number}.2`, `10.213.${number}.1`];
  const line = { namespace, link, address, hostAddress };
  try {
    await drawLine(line);
    await run(['nft', '-f', '-'], {
      input: `table ip ${tableOf(number)} {
  chain out { type nat hook postrouting priority srcnat; ip saddr ${address} oifname != "${link}" masquerade; }
}\n`,
    });
  } catch (cause) {
    // Also what somebody who was killed left of this number: it fails once.
    await closeNetwork(number);
    throw cause;
  }
  if (readFileSync(FORWARD, 'utf8').trim() === '0') writeFileSync(FORWARD, '1');
  return {
    number,
    namespace,
    address,
    hostAddress,
    link,
    async renew() {
      // The file stays where it is, for its name is what keeps the number taken.
      const file = `/run/netns/${namespace}`;
      await run(['ip', 'link', 'delete', link]);
      await run(['umount', file]);
      await run(['unshare', `--net=${file}`, 'true']);
      await drawLine(line);
    },
    [Symbol.asyncDispose]: () => closeNetwork(number),
  };
}

type Line = Pick<MachineNetwork, 'namespace' | 'link' | 'address' | 'hostAddress'>;

async function drawLine({ namespace, link, address, hostAddress }: Line): Promise<void> {
  const inside = ['ip', '-netns', namespace];
  const mtu = ['mtu', String(MTU)];
  await run(['ip', 'link', 'add', link, ...mtu, 'type', 'veth', 'peer', 'name', 'host0', ...mtu, 'netns', namespace]);
  await run(['ip', 'address', 'add', `${hostAddress}/24`, 'dev', link]);
  await run(['ip', 'link', 'set', link, 'up']);
  await run([...inside, 'link', 'set', 'lo', 'up']);
  await run([...inside, 'address', 'add', `${address}/24`, 'dev', 'host0']);
  await run([...inside, 'link', 'set', 'host0', 'up']);
  await run([...inside, 'route', 'add', 'default', 'via', hostAddress]);
}

/** Of a machine that is switched off. Forwarding ends with the last of them. */
export async function closeNetwork(number: number): Promise<void> {
  await tryRun(['nft', 'delete', 'table', 'ip', tableOf(number)]);
  await tryRun(['ip', 'link', 'delete', linkOf(number)]);
  await tryRun(['ip', 'netns', 'delete', namespaceOf(number)]);
  if (!(await run(['ip', 'netns', 'list'])).stdout.includes('berth-m')) writeFileSync(FORWARD, '0');
}

const namespaceOf = (number: number): string => `berth-m${number}`;
const linkOf = (number: number): string => `berthm${number}`;
const tableOf = (number: number): string => `berth_m${number}`;

/** Taken by making the namespace, which only one can. */
async function freeNumber(): Promise<number> {
  for (let number = 1; number < 250; number += 1) {
    const made = await tryRun(['ip', 'netns', 'add', namespaceOf(number)]);
    if (made.exitCode === 0) return number;
  }
  throw new Error('there are 249 machines already: ip netns list');
}
