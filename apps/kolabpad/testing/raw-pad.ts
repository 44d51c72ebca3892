/** A socket to a document that does exactly what a test tells it, mistakes included. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { waitUntil } from '@berth/testing';
import { type ClientOptions, WebSocket } from 'ws';
import { judgeFrame, kindsOf } from './strict-frames.ts';

export class RawPad implements Disposable {
  readonly socket: WebSocket;
  readonly frames: string[] = [];
  closeCode: number | null = null;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.frames.push(data.toString('utf8')));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', (code) => {
      this.closeCode = code;
    });
  }

  /** Text, or anything that is made JSON. */
  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async waitForKind(kind: string, count = 1): Promise<void> {
    await waitUntil(() => this.kinds().filter((each) => each === kind).length >= count, { what: `${count} ${kind} had come` });
  }

  /** The code with which the other side ends the connection. */
  async waitForClose(): Promise<number> {
    return (await waitUntil(() => this.closeCode !== null && { code: this.closeCode }, { what: 'the socket was closed' })).code;
  }

  kinds(): string[] {
    return kindsOf(this.frames);
  }

  problems(): string[] {
    return this.frames.flatMap((frame) => judgeFrame(frame));
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** Resolves once the connection is open. The original offers no subprotocol. */
export const openPad = async (url: string, options: ClientOptions & { subprotocols?: string[] } = {}): Promise<RawPad> => {
  const socket = new WebSocket(url, options.subprotocols ?? [], options);
  const pad = new RawPad(socket);
  await once(socket, 'open');
  return pad;
};

/** What the server answers to an upgrade that it does not accept. */
export const refusedUpgrade = async (
  url: string,
  options: ClientOptions = {},
): Promise<{ readonly status: number; readonly contentType: string; readonly body: string }> => {
  const socket = new WebSocket(url, options);
  socket.on('error', () => undefined);
  try {
    const [, response] = (await once(socket, 'unexpected-response', { signal: AbortSignal.timeout(10_000) })) as [
      unknown,
      NodeJS.ReadableStream & { statusCode?: number; headers: Record<string, string | undefined> },
    ];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body };
  } finally {
    socket.terminate();
  }
};

/** A client that is let in and then never reads a byte: its receive window fills, and what follows waits at the server. */
export const openDeafSocket = async (port: number, id: string): Promise<Socket> => {
  const socket = connectTcp({ port, host: '127.0.0.1' }).pause();
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(
    [
      `GET /api/socket/${id} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  return socket;
};
