import { connect, type Socket } from 'node:net';
import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly ms: number;
};

export type Ask = {
  readonly port: number;
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Root certificate: asks over TLS. */
  readonly ca?: string;
  readonly agent?: Agent;
  readonly address?: string;
};

/** One request, exactly as given: no path is tidied up. */
export const ask = ({
  port,
  host,
  path = '/',
  method = 'GET',
  headers = {},
  body,
  ca,
  agent,
  address = '127.0.0.1',
}: Ask): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const options = {
      host: address,
      port,
      path,
      method,
      headers: { host, ...headers },
      agent: agent ?? false,
      ...(ca === undefined ? {} : { ca, servername: host.replace(/:\d+$/, '') }),
    };
    const request = (ca === undefined ? httpRequest : httpsRequest)(options as never, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
          ms: performance.now() - began,
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });

/** Bytes as they are, for what no client library would send; the whole answer as text. */
export const askRaw = (port: number, bytes: string | Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.setTimeout(5_000, () => socket.destroy());
  });

/** An open WebSocket, as far as a proxy can tell. */
export const openWebSocket = ({ port, host, path = '/' }: { port: number; host: string; path?: string }): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      ),
    );
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.off('error', reject).on('error', () => socket.destroy());
      if (data.toString().startsWith('HTTP/1.1 101')) resolve(socket);
      else reject(new Error(data.toString().slice(0, 200)));
    });
  });

export type LoadResult = { readonly answered: number; readonly failures: readonly string[]; readonly slowestMs: number };

/** Keep-alive clients that ask one after the other until told to stop. */
export const startLoad = (options: {
  clients: number;
  pauseMs?: () => number;
  ask: (agent: Agent, n: number) => Promise<Answer>;
  expect?: (answer: Answer) => boolean;
}) => {
  const agents = Array.from({ length: options.clients }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const failures: string[] = [];
  let answered = 0;
  let slowestMs = 0;
  let stopping = false;
  const client = async (agent: Agent, n: number): Promise<void> => {
    while (!stopping) {
      try {
        const answer = await options.ask(agent, n);
        slowestMs = Math.max(slowestMs, answer.ms);
        if ((options.expect ?? (({ status }) => status === 200))(answer)) answered++;
        else failures.push(`${answer.status} ${answer.body.slice(0, 100)}`);
      } catch (error) {
        failures.push(String(error));
      }
      const pause = options.pauseMs?.() ?? 0;
      if (pause > 0 && !stopping) await new Promise((done) => setTimeout(done, pause));
    }
    agent.destroy();
  };
  const all = agents.map(client);
  return {
    answered: () => answered,
    async stop(): Promise<LoadResult> {
      stopping = true;
      await Promise.all(all);
      return { answered, failures, slowestMs };
    },
  };
};
