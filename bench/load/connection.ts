import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Response, ResponseReader } from './response-reader.ts';

/** Where the load goes. `address` is dialled; `host` is what TLS and the Host header say. */
export type Endpoint = {
  readonly secure: boolean;
  readonly address: string;
  readonly port: number;
  readonly host: string;
  /** PEM of the authority to trust; null with plain HTTP. */
  readonly ca: string | null;
};

/** A request that did not get a whole response. `reason` is short and the same for the same fault. */
export class RequestFailed extends Error {
  readonly reason: string;
  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

const CONNECT_MS = 30_000;
/** A connection that has been idle for longer may have been closed by the server in the meantime. */
const FRESH_MS = 50;

export function openSocket(endpoint: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { address, port, host } = endpoint;
    const socket =
      endpoint.secure && endpoint.ca !== null
        ? connectTls({ host: address, port, servername: host, ca: endpoint.ca, ALPNProtocols: ['http/1.1'] })
        : connectTcp({ host: address, port });
    socket.setNoDelay(true);
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)), CONNECT_MS);
    const refuse = (cause: Error): void => {
      clearTimeout(timer);
      reject(new RequestFailed(`connect: ${'code' in cause ? String(cause.code) : cause.message}`, cause));
    };
    socket.once('error', refuse);
    socket.once(endpoint.secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', refuse);
      resolve(socket);
    });
  });
}

/**
 * One keep-alive client: sends one request after another over one connection and opens another when that one is gone.
 *
 * What is a failure of the server, and what is not: a server may close an idle connection at any time (RFC 9112,
 * section 9.6), so a connection that ended while nothing was outstanding is replaced in silence. From the moment that a
 * request has been handed to the kernel, everything but a whole response is a failure, even where section 9.3.1 would
 * let a client send a GET again by itself: a client that does so hides the faults that are looked for here. One thing
 * is done in fairness: a timer that fires runs before the event loop has looked at its sockets, so after a pause one
 * turn of the loop is given in which a close that has arrived already is noticed.
 */
export class KeepAliveClient {
  readonly #endpoint: Endpoint;
  #socket: Socket | null = null;
  #idleSince = 0;
  #outstanding: {
    reader: ResponseReader;
    resolve: (response: Response) => void;
    reject: (failure: RequestFailed) => void;
  } | null = null;
  /** Connections opened after the first. */
  reconnects = -1;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  async send(request: Buffer | string, withinMs: number): Promise<Response> {
    if (this.#socket !== null && performance.now() - this.#idleSince > FRESH_MS) await nextTurn();
    const socket = this.#socket ?? (await this.#open());
    return await new Promise<Response>((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(`no response within ${withinMs} ms`), withinMs);
      const settle =
        <T>(finish: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          this.#outstanding = null;
          this.#idleSince = performance.now();
          finish(value);
        };
      this.#outstanding = { reader: new ResponseReader(), resolve: settle(resolve), reject: settle(reject) };
      socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  async #open(): Promise<Socket> {
    const socket = await openSocket(this.#endpoint);
    this.#socket = socket;
    this.reconnects += 1;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    // A FIN and a reset mean the same here: a fault if something is outstanding, nothing otherwise.
    socket.on('end', () => this.#gone(socket, 'closed'));
    socket.on('error', (cause: NodeJS.ErrnoException) => this.#gone(socket, cause.code ?? cause.message));
    socket.on('close', () => this.#gone(socket, 'closed'));
    return socket;
  }

  #receive(bytes: Buffer): void {
    if (this.#outstanding === null) {
      // Bytes that nobody asked for: the next request would take them for its answer.
      this.close();
      return;
    }
    try {
      const response = this.#outstanding.reader.push(bytes);
      if (response === null) return;
      if (!response.keepAlive) this.close();
      this.#outstanding.resolve(response);
    } catch (cause) {
      this.#fail(`bad response: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }

  #gone(socket: Socket, how: string): void {
    if (this.#socket !== socket) return;
    this.close();
    const outstanding = this.#outstanding;
    outstanding?.reject(new RequestFailed(outstanding.reader.started ? `${how} within a response` : `${how} before a response`));
  }

  #fail(reason: string): void {
    this.close();
    this.#outstanding?.reject(new RequestFailed(reason));
  }
}
