import { createServer, type Server } from 'node:net';

/**
 * Different ports that were free a moment ago, below the range from which the kernel takes the local ports of outgoing
 * connections: one of those could take them before the test does.
 */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const held: { port: number; server: Server }[] = [];
  try {
    for (let tries = 0; held.length < count; tries++) {
      if (tries > 200 + count * 20) throw new Error(`no ${count} free ports between ${LOWEST} and ${HIGHEST}`);
      const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
      const server = await listen(port);
      if (server !== null) held.push({ port, server });
    }
    return held.map(({ port }) => port);
  } finally {
    await Promise.all(held.map(({ server }) => new Promise((done) => server.close(done))));
  }
};

const LOWEST = 10_000;
const HIGHEST = 19_999;

const listen = (port: number): Promise<Server | null> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
