import { connect } from 'node:net';

export const ALL_PORTS: readonly number[] = Array.from({ length: 65_535 }, (_, index) => index + 1);

/** Of these TCP ports those that take a connection, as somebody outside sees them: a connection each, thousands at once. */
export const scanPorts = async (host: string, ports: readonly number[]): Promise<readonly number[]> => {
  const waiting = [...ports];
  const open: number[] = [];
  const scan = async (): Promise<void> => {
    for (let port = waiting.pop(); port !== undefined; port = waiting.pop()) {
      // A packet may be lost when thousands leave at once: what is dropped by a firewall is asked a second time.
      const answer = (await knock(host, port)) ?? (await knock(host, port));
      if (answer === 'open') open.push(port);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, scan));
  return open.toSorted((a, b) => a - b);
};

const AT_ONCE = 3_500;
const PATIENCE_MS = 400;

/** null: no answer at all. */
const knock = (host: string, port: number): Promise<'open' | 'closed' | null> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (answer: 'open' | 'closed' | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    // An answer may have come while thousands of others were begun: it is looked for once more.
    const timer = setTimeout(() => setImmediate(end, null), PATIENCE_MS);
    socket.once('connect', () => end('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EMFILE' ? reject(error) : end('closed')));
  });
