/**
 * Somebody who edits a pad: the session that the page has, over a real socket, with the page's patience. It remembers what it
 * typed, what was acknowledged, and everything that its user would have noticed.
 */
import { randomBytes } from 'node:crypto';
import { createRandom, type Random } from '@berth/testing';
import { type ClientOptions, WebSocket } from 'ws';
import { CLOSE, SUBPROTOCOL } from '../../apps/kolabpad/domain/messages.ts';
import { parseOperation } from '../../apps/kolabpad/domain/operation.ts';
import { reconnectDelayMs } from '../../apps/kolabpad/page/backoff.ts';
import { createPadSession, type Effects, type PadSession } from '../../apps/kolabpad/session/pad-session.ts';
import { codePoints, type Habit, nextEdit, tokensOf } from './typing.ts';

/** Where a document is reached; asked anew for every attempt to connect. */
export type Address = () => { readonly url: string; readonly options: ClientOptions };

export type EditorOptions = {
  readonly name: string;
  readonly document: string;
  readonly address: Address;
  readonly habit: Habit;
  readonly seed: number;
  /** From one keystroke to the next, on average. */
  readonly pauseMs: number;
};

/** A time without a connection: since when, how the connection before it was closed, and attempts that failed. */
export type Gap = { readonly since: number; readonly code: number; readonly ms: number; readonly refused: readonly string[] };

/** As the page has them. */
const HELD_MS = 5_000;
const OPEN_TIMEOUT_MS = 10_000;

export class Editor {
  readonly name: string;
  readonly document: string;
  readonly habit: Habit;
  readonly session: PadSession = createPadSession({ sessionId: randomBytes(18).toString('base64url') });
  /** What its user has seen and should not have: errors, edits that were refused, texts that had to be merged by difference. */
  readonly troubles: string[] = [];
  readonly gaps: Gap[] = [];
  /** Tokens that it typed, and that it took away, whoever had typed them. */
  readonly typed = new Set<string>();
  readonly removed = new Set<string>();
  /** The last of its edits of which it was told that it is stored, and how many changes others made. */
  acknowledged = 0;
  received = 0;
  readonly #address: Address;
  readonly #pauseMs: number;
  readonly #random: Random;
  #socket: WebSocket | null = null;
  #openedAt = 0;
  #attempt = 0;
  #typing: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** Does not try to connect by itself. */
  #isResting = false;
  #gap: { readonly since: number; readonly code: number; readonly refused: string[] } | null = null;

  constructor({ name, document, address, habit, seed, pauseMs }: EditorOptions) {
    this.name = name;
    this.document = document;
    this.habit = habit;
    this.#address = address;
    this.#pauseMs = pauseMs;
    this.#random = createRandom(seed);
    this.#perform(this.session.introduce({ name, hue: this.#random.integer(0, 359) }));
  }

  get isLive(): boolean {
    return this.session.phase === 'live';
  }

  connect(): void {
    this.#isResting = false;
    const { url, options } = this.#address();
    const socket = new WebSocket(url, [SUBPROTOCOL], { ...options, handshakeTimeout: OPEN_TIMEOUT_MS });
    this.#socket = socket;
    let wasOpen = false;
    let refusal: { why: string; retryMs: number } | null = null;
    socket.on('open', () => {
      wasOpen = true;
      this.#openedAt = performance.now();
      this.#perform(this.session.connected());
    });
    socket.on('message', (data: Buffer) => this.#receive(socket, data.toString('utf8')));
    socket.on('unexpected-response', (_request, response) => {
      refusal = { why: `status ${response.statusCode}`, retryMs: Number(response.headers['retry-after'] ?? 0) * 1_000 };
      response.resume();
      socket.terminate();
    });
    socket.on('error', (error) => {
      refusal ??= { why: error.message, retryMs: 0 };
    });
    socket.on('close', (code) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#down(wasOpen, code, refusal);
    });
  }

