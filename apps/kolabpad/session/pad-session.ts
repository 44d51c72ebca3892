/**
 * The client's side of `kolabpad.2`, without sockets, timers or a screen: calls and frames come in, frames and changes to the
 * screen go out. Keeps what is typed in any phase, also over days offline, and brings it to the server exactly once.
 *
 * One edit at a time is on its way; what is typed meanwhile gathers in a buffer. A connection may break at any moment, also
 * between the storing of an edit and the news of it. So an edit carries a sequence, the server says in Welcome which of them
 * it has, and only after everything that happened meanwhile has arrived is the edit sent again, if it is still missing.
 */
import type { CursorData, ServerMessage, UserInfo, Welcome } from '../domain/messages.ts';
import {
  applyOperation,
  composeOperations,
  invertOperation,
  isNoop,
  type Operation,
  removedTexts,
  renderOperation,
  transformCursors,
} from '../domain/operation.ts';
import { utf8Length } from '../domain/text.ts';
import type { PadEvent, Phase } from './pad-event.ts';
import {
  bufferEdit,
  followHistory,
  mergeSnapshot,
  type PendingEdits,
  screenText,
  sendBuffer,
  type Step,
  takeBack,
} from './pending-edits.ts';
import type { SavedPad } from './saved-pad.ts';
import { parseServerFrame, ProtocolError } from './server-frame.ts';

/**
 * What a call leads to. `send`: frames, in order; save first, so that a page that dies in between knows what it may have sent.
 * `change`: for the screen, not to be reported back as an edit, nor to be undone by an undo.
 */
export type Effects = {
  readonly send: readonly string[];
  readonly change: Operation | null;
  readonly events: readonly PadEvent[];
};

export type PadSessionOptions = {
  /** 22 or more characters of base64url, for one tab. A saved pad brings its own, which then counts. */
  readonly sessionId: string;
  readonly saved?: SavedPad | undefined;
};

export const createPadSession = (options: PadSessionOptions): PadSession => new PadSession(options);

export type { PadSession };

// The server reads frames that are larger by 65,536 bytes than the largest document; some of it is for what is around the edit.
const FRAME_ALLOWANCE_BYTES = 65_536 - 1_024;

type Outcome = { send: string[]; change: Operation | null; events: PadEvent[] };
type Message<Kind extends string> =
  Extract<ServerMessage, { readonly [key in Kind]: unknown }> extends { readonly [key in Kind]: infer Body } ? Body : never;

class PadSession {
  readonly sessionId: string;
  readonly users = new Map<number, UserInfo>();
  /** Where others are, in code points of the text on the screen. */
  readonly cursors = new Map<number, CursorData>();
  #phase: Phase = 'offline';
  #pending: PendingEdits;
  #text: string;
  #epoch: string | null;
  #revision: number;
  #sequence: number;
  #welcome: Welcome | null = null;
  /** Own numbers on this line of history: an edit that was on its way when a connection broke comes back under an old one. */
  #ownIds = new Set<number>();
  /** Caught up by the numbers, but a Snapshot might follow; what the server answers to a Ping comes after it. */
  #awaitsPong = false;
  #language: string | null = null;
  #wantedLanguage: string | null = null;
  #info: UserInfo | null = null;
  #cursor: CursorData | null = null;
  #isCursorSent = true;

