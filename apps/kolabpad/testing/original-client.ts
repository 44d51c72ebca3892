/**
 * The original's browser client without its page: the same state machine and the same patience, written from the protocol
 * alone and sharing no code with the application. Every frame that reaches it is judged on the way.
 */
import { waitUntil } from '@berth/testing';
import { WebSocket } from 'ws';
import {
  applyOriginal,
  codePoints,
  composeOriginal,
  type OriginalOperation,
  parseOriginal,
  transformOriginal,
  transformPosition,
} from './original-operation.ts';
import { judgeFrame, SYSTEM_USER_DIGITS } from './strict-frames.ts';

export type UserInfo = { readonly name: string; readonly hue: number };
export type CursorData = { readonly cursors: readonly number[]; readonly selections: readonly (readonly [number, number])[] };
export type Language = { readonly language: string; readonly user_id: number; readonly user_name: string };
export type Otp = { readonly otp: string | null; readonly user_id: number; readonly user_name: string };

export type OriginalClientOptions = {
  readonly info?: UserInfo;
  /** Between attempts to connect, 1000 in the original; five disconnects within 15 of these are a desynchronisation. */
  readonly reconnectEveryMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What JSON.parse makes of the system user's number: the nearest double, as in any browser. */
export const ROUNDED_SYSTEM_USER = Number(SYSTEM_USER_DIGITS);

const FAILURES_UNTIL_DESYNCHRONIZED = 5;

export class OriginalClient implements AsyncDisposable {
  text = '';
  revision = 0;
  /** The number of this connection; -1 before the first Identity. */
  me = -1;
  language: Language | null = null;
  otp: Otp | null = null;
  readonly users = new Map<number, UserInfo>();
  readonly userCursors = new Map<number, CursorData>();
  /** Own operations whose echo came back; what they insert is what was typed, their positions are those of the echo. */
  readonly acknowledged: OriginalOperation[] = [];
  /** Frames of the current connection. */
  frames: string[] = [];
  /** What the judge of frames had to say about any frame of any connection. */
  readonly problems: string[] = [];
  /** Close codes of connections that had been open. */
  readonly closeCodes: number[] = [];
  state: 'idle' | 'connecting' | 'connected' | 'disconnected' | 'desynchronized' | 'closed' = 'idle';

  readonly info: UserInfo;
  readonly #reconnectEveryMs: number;
  readonly #headers: Readonly<Record<string, string>>;
  #url = '';
  #socket: WebSocket | null = null;
  #connecting: WebSocket | null = null;
  #cursors: CursorData = { cursors: [], selections: [] };
  #outstanding: OriginalOperation | null = null;
  #buffer: OriginalOperation | null = null;
  #failures = 0;
  #timers: NodeJS.Timeout[] = [];

  constructor({
    info = { name: 'Anonymous Judge', hue: 200 },
    reconnectEveryMs = 1000,
    headers = {},
  }: OriginalClientOptions = {}) {
    this.info = info;
    this.#reconnectEveryMs = reconnectEveryMs;
    this.#headers = headers;
  }

  /** Connects, and keeps connecting; resolves with the first Identity. */
  async connect(url: string): Promise<void> {
    this.#url = url;
    this.state = 'connecting';
    this.#timers = [
      setInterval(() => this.#tryConnect(), this.#reconnectEveryMs),
      setInterval(() => {
        this.#failures = 0;
      }, 15 * this.#reconnectEveryMs),
    ];
    // A test that failed and left its client behind ends nevertheless.
    for (const timer of this.#timers) timer.unref();
    this.#tryConnect();
    try {
      await this.waitFor(() => this.me >= 0, 'the server had told an Identity');
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Types at a position that counts code points. */
  insert(position: number, text: string): void {
    this.edit(parseOriginal([position, text, codePoints(this.text) - position]));
  }

  delete(position: number, count: number): void {
    this.edit(parseOriginal([position, -count, codePoints(this.text) - position - count]));
  }

  edit(operation: OriginalOperation): void {
    this.text = applyOriginal(operation, this.text);
    if (this.#outstanding === null) {
      this.#outstanding = operation;
      this.#sendOperation(operation);
    } else this.#buffer = this.#buffer === null ? operation : composeOriginal(this.#buffer, operation);
    this.#moveCursors(operation);
  }

  setCursors(cursors: CursorData): void {
    this.#cursors = cursors;
    if (this.#buffer === null) this.#send({ CursorData: cursors });
  }

  setLanguage(language: string): void {
    this.#send({ SetLanguage: language });
  }

  /** Everything typed has come back from the server. */
  get isSettled(): boolean {
    return this.#outstanding === null && this.#buffer === null;
  }

  /** Cuts the connection as a dead network would: without a closing handshake. */
  cutConnection(): void {
    this.#socket?.terminate();
  }

  /** Reads nothing any more, so that what the server sends piles up; the connection stays open. */
  stopReading(): void {
    this.#socket?.pause();
  }

  readOn(): void {
    this.#socket?.resume();
  }

  /** Throws at once when the server sent a frame that the original would not have sent. */
  async waitFor(condition: () => boolean, what: string, withinMs = 15_000): Promise<void> {
    await waitUntil(() => this.problems.length > 0 || condition(), { what, withinMs, everyMs: 5 });
    this.#throwProblems();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const sockets = [this.#socket, this.#connecting].filter((socket) => socket !== null);
    if (this.state !== 'desynchronized') this.state = 'closed';
    await Promise.all(
      sockets.map(async (socket) => {
        socket.close();
        await waitUntil(() => socket.readyState === WebSocket.CLOSED, { what: 'the socket was closed', withinMs: 3000 }).catch(
          () => socket.terminate(),
        );
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    this.#throwProblems();
  }

  #throwProblems(): void {
    if (this.problems.length > 0) throw new Error(`frames that the original would not send:\n${this.problems.join('\n')}`);
  }

  #tryConnect(): void {
    if (this.#socket !== null || this.#connecting !== null) return;
    // Offers permessage-deflate, as browsers do; the server may not take it.
    const socket = new WebSocket(this.#url, { headers: this.#headers });
    this.#connecting = socket;
    socket.on('open', () => this.#opened(socket));
    socket.on('message', (data: Buffer, isBinary) => this.#received(socket, data.toString('utf8'), isBinary));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', (code) => this.#closed(socket, code));
  }

  #opened(socket: WebSocket): void {
    if (socket.extensions !== '') this.problems.push(`the server took the extension ${socket.extensions}`);
    this.#connecting = null;
    this.#socket = socket;
    this.state = 'connected';
    this.users.clear();
    this.frames = [];
    this.#send({ ClientInfo: this.info });
    this.#send({ CursorData: this.#cursors });
    if (this.#outstanding !== null) this.#sendOperation(this.#outstanding);
  }

  #closed(socket: WebSocket, code: number): void {
    if (this.#connecting === socket) this.#connecting = null;
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.closeCodes.push(code);
    if (this.state === 'closed') return;
    this.state = 'disconnected';
    if (++this.#failures < FAILURES_UNTIL_DESYNCHRONIZED) return;
    this.state = 'desynchronized';
    for (const timer of this.#timers) clearInterval(timer);
  }

  #received(socket: WebSocket, data: string, isBinary: boolean): void {
    if (socket !== this.#socket) return;
    this.frames.push(data);
    this.problems.push(...judgeFrame(data, isBinary));
    const message = JSON.parse(data) as ServerMessage;
    if (message.Identity !== undefined) this.me = message.Identity;
    else if (message.History !== undefined) this.#receivedHistory(message.History);
    else if (message.Language !== undefined) this.language = message.Language;
    else if (message.OTP !== undefined) this.otp = message.OTP;
    else if (message.UserInfo !== undefined) this.#receivedUser(message.UserInfo);
    else if (message.UserCursor !== undefined && message.UserCursor.id !== this.me) {
      this.userCursors.set(message.UserCursor.id, message.UserCursor.data);
    }
  }

  #receivedHistory({ start, operations }: History): void {
    if (start > this.revision) {
      this.problems.push(`History from ${start}, but this client is at ${this.revision}`);
      this.#socket?.close();
      return;
    }
    for (const { id, operation } of operations.slice(this.revision - start)) {
      this.revision++;
      if (id === this.me) this.#acknowledge();
      else this.#applyOfOthers(parseOriginal(operation));
    }
  }

  #receivedUser({ id, info }: { readonly id: number; readonly info?: UserInfo | null }): void {
    if (id === this.me) return;
    if (info) this.users.set(id, info);
    else {
      this.users.delete(id);
      this.userCursors.delete(id);
    }
  }

  #acknowledge(): void {
    if (this.#outstanding === null) {
      this.problems.push(`the echo of an edit that was not sent, at revision ${this.revision}`);
      return;
    }
    this.acknowledged.push(this.#outstanding);
    this.#outstanding = this.#buffer;
    this.#buffer = null;
    if (this.#outstanding !== null) this.#sendOperation(this.#outstanding);
  }

  #applyOfOthers(operation: OriginalOperation): void {
    let theirs = operation;
    if (this.#outstanding !== null) {
      [this.#outstanding, theirs] = transformOriginal(this.#outstanding, theirs);
      if (this.#buffer !== null) [this.#buffer, theirs] = transformOriginal(this.#buffer, theirs);
    }
    this.text = applyOriginal(theirs, this.text);
    this.#moveCursors(theirs);
  }

  /** Its own and everybody else's, as the original does. */
  #moveCursors(operation: OriginalOperation): void {
    const moved = ({ cursors, selections }: CursorData): CursorData => ({
      cursors: cursors.map((position) => transformPosition(operation, position)),
      selections: selections.map(([from, to]) => [transformPosition(operation, from), transformPosition(operation, to)] as const),
    });
    this.#cursors = moved(this.#cursors);
    for (const [id, data] of this.userCursors) this.userCursors.set(id, moved(data));
  }

  #sendOperation(operation: OriginalOperation): void {
    this.#send({ Edit: { revision: this.revision, operation } });
  }

  /** What is sent into a connection that is not there is lost, as in a browser; the next one sends what matters again. */
  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

type History = { readonly start: number; readonly operations: readonly { readonly id: number; readonly operation: unknown }[] };
type ServerMessage = {
  readonly Identity?: number;
  readonly History?: History;
  readonly Language?: Language;
  readonly UserInfo?: { readonly id: number; readonly info?: UserInfo | null };
  readonly UserCursor?: { readonly id: number; readonly data: CursorData };
  readonly OTP?: Otp;
};