  /** As the page when the browser says that there is a network again. */
  retryNow(): void {
    if (this.#socket !== null || this.#isResting) return;
    clearTimeout(this.#retry);
    this.#attempt = 0;
    this.connect();
  }

  /** As a network that goes away: nothing is said to the other side, nor waited for. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** As a laptop that is closed: what is typed meanwhile is kept, until `connect`. */
  goOffline(): void {
    this.#isResting = true;
    clearTimeout(this.#retry);
    this.#gap = null;
    this.#socket?.terminate();
  }

  startTyping(): void {
    const pause = this.#pauseMs * this.#random.integer(20, 180) * 0.01;
    this.#typing = setTimeout(() => {
      this.type();
      this.startTyping();
    }, pause);
  }

  stopTyping(): void {
    clearTimeout(this.#typing);
  }

  /** One keystroke, or what goes as one: a paste, a selection that is taken away or typed over. */
  type(): void {
    const edit = nextEdit(this.#random, this.session.text, this.habit, `${this.name}.${this.typed.size}`);
    for (const token of edit.removed) this.removed.add(token);
    for (const token of edit.typed) this.typed.add(token);
    this.#perform(this.session.edit(edit.operation));
    if (this.#random.boolean(0.3))
      this.#perform(this.session.cursor({ cursors: [this.#random.integer(0, codePoints(this.session.text))], selections: [] }));
  }

  /** The worst mistake: everything is selected, and gone. */
  removeEverything(): void {
    const { text } = this.session;
    for (const token of tokensOf(text).whole) this.removed.add(token);
    this.#perform(this.session.edit(parseOperation([0, '', -codePoints(text), 0])));
  }

  close(): void {
    this.#isResting = true;
    this.stopTyping();
    clearTimeout(this.#retry);
    this.#socket?.close(CLOSE.goingAway);
  }

  #receive(socket: WebSocket, frame: string): void {
    if (this.#socket !== socket) return;
    const { revision } = this.session;
    const before = this.session.save().outstanding?.sequence ?? null;
    try {
      const effects = this.session.receive(frame);
      const givenUp = effects.events.some(({ kind }) => kind === 'rejected' || kind === 'superseded');
      if (before !== null && !givenUp && this.session.save().outstanding?.sequence !== before) this.acknowledged = before;
      this.received += Math.max(0, this.session.revision - revision - (this.acknowledged === before ? 1 : 0));
      this.#perform(effects);
    } catch (error) {
      this.#trouble(`desynchronised: ${(error as Error).message}`);
      socket.terminate();
    }
  }

  #perform({ send, events }: Effects): void {
    for (const frame of send) if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
    for (const event of events) {
      if (event.kind === 'rejected') this.#trouble(`an edit was refused: ${event.code}`);
      else if (event.kind === 'superseded') this.#trouble(`edits were taken for old: ${event.lost.slice(0, 60)}`);
      else if (event.kind === 'merged') this.#trouble('merged by difference');
      else if (event.kind === 'phase' && event.phase === 'live') this.#connectedAgain();
    }
  }

  #connectedAgain(): void {
    if (this.#gap === null) return;
    const { since, code, refused } = this.#gap;
    this.gaps.push({ since, code, ms: performance.now() - since, refused });
    this.#gap = null;
  }

  #down(wasOpen: boolean, code: number, refusal: { readonly why: string; readonly retryMs: number } | null): void {
    this.#perform(this.session.disconnected());
    if (this.#isResting) return;
    this.#gap ??= { since: performance.now(), code, refused: [] };
    if (!wasOpen) this.#gap.refused.push(refusal?.why ?? `closed with ${code}`);
    const held = wasOpen && performance.now() - this.#openedAt >= HELD_MS;
    if (held) this.#attempt = 0;
    const backoff = reconnectDelayMs({ attempt: held ? 0 : this.#attempt++, code, random: Math.random() });
    this.#retry = setTimeout(() => this.connect(), Math.max(backoff, refusal?.retryMs ?? 0));
  }

  #trouble(what: string): void {
    this.troubles.push(`${this.name} in ${this.document}: ${what}`);
  }
}
