import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownerOfPort } from '@berth/host';
import { addressUnusable, portDenied, portTaken } from './errors.ts';

export type Address = { readonly address: string; readonly port: number };

/**
 * Tries to listen, because HAProxy would not notice a neighbour: it shares its ports (SO_REUSEPORT) with every other
 * HAProxy of the same user. Throws EDGE_PORT_TAKEN and the like.
 */
export const checkPortFree = async ({ address, port }: Address, { withinMs }: { withinMs: number }): Promise<void> => {
  const giveUpAt = performance.now() + withinMs;
  let failure = await tryToListen({ address, port });
  while (failure?.code === 'EADDRINUSE' && performance.now() < giveUpAt) {
    await sleep(50);
    failure = await tryToListen({ address, port });
  }
  switch (failure?.code) {
    case undefined:
      if (failure === null) return;
      throw addressUnusable(address, port, failure);
    case 'EADDRINUSE': {
      const owner = ownerOfPort(port)?.process;
      throw portTaken(address, port, owner ? `${owner.name} (pid ${owner.pid})` : null);
    }
    case 'EACCES':
      throw portDenied(address, port);
    default:
      throw addressUnusable(address, port, failure);
  }
};

export const hasIpv6 = async (): Promise<boolean> => (await tryToListen({ address: '::1', port: 0 })) === null;

const tryToListen = ({ address, port }: Address): Promise<NodeJS.ErrnoException | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host: address, port, exclusive: true, ipv6Only: true }, () => server.close(() => resolve(null)));
  });
