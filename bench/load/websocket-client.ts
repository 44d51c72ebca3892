import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Endpoint, openSocket, RequestFailed } from './connection.ts';
import { ResponseReader } from './response-reader.ts';

/** How a WebSocket ended. `code` is the one of the close frame, 1006 when the connection just broke off. */
export type Ending = { readonly code: number; readonly reason: string };

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const UPGRADE_MS = 30_000;

/** Text of up to 125 bytes out and in, which is all the load needs. */
export class WebSocketClient {
  readonly #socket: Socket;
  readonly ended: Promise<Ending>;
  #pending: Buffer;
  #waiting: ((text: string) => void) | null = null;
  #closeCode: number | null = null;

  private constructor(socket: Socket, first: Buffer) {
    this.#socket = socket;
    this.#pending = first;
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => (): void => {
        resolve(
          this.#closeCode === null ? { code: 1006, reason } : { code: this.#closeCode, reason: `closed with ${this.#closeCode}` },
        );
        socket.destroy();
      };
      socket.once('end', end('cut without a close frame'));
      socket.once('error', (cause: NodeJS.ErrnoException) => end(`cut: ${cause.code ?? cause.message}`)());
      socket.once('close', end('cut without a close frame'));
    });
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    this.#receive(Buffer.alloc(0));
  }

  static async open(endpoint: Endpoint, path: string): Promise<WebSocketClient> {
    const socket = await openSocket(endpoint);
    const key = randomBytes(16).toString('base64');
    const first = await new Promise<Buffer>((resolve, reject) => {
      const reader = new ResponseReader();
      const timer = setTimeout(() => refuse('upgrade: no answer in time'), UPGRADE_MS);
      const finish = (): void => {
        clearTimeout(timer);
        socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('end');
      };
      const refuse = (reason: string): void => {
        finish();
        // The socket may still report an error of its own; it has been counted.
        socket.on('error', () => socket.destroy()).destroy();
        reject(new RequestFailed(reason));
      };
      socket.on('error', (cause: NodeJS.ErrnoException) => refuse(`upgrade: ${cause.code ?? cause.message}`));
      socket.on('end', () => refuse('upgrade: closed before an answer'));
      socket.on('data', (bytes: Buffer) => {
        try {
          const response = reader.push(bytes);
          if (response === null) return;
          const accept = createHash('sha1')
            .update(key + GUID)
            .digest('base64');
          if (response.status !== 101) return refuse(`upgrade: status ${response.status}`);
          if (response.headers.get('sec-websocket-accept') !== accept) return refuse('upgrade: wrong Sec-WebSocket-Accept');
          finish();
          resolve(reader.rest);
        } catch (cause) {
          refuse(`upgrade: ${cause instanceof Error ? cause.message : String(cause)}`);
        }
      });
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${endpoint.host}:${endpoint.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
    });
    return new WebSocketClient(socket, first);
  }

  /** Sends a text and gives the next message that comes back; rejects when none comes in time. */
  exchange(text: string, withinMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new RequestFailed('message: no echo in time')), withinMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting = null;
      };
      this.#waiting = (answer) => {
        done();
        resolve(answer);
      };
      void this.ended.then(({ code }) => {
        done();
        reject(new RequestFailed(`message: closed with ${code} before the echo`));
      });
      this.#socket.write(maskedFrame(1, Buffer.from(text)));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= 2) {
      const length = (this.#pending[1] ?? 0) & 0x7f;
      if (this.#pending.length < 2 + length) return;
      const opcode = (this.#pending[0] ?? 0) & 0x0f;
      const payload = this.#pending.subarray(2, 2 + length);
      this.#pending = this.#pending.subarray(2 + length);
      if (opcode === 1) this.#waiting?.(payload.toString());
      else if (opcode === 9) this.#socket.write(maskedFrame(10, payload));
      else if (opcode === 8) {
        this.#closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        this.#socket.end(maskedFrame(8, payload.subarray(0, 2)));
      }
    }
  }
}

/** Clients must mask (RFC 6455, section 5.3); a mask of zeros leaves the payload as it is and costs nothing. */
function maskedFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
