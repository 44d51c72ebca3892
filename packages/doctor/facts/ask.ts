/** One HTTP request, with an end: whatever is wrong is an answer too. */
import { type IncomingMessage, type OutgoingHttpHeaders, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Duplex } from 'node:stream';

export type Place = {
  readonly tls: boolean;
  /** Where the connection goes. */
  readonly address: string;
  readonly port: number;
  /** The name that is asked for. */
  readonly host: string;
};

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingMessage['headers'];
      readonly body: string;
    }
  /** `code`: ECONNREFUSED and the like, ETIMEDOUT when the time was over. */
  | { readonly kind: 'silence'; readonly code: string };

const BODY_BYTES = 512 * 1024;

/** Certificates are looked at by rules of their own, so here none is refused. */
export const ask = (place: Place, path: string, { timeoutMs, headers = {} }: AskOptions): Promise<Answer> =>
  new Promise((resolve) => {
    const { sent } = send(place, path, headers, timeoutMs);
    const silent = (error: NodeJS.ErrnoException): void => resolve({ kind: 'silence', code: codeOf(error) });
    sent.on('error', silent);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const done = (): void => {
        const body = Buffer.concat(chunks).toString('utf8');
        resolve({ kind: 'answer', status: response.statusCode ?? 0, headers: response.headers, body });
        response.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > BODY_BYTES) done();
      });
      response.on('end', done);
      response.on('error', silent);
    });
    sent.end();
  });

export type AskOptions = { readonly timeoutMs: number; readonly headers?: OutgoingHttpHeaders };

export type Upgrade = { readonly kind: 'upgraded'; readonly socket: Duplex } | Answer;

/** Asks for a WebSocket. The caller ends its socket. */
export const askWebSocket = (place: Place, path: string, { timeoutMs }: AskOptions): Promise<Upgrade> =>
  new Promise((resolve) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'YmVydGggZG9jdG9yIGFza3M=',
      origin: `${place.tls ? 'https' : 'http'}://${place.host}`,
    };
    const { sent, timer } = send(place, path, headers, timeoutMs);
    sent.on('error', (error) => resolve({ kind: 'silence', code: codeOf(error) }));
    sent.on('upgrade', (_response, socket) => {
      // The time was for the handshake; from here on its holder decides.
      clearTimeout(timer);
      resolve({ kind: 'upgraded', socket });
    });
    sent.on('response', (response) => {
      response.destroy();
      resolve({ kind: 'answer', status: response.statusCode ?? 0, headers: response.headers, body: '' });
    });
    sent.end();
  });

const send = ({ tls, address, port, host }: Place, path: string, headers: OutgoingHttpHeaders, timeoutMs: number) => {
  const isDefault = port === (tls ? 443 : 80);
  const options = {
    host: address,
    port,
    path,
    agent: false,
    headers: { host: isDefault ? host : `${host}:${port}`, 'user-agent': 'berth-doctor', ...headers },
    ...(tls && { servername: host, rejectUnauthorized: false }),
  };
  const sent = (tls ? requestTls : requestPlain)(options);
  const timer = setTimeout(() => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), timeoutMs);
  sent.on('close', () => clearTimeout(timer));
  return { sent, timer };
};

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message;
