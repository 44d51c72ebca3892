import { isLoopback } from '@berth/host';
import type { Context } from '../check.ts';
import { readEffective } from './sshd-config.ts';

/** Every TCP port that SSH may be reached at: too many is safe, one too few locks out. */
export const sshPorts = async (context: Context): Promise<readonly number[]> => {
  const configured = (await readEffective(context.host))?.get('port') ?? [];
  // $SSH_CONNECTION ends with the port that this very connection came in by.
  const ours = context.sshConnection.split(' ')[3] ?? '';
  const all = [...configured.map(Number), Number(ours), ...(await listeningSshPorts(context))];
  return [...new Set(all.filter((port) => port > 0))].sort((a, b) => a - b);
};

/** Where sshd takes connections now; systemd holds the port itself where SSH is started by a socket. */
export const listeningSshPorts = async ({ host }: Pick<Context, 'host'>): Promise<readonly number[]> => {
  const sockets = (await host.listeners()).filter(({ protocol, process }) => protocol === 'tcp' && process === 'sshd');
  const outside = sockets.filter(({ address }) => !isLoopback(address)).map(({ port }) => port);
  const { stdout } = await host.run(['systemctl', 'show', '--property=Listen', 'ssh.socket']);
  const bySocket = [...stdout.matchAll(/(?:^|[\s=])\S*?:?(\d+) \(Stream\)/g)].map(([, port]) => Number(port));
  const isActive = (await host.run(['systemctl', 'is-active', 'ssh.socket'])).stdout.trim() === 'active';
  return [...new Set([...outside, ...(isActive ? bySocket : [])])].sort((a, b) => a - b);
};