  constructor({ sessionId, saved }: PadSessionOptions) {
    this.sessionId = saved?.session ?? sessionId;
    this.#pending = {
      confirmed: saved?.confirmed ?? '',
      outstanding: saved?.outstanding ?? null,
      buffer: saved?.buffer ?? null,
    };
    this.#epoch = saved?.epoch ?? null;
    this.#revision = saved?.revision ?? 0;
    this.#sequence = saved?.sequence ?? 0;
    this.#text = screenText(this.#pending);
  }

  /** What the screen shows. */
  get text(): string {
    return this.#text;
  }
  get phase(): Phase {
    return this.#phase;
  }
  get revision(): number {
    return this.#revision;
  }
  /** The last one, also while offline; null before the first. */
  get welcome(): Welcome | null {
    return this.#welcome;
  }
  get language(): string | null {
    return this.#language;
  }

  /** Something typed is not known to be stored. */
  hasUnsent(): boolean {
    return this.#pending.outstanding !== null || this.#pending.buffer !== null;
  }

  save(): SavedPad {
    const { confirmed, outstanding, buffer } = this.#pending;
    const [epoch, revision, sequence] = [this.#epoch, this.#revision, this.#sequence];
    return { session: this.sessionId, epoch, revision, sequence, confirmed, outstanding, buffer };
  }

  /** The socket is open. */
  connected(): Effects {
    const outcome = nothing();
    this.#enter('greeting', outcome);
    outcome.send.push(JSON.stringify({ Hello: { session: this.sessionId, epoch: this.#epoch, revision: this.#revision } }));
    return outcome;
  }

  disconnected(): Effects {
    const outcome = nothing();
    this.#awaitsPong = false;
    this.#enter('offline', outcome);
    return outcome;
  }

  /**
   * A local edit that the screen shows already; throws OperationError, and changes nothing, if it is not for `text`. To
   * somebody who may only read, the answer is the change that takes it back.
   */
  edit(operation: Operation): Effects {
    const outcome = nothing();
    const text = applyOperation(this.#text, operation);
    if (isNoop(operation)) return outcome;
    if (this.#welcome?.role === 'viewer') {
      outcome.change = invertOperation(operation, this.#text);
      outcome.events.push(readOnly(removedTexts(outcome.change, text)));
      return outcome;
    }
    this.#text = text;
    this.#moveCursors(operation);
    this.#pending = bufferEdit(this.#pending, operation);
    this.#flush(outcome);
    return outcome;
  }

  /** Where the own cursors are in `text`. Goes out when the server has the text that they are in. */
  cursor(data: CursorData): Effects {
    const outcome = nothing();
    this.#cursor = data;
    this.#isCursorSent = false;
    this.#flush(outcome);
    return outcome;
  }

  /** Name and colour of this user. */
  introduce(info: UserInfo): Effects {
    const outcome = nothing();
    this.#info = info;
    if (this.#phase === 'catching-up' || this.#phase === 'live') outcome.send.push(introduction(info));
    return outcome;
  }

  /** For everybody; what is chosen offline is told once there is a connection. */
  setLanguage(language: string): Effects {
    const outcome = nothing();
    this.#language = language;
    this.#wantedLanguage = language;
    this.#flush(outcome);
    return outcome;
  }

  /**
   * A frame, as text or parsed. Throws ProtocolError for what cannot be and has then changed nothing that is to be seen: close
   * the socket, and connect anew.
   */
  receive(frame: unknown): Effects {
    const outcome = nothing();
    const message = parseServerFrame(frame);
    if (message === null || this.#phase === 'offline') return outcome;
    if (this.#phase === 'greeting' && !('Welcome' in message) && !('Pong' in message))
      throw new ProtocolError('the first message is not Welcome');
    if ('Welcome' in message) this.#receiveWelcome(message.Welcome, outcome);
    else if ('History' in message) this.#receiveHistory(message.History, outcome);
    else if ('Snapshot' in message) this.#receiveSnapshot(message.Snapshot, outcome);
    else if ('Rejected' in message) this.#receiveRejected(message.Rejected, outcome);
    else if ('Pong' in message) this.#receivePong(message.Pong, outcome);
    else this.#receiveNews(message, outcome);
    return outcome;
  }

  #receiveWelcome(welcome: Welcome, outcome: Outcome): void {
    if (this.#phase !== 'greeting') throw new ProtocolError('Welcome comes once');
    if (welcome.epoch !== this.#welcome?.epoch) this.#ownIds.clear();
    this.#ownIds.add(welcome.user);
    this.#welcome = welcome;
    this.users.clear();
    this.cursors.clear();
    outcome.events.push({ kind: 'welcome', welcome });
    if (this.#info !== null) outcome.send.push(introduction(this.#info));
    this.#enter('catching-up', outcome);
    if ((welcome.acknowledged?.sequence ?? 0) > this.#sequence) this.#giveUpStale(welcome, outcome);
    // Without an epoch but with a revision we have told the server that we are lost: a Snapshot is certain.
    const isLost = this.#epoch === null && this.#revision > 0;
    if (isLost || welcome.revision !== this.#revision) return;
    if (welcome.epoch === this.#epoch || this.#revision === 0) return this.#goLive(outcome);
    // The same number on another line of history. Either it goes on from there, and nothing follows, or a Snapshot does.
    this.#awaitsPong = true;
    outcome.send.push('{"Ping":0}');
  }

  #receiveHistory({ start, operations }: Message<'History'>, outcome: Outcome): void {
    if (start > this.#revision) throw new ProtocolError(`History from ${start}, and we are at ${this.#revision}`);
    const items = operations.slice(this.#revision - start);
    const welcome = this.#welcome;
    const before = this.#revision;
    try {
      const step = followHistory(this.#pending, items, ({ id }, index, outstanding) => {
        if (typeof id === 'number' && this.#ownIds.has(id)) return outstanding !== null || id === welcome?.user;
        const acknowledged = welcome?.acknowledged ?? null;
        if (acknowledged === null || outstanding === null) return false;
        return acknowledged.revision === before + index + 1 && outstanding.sequence <= acknowledged.sequence;
      });
      this.#checkWhole(step.next, before + items.length);
      this.#take(step, outcome);
    } catch (error) {
      // Come apart. The next Hello says so, and a Snapshot mends it.
      if (error instanceof ProtocolError) this.#epoch = null;
      throw error;
    }
    this.#revision += items.length;
    this.#epoch = welcome?.epoch ?? this.#epoch;
    this.#awaitsPong = false;
    this.#caughtUp(outcome);
  }

  #receiveSnapshot({ epoch, revision, text }: Message<'Snapshot'>, outcome: Outcome): void {
    const { outstanding } = this.#pending;
    const sequence = this.#welcome?.acknowledged?.sequence ?? null;
    const isFirst = this.#revision === 0 && this.#pending.confirmed === '';
    const acknowledged = sequence === null || outstanding === null ? null : outstanding.sequence <= sequence;
    this.#take(mergeSnapshot(this.#pending, text, acknowledged), outcome);
    this.#revision = revision;
    this.#epoch = epoch;
    this.#awaitsPong = false;
    if (!isFirst) outcome.events.push({ kind: 'merged' });
    this.#caughtUp(outcome);
  }

  #receiveRejected({ sequence, code, message }: Message<'Rejected'>, outcome: Outcome): void {
    if (this.#pending.outstanding?.sequence !== sequence) return;
    const lost = this.#giveUp({ all: code === 'READ_ONLY' }, outcome);
    outcome.events.push({ kind: 'rejected', code, message, lost });
    this.#flush(outcome);
  }

  #receivePong(ping: number, outcome: Outcome): void {
    outcome.events.push({ kind: 'pong', ping });
    if (!this.#awaitsPong || this.#phase !== 'catching-up') return;
    this.#awaitsPong = false;
    this.#goLive(outcome);
  }

  #receiveNews(message: ServerMessage, { events }: Outcome): void {
    if ('Language' in message) {
      const { language, user_id: user, user_name: name } = message.Language;
      this.#language = language;
      events.push({ kind: 'language', language, user, name, own: user === this.#welcome?.user });
    } else if ('UserInfo' in message) {
      const { id, info } = message.UserInfo;
      const before = this.users.get(id) ?? null;
      if (info) {
        this.users.set(id, info);
        events.push({ kind: before === null ? 'joined' : 'changed', id, info });
      } else {
        this.users.delete(id);
        this.cursors.delete(id);
        events.push({ kind: 'left', id, info: before });
      }
    } else if ('UserCursor' in message) {
      const { id, data } = message.UserCursor;
      if (id === this.#welcome?.user) return;
      this.cursors.set(id, this.#onScreen(data));
      events.push({ kind: 'cursor', id });
    } else if ('OTP' in message) {
      const { otp, ...by } = message.OTP;
      events.push({ kind: 'otp', otp, ...this.#actor(by) });
    } else if ('Expiry' in message) {
      const { hours, chosen, ...by } = message.Expiry;
      events.push({ kind: 'expiry', expiry: { hours, chosen }, ...this.#actor(by) });
    } else if ('ViewLink' in message) {
      const { id, ...by } = message.ViewLink;
      events.push({ kind: 'viewLink', id, ...this.#actor(by) });
    }
  }

  #actor({ user_id, user_name }: { readonly user_id: number; readonly user_name: string }) {
    return { user: user_id, name: user_name, own: user_id === this.#welcome?.user };
  }

  /** The server counts in the confirmed text. */
  #onScreen(data: CursorData): CursorData {
    const { outstanding, buffer } = this.#pending;
    const sent = outstanding === null ? data : transformCursors(outstanding.operation, data);
    return buffer === null ? sent : transformCursors(buffer, sent);
  }

  #enter(phase: Phase, { events }: Outcome): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    events.push({ kind: 'phase', phase });
  }

  #caughtUp(outcome: Outcome): void {
    if (this.#phase === 'catching-up' && this.#revision >= (this.#welcome?.revision ?? 0)) this.#goLive(outcome);
    else this.#flush(outcome);
  }

  #goLive(outcome: Outcome): void {
    const { outstanding } = this.#pending;
    const welcome = this.#welcome;
    this.#checkWhole(this.#pending, this.#revision);
    this.#epoch = welcome?.epoch ?? this.#epoch;
    this.#enter('live', outcome);
    this.#isCursorSent = false;
    if (welcome?.role === 'viewer') {
      if (this.hasUnsent()) outcome.events.push(readOnly([this.#giveUp({ all: true }, outcome)]));
    } else if (outstanding !== null) this.#sendOutstanding(outcome);
    this.#flush(outcome);
  }

  #checkWhole({ outstanding }: PendingEdits, revision: number): void {
    const { acknowledged } = this.#welcome ?? { acknowledged: null };
    if (acknowledged === null || revision < acknowledged.revision) return;
    if (outstanding === null || outstanding.sequence > acknowledged.sequence) return;
    // Stored, but not in what we were told: we are not where we think we are.
    this.#epoch = null;
    throw new ProtocolError('the server has our edit, and its history has not');
  }

  /** Sends what may go now. */
  #flush(outcome: Outcome): void {
    if (this.#phase !== 'live' || this.#welcome?.role === 'viewer') return;
    if (this.#pending.outstanding === null) this.#sendBuffer(outcome);
    if (this.#wantedLanguage !== null) outcome.send.push(JSON.stringify({ SetLanguage: this.#wantedLanguage }));
    this.#wantedLanguage = null;
    if (this.#isCursorSent || this.#cursor === null || this.#pending.buffer !== null) return;
    outcome.send.push(JSON.stringify({ CursorData: this.#cursor }));
    this.#isCursorSent = true;
  }

  #sendBuffer(outcome: Outcome): void {
    const maxBytes = this.#welcome?.maxBytes ?? Number.POSITIVE_INFINITY;
    const fits = (operation: Operation): boolean => isWithin(renderOperation(operation), maxBytes + FRAME_ALLOWANCE_BYTES);
    const next = sendBuffer(this.#pending, this.#sequence + 1, fits);
    if (next === null) return;
    // In pieces, the first of them would be taken and the others refused.
    if (next.buffer !== null && !isWithin(this.#text, maxBytes)) {
      const lost = this.#giveUp({ all: true }, outcome);
      const message = `the document would be larger than ${Math.floor(maxBytes / 1024)} KB`;
      outcome.events.push({ kind: 'rejected', code: 'DOCUMENT_TOO_LARGE', message, lost });
      return;
    }
    this.#sequence += 1;
    this.#pending = next;
    this.#sendOutstanding(outcome);
  }

  #sendOutstanding({ send }: Outcome): void {
    const { outstanding } = this.#pending;
    if (outstanding !== null) send.push(JSON.stringify({ Edit: { revision: this.#revision, ...outstanding } }));
  }

  #giveUpStale({ acknowledged }: Welcome, outcome: Outcome): void {
    this.#sequence = acknowledged?.sequence ?? this.#sequence;
    if (this.hasUnsent()) outcome.events.push({ kind: 'superseded', lost: this.#giveUp({ all: true }, outcome) });
  }

  /** Returns what disappears from the screen. */
  #giveUp(which: { readonly all: boolean }, outcome: Outcome): string {
    const before = this.#text;
    const step = takeBack(this.#pending, which);
    this.#take(step, outcome);
    return step.change === null ? '' : removedTexts(step.change, before).join('\n');
  }

  #take({ next, change }: Step, outcome: Outcome): void {
    this.#pending = next;
    if (change === null) return;
    this.#text = applyOperation(this.#text, change);
    this.#moveCursors(change);
    outcome.change = outcome.change === null ? change : composeOperations(outcome.change, change);
  }

  #moveCursors(change: Operation): void {
    for (const [id, data] of this.cursors) this.cursors.set(id, transformCursors(change, data));
    if (this.#cursor !== null) this.#cursor = transformCursors(change, this.#cursor);
  }
}

const nothing = (): Outcome => ({ send: [], change: null, events: [] });

// No UTF-16 unit takes more than three bytes, so that most texts need not be counted.
const isWithin = (text: string, bytes: number): boolean => text.length * 3 <= bytes || utf8Length(text) <= bytes;

const introduction = ({ name, hue }: UserInfo): string => JSON.stringify({ ClientInfo: { name, hue } });

const readOnly = (lost: readonly string[]): PadEvent => ({
  kind: 'rejected',
  code: 'READ_ONLY',
  message: 'this link is read-only',
  lost: lost.join('\n'),
});
