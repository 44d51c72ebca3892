import { createHash, randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Endpoint, RequestFailed } from '../load/connection.ts';
import { ResponseReader } from '../load/response-reader.ts';
import { FrameReader, maskedFrame, OPCODE } from './frames.ts';

export type Handlers = {
  /** The payload is good only until the handler returns. */
  readonly message: (payload: Buffer) => void;
  readonly pong: () => void;
  /** Once, however it ended, unless `close` was called. */
  readonly ended: (reason: string) => void;
};
export type SocketOptions = { readonly path: string; readonly localAddress: string | null; readonly withinMs: number };

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** All plain sockets read into one buffer: what comes is used up before the next of them reads. */
const shared = Buffer.allocUnsafe(256 * 1024);

/** A WebSocket that costs little: tens of thousands of them fit in one process. */
export class PadSocket {
  readonly #socket: Socket;
  readonly #handlers: Handlers;
  readonly #frames = new FrameReader();
  #closing = false;
  #ended = false;

  private constructor(socket: Socket, handlers: Handlers) {
    this.#socket = socket;
    this.#handlers = handlers;
  }

  /** Rejects with RequestFailed when the upgrade is refused, or takes too long. */
  static open(endpoint: Endpoint, options: SocketOptions, handlers: Handlers): Promise<PadSocket> {
    return new Promise((resolve, reject) => {
      const key = randomBytes(16).toString('base64');
      const reader = new ResponseReader();
      let opened: PadSocket | null = null;
      const receive = (bytes: Buffer): void => {
        if (opened !== null) return opened.#receive(bytes);
        try {
          const response = reader.push(Buffer.from(bytes));
          if (response === null) return;
          if (response.status !== 101) return fail(`upgrade: status ${response.status}`);
          if (response.headers.get('sec-websocket-accept') !== acceptOf(key)) return fail('upgrade: wrong Sec-WebSocket-Accept');
        } catch (cause) {
          return fail(`upgrade: ${cause instanceof Error ? cause.message : String(cause)}`);
        }
        clearTimeout(timer);
        opened = new PadSocket(socket, handlers);
        resolve(opened);
        if (reader.rest.length > 0) opened.#receive(reader.rest);
      };
      const fail = (reason: string): void => {
        clearTimeout(timer);
        socket.destroy();
        if (opened === null) reject(new RequestFailed(reason));
        else opened.#end(reason);
      };
      const timer = setTimeout(() => fail('upgrade: no answer in time'), options.withinMs);
      const socket = connect(endpoint, options.localAddress, receive);
      socket.setNoDelay(true);
      socket.on('error', (cause: NodeJS.ErrnoException) =>
        fail(`${opened === null ? 'upgrade' : 'cut'}: ${cause.code ?? cause.message}`),
      );
      socket.on('close', () => fail(opened === null ? 'upgrade: closed' : 'cut without a close frame'));
      // Not once it is connected: what is written before goes out with the connection.
      socket.write(
        `GET ${options.path} HTTP/1.1\r\nHost: ${endpoint.host}:${endpoint.port}\r\nUpgrade: websocket\r\n` +
          `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
    });
  }

  send(text: string): void {
    this.#socket.write(maskedFrame(OPCODE.text, text));
  }

  ping(): void {
    this.#socket.write(maskedFrame(OPCODE.ping, ''));
  }

  /** Says goodbye; the connection is gone when the server has answered, or at `destroy`. */
  close(): void {
    if (this.#ended) return;
    this.#closing = true;
    this.#socket.write(maskedFrame(OPCODE.close, NORMAL_CLOSURE));
  }

  destroy(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  get ended(): boolean {
    return this.#ended;
  }

  #receive(bytes: Buffer): void {
    if (this.#ended) return;
    try {
      this.#frames.push(bytes, (opcode, payload) => {
        if (opcode === OPCODE.text) this.#handlers.message(payload);
        else if (opcode === OPCODE.ping) this.#socket.write(maskedFrame(OPCODE.pong, payload));
        else if (opcode === OPCODE.pong) this.#handlers.pong();
        else if (opcode === OPCODE.close) this.#closeBack(payload);
      });
    } catch (cause) {
      this.#end(`not understood: ${cause instanceof Error ? cause.message : String(cause)}`);
      this.#socket.destroy();
    }
  }

  #closeBack(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    const reason = payload.toString('utf8', 2);
    this.#end(`closed with ${code}${reason === '' ? '' : ` ${reason}`}`);
    if (this.#closing) this.#socket.end();
    else this.#socket.end(maskedFrame(OPCODE.close, payload.subarray(0, 2)));
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#closing) this.#handlers.ended(reason);
  }
}

const NORMAL_CLOSURE = Buffer.from([1000 >> 8, 1000 & 0xff]);

function connect(endpoint: Endpoint, localAddress: string | null, receive: (bytes: Buffer) => void): Socket {
  const { address, port, host, ca } = endpoint;
  const from = localAddress === null ? {} : { localAddress };
  if (!endpoint.secure) {
    const callback = (count: number): boolean => {
      receive(shared.subarray(0, count));
      return true;
    };
    return connectTcp({ host: address, port, ...from, onread: { buffer: shared, callback } });
  }
  const trust = ca === null ? {} : { ca };
  const socket = connectTls({ host: address, port, servername: host, ...from, ...trust, ALPNProtocols: ['http/1.1'] });
  return socket.on('data', receive);
}

const acceptOf = (key: string): string =>
  createHash('sha1')
    .update(key + GUID)
    .digest('base64');
