/** A client as the live documents see it, without a network: what it is sent can be read, and it can be slow. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Admission, Documents } from './documents.ts';

/** Messages that the server may send, by their one key. */
export type Received = Readonly<Record<string, unknown>>;

class Stream extends EventEmitter {
  writableLength = 0;
  bytesWritten = 0;
  isStuck = false;
  readonly #onFrames: (frames: Buffer) => void;

  constructor(onFrames: (frames: Buffer) => void) {
    super();
    this.#onFrames = onFrames;
  }

  write(frames: Buffer): boolean {
    this.#onFrames(frames);
    this.bytesWritten += frames.length;
    if (this.isStuck) this.writableLength += frames.length;
    return !this.isStuck;
  }

  drain(): void {
    this.isStuck = false;
    this.writableLength = 0;
    this.emit('drain');
  }
}

export class FakeSocket extends EventEmitter {
  readyState = 1;
  isPaused = false;
  answersPings = true;
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly frames: string[] = [];
  readonly stream = new Stream((frames) => this.frames.push(...textsIn(frames)));

  static connect(
    documents: Documents,
    admission: Admission,
    options: { readonly extended?: boolean; readonly address?: string; readonly prepare?: (socket: FakeSocket) => void } = {},
  ): FakeSocket {
    const { extended = false, address = '10.0.0.1' } = options;
    const socket = new FakeSocket();
    options.prepare?.(socket);
    documents.connect(socket as unknown as WebSocket, socket.stream as unknown as Socket, admission, { address, extended });
    return socket;
  }

  /** Everything received under this key, in order. */
  all<T = unknown>(key: string): T[] {
    return this.frames
      .map((frame) => JSON.parse(frame) as Received)
      .flatMap((message) => (key in message ? [message[key] as T] : []));
  }

  says(message: unknown): void {
    this.emit('message', Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), false);
  }

  leave(code = 1001): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.emit('close', code, Buffer.alloc(0));
  }

  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  ping(): void {
    if (this.answersPings) this.emit('pong');
  }
  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
    this.leave(code);
  }
  terminate(): void {
    this.closed ??= { code: 1006, reason: 'terminated' };
    this.leave(1006);
  }
}

function textsIn(frames: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < frames.length; ) {
    const short = (frames[at + 1] ?? 0) & 0x7f;
    const [header, length] =
      short < 126 ? [2, short] : short === 126 ? [4, frames.readUInt16BE(at + 2)] : [10, Number(frames.readBigUInt64BE(at + 2))];
    texts.push(frames.toString('utf8', at + header, at + header + length));
    at += header + length;
  }
  return texts;
}
