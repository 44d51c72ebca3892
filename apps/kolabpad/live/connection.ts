/**
 * One socket of one document. It holds no queue of history: it knows the revision up to which it was told, and is told the
 * rest when it can take it. What waits for a slow one is bounded, and one that takes nothing at all is closed.
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { textFrame } from './frame.ts';
import { createTicket } from './token.ts';

/** With so much unsent, nothing more is written until it has gone out. */
const CONGESTED_BYTES = 131_072;
/** The largest close reason of RFC 6455 §5.5 is 123 bytes. */
const MAX_REASON_LENGTH = 100;

export type ConnectionOptions = {
  readonly role: 'editor' | 'viewer';
  readonly address: string;
  readonly extended: boolean;
};

export class Connection {
  readonly role: 'editor' | 'viewer';
  readonly address: string;
  /** Speaks `kolabpad.2`. */
  readonly extended: boolean;
  readonly ticket: string = createTicket();
  readonly socket: WebSocket;
  /** Its number in the document, once it is in. */
  user = -1;
  session: string | null = null;
  /** Has told its name: it takes part. */
  hasJoined = false;
  /** What the receiver calls revision 0, in the document's count. */
  origin = 0;
  /** The revision, in the document's count, up to which everything was sent; -1 before the first. */
  sentRevision = -1;
  /** Users and cursors that it has not been told while it was congested. */
  readonly missedUsers = new Set<number>();
  readonly missedCursors = new Set<number>();
  missedAllCursors = false;
  /** It is still being told what there was before it came: language, users and cursors come after that. */
  isGreeted = false;
  isAlive = true;
  lastHeardAt: number;
  congestedSince: number | null = null;
  closeReason: string | null = null;
  readonly #stream: Socket;
  /** How much the kernel had taken when last looked at. */
  #takenBytes = 0;
  readonly #onDrain: (connection: Connection) => void;

  constructor(
    socket: WebSocket,
    stream: Socket,
    { role, address, extended }: ConnectionOptions,
    { now, onDrain }: { readonly now: number; readonly onDrain: (connection: Connection) => void },
  ) {
    this.socket = socket;
    this.#stream = stream;
    this.#onDrain = onDrain;
    this.role = role;
    this.address = address;
    this.extended = extended;
    this.lastHeardAt = now;
  }

  get isOpen(): boolean {
    return this.socket.readyState === 1;
  }

  get isCongested(): boolean {
    return this.congestedSince !== null;
  }

  send(message: string, now: number): void {
    this.write(textFrame(message), now);
  }

  /** One or more whole frames. */
  write(frames: Buffer, now: number): void {
    if (!this.isOpen) return;
    // Beside the library: it compresses nothing and holds nothing back, so frames go out in the order of the writes.
    this.#stream.write(frames);
    if (this.congestedSince === null && this.#stream.writableLength > CONGESTED_BYTES) {
      this.congestedSince = now;
      this.#stream.once('drain', () => {
        this.congestedSince = null;
        this.#onDrain(this);
      });
    }
  }

  /** A slow line is not a dead one: whoever has taken something since the last look is alive. */
  noteProgress(now: number): void {
    const takenBytes = this.#stream.bytesWritten - this.#stream.writableLength;
    if (this.congestedSince === null || takenBytes === this.#takenBytes) return;
    this.#takenBytes = takenBytes;
    this.congestedSince = now;
    this.lastHeardAt = now;
    this.isAlive = true;
  }

  close(code: number, reason: string): void {
    this.closeReason ??= reason;
    this.socket.close(code, reason.slice(0, MAX_REASON_LENGTH));
  }

  terminate(reason: string): void {
    this.closeReason ??= reason;
    this.socket.terminate();
  }
}
