import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';

/** What the front does instead of passing a request on. */
export type AuthorityFault =
  | { readonly kind: 'hang' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** An answer of its own: the type of a problem without its prefix, or none for one without a body. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly type?: string;
      readonly detail?: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** Stands before an authority, and adds what it lacks: faults, and renewal information (RFC 9773). */
export type AuthorityFront = AsyncDisposable & {
  /** Requests so far, e.g. "POST /order-plz". */
  readonly asked: readonly string[];
  /** What the authority made so far. Requests that it refuses for their nonce are sent again, and count once. */
  readonly orders: number;
  readonly accounts: number;
  /** `replaces` of those orders. */
  readonly replaced: readonly string[];
  /** Certificates whose renewal information was asked for. */
  readonly renewalsAsked: readonly string[];
  /** What it says of every certificate; null: it does not offer renewal information. */
  renewal: { start: Date; end: Date; retryAfterS?: number } | null;
  /** What CAA records know it by; empty: it does not say. */
  caaIdentities: readonly string[];
  /** `path`: how the path begins, e.g. "/order-plz"; `times`: how many requests (all). */
  fail(fault: AuthorityFault, what?: { path?: string; times?: number }): void;
  heal(): void;
};

export const startAuthorityFront = async (options: {
  address: string;
  port: number;
  /** Port of the authority on loopback. */
  behind: number;
  cert: string;
  key: string;
}): Promise<AuthorityFront> => {
  const faults: { fault: AuthorityFault; path: string; left: number }[] = [];
  const asked: string[] = [];
  const replaced: string[] = [];
  const made = { orders: 0, accounts: 0 };
  const renewalsAsked: string[] = [];
  const base = `https://${options.address}:${options.port}`;

  const pass = async (incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<number> => {
    // With the host that was asked for, of which the authority makes its URLs.
    const sent = request({
      host: '127.0.0.1',
      port: options.behind,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
      ca: options.cert,
      agent: false,
    });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const text = await bodyOf(answer);
    const out = incoming.url === '/dir' ? directoryOf(text.toString()) : text;
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = answer.headers;
    const status = answer.statusCode ?? 502;
    response.writeHead(status, headers).end(out);
    return status;
  };

  const directoryOf = (text: string): string => {
    const directory = JSON.parse(text) as { meta?: object };
    const meta = { ...directory.meta, ...(front.caaIdentities.length > 0 && { caaIdentities: front.caaIdentities }) };
    return JSON.stringify({ ...directory, meta, ...(front.renewal !== null && { renewalInfo: `${base}/renewal-info` }) });
  };

  const answerRenewal = (certificate: string, response: ServerResponse): void => {
    if (front.renewal === null) return void response.writeHead(404).end();
    const { start, end, retryAfterS = 21_600 } = front.renewal;
    renewalsAsked.push(certificate);
    response.writeHead(200, { 'content-type': 'application/json', 'retry-after': String(retryAfterS) });
    response.end(JSON.stringify({ suggestedWindow: { start: start.toISOString(), end: end.toISOString() } }));
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '', method } = incoming;
    const body = await bodyOf(incoming);
    asked.push(`${method} ${url}`);
    const failing = faults.find(({ path, left }) => left > 0 && url.startsWith(path));
    if (failing !== undefined) {
      failing.left -= 1;
      const { fault } = failing;
      if (fault.kind === 'hang') return;
      if (fault.kind === 'drop') return void incoming.socket.destroy();
      if (fault.kind === 'answer') return answerFault(fault, response);
      await new Promise((done) => setTimeout(done, fault.ms));
    }
    if (url.startsWith('/renewal-info/')) return answerRenewal(url.slice('/renewal-info/'.length), response);
    const status = await pass(incoming, body, response);
    if (status !== 201) return;
    if (url === '/sign-me-up') made.accounts += 1;
    if (url !== '/order-plz') return;
    made.orders += 1;
    const { replaces } = payloadOf(body);
    if (typeof replaces === 'string') replaced.push(replaces);
  };

  const server = createServer({ cert: options.cert, key: options.key }, (incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.listen(options.port, options.address);
  await once(server, 'listening');
  const front: AuthorityFront = {
    asked,
    get orders() {
      return made.orders;
    },
    get accounts() {
      return made.accounts;
    },
    replaced,
    renewalsAsked,
    renewal: null,
    caaIdentities: [],
    fail: (fault, { path = '/', times = Number.POSITIVE_INFINITY } = {}) => void faults.unshift({ fault, path, left: times }),
    heal: () => void faults.splice(0),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return front;
};

const answerFault = ({ status, type, detail, headers }: AuthorityFault & { kind: 'answer' }, response: ServerResponse): void => {
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(type === undefined ? '' : JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status }));
};

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const payloadOf = (body: Buffer): Record<string, unknown> => {
  const { payload } = JSON.parse(body.toString()) as { payload: string };
  return payload === '' ? {} : (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>);
};
