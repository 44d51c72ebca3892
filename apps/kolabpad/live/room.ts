/**
 * A document in memory with everybody who is connected to it. What comes in is applied at once, what goes out is only what
 * the store has: the group commit stands between.
 */
import { performance } from 'node:perf_hooks';
import { MalformedMessage } from '../domain/client-message.ts';
import { BadEdit, Document, type DocumentState, isLargerThan, TooLarge } from '../domain/document.ts';
import { diffTexts } from '../domain/diff.ts';
import { documentTooLarge, notConnected } from '../domain/errors.ts';
import { type ClientMessage, CLOSE, type CursorData, type Expiry, type Hello, type ServerMessage } from '../domain/messages.ts';
import { renderLanguage, renderMessage } from '../domain/server-message.ts';
import type { Epoch, JournalEntry, Snapshot, Store } from '../store/store.ts';
import { Broadcast } from './broadcast.ts';
import type { Connection } from './connection.ts';
import type { Actor } from './documents.ts';
import { greet, greetExtended } from './greeting.ts';
import type { GroupCommit, Uncommitted } from './group-commit.ts';
import type { Instruments, Log } from './instruments.ts';
import { Persister } from './persister.ts';
import type { LiveSettings } from './settings.ts';
import { createEpochId } from './token.ts';

export type RoomDeps = {
  readonly store: Store;
  readonly commit: GroupCommit;
  readonly settings: LiveSettings;
  readonly now: () => number;
  readonly log: Log;
  readonly instruments: Instruments;
  /** Shown to clients: the revision of the build. */
  readonly version: string;
};

/** What is kept of a document beside its text. */
export type RoomState = DocumentState & {
  readonly snapshotRevision: number;
  readonly epochs: readonly Epoch[];
  readonly otp: string | null;
  readonly viewLink: string | null;
  readonly expiryHours: number | null;
};

export class Room implements Uncommitted {
  readonly document: Document;
  readonly connections = new Set<Connection>();
  readonly broadcast: Broadcast;
  readonly persister: Persister;
  readonly epoch: Epoch;
  otp: string | null;
  viewLink: string | null;
  expiryHours: number | null;
  lastEditAt: number;
  lastAccessedAt: number;
  /** Up to here the journal has it, and everybody may see it. */
  committedRevision: number;
  readonly #epochs: readonly Epoch[];
  #isEpochStored = false;
  /** When the oldest edit arrived that nobody has seen yet, on the monotonic clock. */
  #waitingSinceMs: number | null = null;
  /** Deleted, evicted or shut down: nothing changes any more. */
  #isClosed = false;
  readonly #deps: RoomDeps;

  constructor(state: RoomState, deps: RoomDeps) {
    this.#deps = deps;
    const now = deps.now();
    this.document = new Document(state);
    this.otp = state.otp;
    this.viewLink = state.viewLink;
    this.expiryHours = state.expiryHours;
    this.lastEditAt = now;
    this.lastAccessedAt = now;
    this.committedRevision = state.revision;
    this.#epochs = state.epochs;
    this.epoch = { id: createEpochId(), start: state.revision };
    this.broadcast = new Broadcast(this, deps);
    this.persister = new Persister(this, state.snapshotRevision, deps);
  }

  get id(): string {
    return this.document.id;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Nothing that anybody would miss: it is not stored, and forgotten when its last visitor leaves. */
  get isBlank(): boolean {
    return this.document.revision === 0 && this.otp === null && this.viewLink === null && this.expiryHours === null;
  }

  get expiry(): Expiry {
    return { hours: this.expiryHours ?? this.#deps.settings.defaultExpiryHours, chosen: this.expiryHours !== null };
  }

  snapshot(): Snapshot {
    const { id, text, revision, language } = this.document;
    return { id, text, revision, language };
  }

  join(connection: Connection): void {
    const { now, log } = this.#deps;
    this.lastAccessedAt = now();
    connection.user = this.document.takeUserId();
    this.connections.add(connection);
    log.info(`User ${connection.user} connected`, { docId: this.id });
    if (this.connections.size === 1) this.persister.start(1);
    if (!connection.extended) greet(this, connection, now());
  }

  leave(connection: Connection, how: { readonly wasClean: boolean; readonly reason: string }): void {
    if (!this.connections.delete(connection)) return;
    const { now, log } = this.#deps;
    this.lastAccessedAt = now();
    this.document.users.delete(connection.user);
    this.document.cursors.delete(connection.user);
    if (connection.hasJoined) this.broadcast.userChanged(connection.user);
    const fields = { docId: this.id };
    if (how.wasClean) log.info(`User ${connection.user} disconnected`, fields);
    else log.warn(`User ${connection.user} disconnected forcefully`, { ...fields, reason: how.reason });
    if (this.connections.size === 0 && !this.#isClosed) this.persister.stop('last_user_disconnect');
  }

  /** Throws MalformedMessage for what may not come now. */
  receive(connection: Connection, message: ClientMessage): void {
    if (this.#isClosed) return;
    const { now } = this.#deps;
    if (connection.extended && connection.session === null && message.kind !== 'Hello')
      throw new MalformedMessage('the first message is not Hello');
    switch (message.kind) {
      case 'Edit':
        return this.#edit(connection, message);
      case 'SetLanguage':
        return this.#setLanguage(connection, message.language);
      case 'ClientInfo': {
        const { name, hue } = message.info;
        connection.hasJoined = true;
        this.document.users.set(connection.user, { name, hue, ...(connection.role === 'viewer' && { viewer: true }) });
        return this.broadcast.userChanged(connection.user);
      }
      case 'CursorData':
        return this.#moveCursor(connection, message.data);
      case 'Hello':
        return this.#hello(connection, message.hello);
      case 'Ping':
        return connection.extended ? connection.send(renderMessage({ Pong: message.ping }), now()) : undefined;
    }
  }

  /** Whether a client at that place can go on from there: the revision lies on this very line of history. */
  isOnThisLine(epoch: string | null, revision: number): boolean {
    if (epoch === null || revision > this.document.revision) return false;
    if (epoch === this.epoch.id) return true;
    const index = this.#epochs.findIndex(({ id }) => id === epoch);
    if (index < 0) return false;
    return revision <= (this.#epochs[index + 1]?.start ?? this.epoch.start);
  }

  takeUncommitted(): { readonly entries: readonly JournalEntry[]; readonly epoch: Epoch | null } {
    const { entries, base } = this.document;
    return {
      entries: entries.slice(this.committedRevision - base).map(({ json, ...entry }, index) => ({
        ...entry,
        operation: json,
        revision: this.committedRevision + index + 1,
      })),
      epoch: this.#isEpochStored ? null : this.epoch,
    };
  }

  committed(revision: number): void {
    const { instruments } = this.#deps;
    this.committedRevision = revision;
    this.#isEpochStored = true;
    this.broadcast.flush();
    if (this.#waitingSinceMs !== null) instruments.editSeconds.observe((performance.now() - this.#waitingSinceMs) / 1_000);
    this.#waitingSinceMs = null;
    this.#foldHistory();
  }

  /** The connection of a participant. With `needsTicket` only that connection itself can have made the call. */
  participant({ userId, ticket }: Actor, options: { readonly needsTicket: boolean }): Connection {
    for (const connection of this.connections) {
      if (connection.user !== userId || !connection.hasJoined || connection.role !== 'editor') continue;
      if (ticket === null ? options.needsTicket : ticket !== connection.ticket) break;
      return connection;
    }
    throw notConnected();
  }

  /** Makes the text this one, as an operation among those of others; returns its revision once stored. */
  replaceText(text: string): number {
    const { settings, commit } = this.#deps;
    if (isLargerThan(text, settings.maxDocumentBytes)) throw documentTooLarge(settings.maxDocumentBytes);
    const { document } = this;
    if (text !== document.text) {
      const operation = diffTexts(document.text, text);
      const author = document.takeUserId();
      document.edit({ author, revision: document.revision, operation, session: null, sequence: null }, settings.maxDocumentBytes);
      this.#accepted();
      commit.flushNow();
    }
    return document.revision;
  }

  /** For those who edit: tokens and links are not for those who only read. */
  tellEditors(message: Exclude<ServerMessage, { History: unknown } | { Language: unknown }>): void {
    // Clients of the original know OTP and nothing newer.
    const isFor = ({ role, extended }: Connection): boolean => role === 'editor' && (extended || 'OTP' in message);
    this.broadcast.tell(renderMessage(message), isFor);
  }

  /** From now on it takes nothing; connections are closed with this code. */
  close(code: number, reason: string): void {
    this.#isClosed = true;
    this.#deps.commit.forget(this);
    this.broadcast.stop();
    for (const connection of this.connections) connection.close(code, reason);
  }

  #hello(connection: Connection, hello: Hello): void {
    if (!connection.extended || connection.session !== null) throw new MalformedMessage('Hello comes once, and first');
    for (const other of this.connections)
      if (other.session === hello.session) other.close(CLOSE.replaced, 'this session has connected anew');
    connection.session = hello.session;
    try {
      // Snapshot and acknowledgement are of what is stored: better no greeting than a wrong one.
      this.#deps.commit.flushNow();
    } catch {
      return connection.close(CLOSE.tryLater, 'the database takes no writes');
    }
    greetExtended(this, connection, hello, this.#deps);
  }

  #edit(connection: Connection, { revision, operation, sequence }: ClientMessage & { readonly kind: 'Edit' }): void {
    const { settings, log, instruments } = this.#deps;
    const { user: author, session, extended } = connection;
    if (extended && sequence === null) throw new MalformedMessage('Edit.sequence is missing');
    if (connection.role === 'viewer') return this.#reject(connection, sequence, 'READ_ONLY');
    try {
      if (revision < 0) throw new BadEdit(`revision ${revision} is below zero`);
      const edit = { author, revision: revision + connection.origin, operation, session, sequence };
      // Null: taken before, and the connection that resent it has been told so in its Welcome.
      if (this.document.edit(edit, settings.maxDocumentBytes) !== null) this.#accepted();
    } catch (error) {
      if (!(error instanceof BadEdit || error instanceof TooLarge)) throw error;
      instruments.rejectedEdits.increment();
      if (error instanceof TooLarge && extended) return this.#reject(connection, sequence, 'DOCUMENT_TOO_LARGE');
      const reason = error instanceof TooLarge ? documentTooLarge(settings.maxDocumentBytes).message : error.message;
      log.error(`Disconnect reason: ${reason}`, { docId: this.id, userId: author });
      connection.close(CLOSE.normal, reason);
    }
  }

  #accepted(): void {
    this.#deps.instruments.edits.increment();
    this.lastEditAt = this.#deps.now();
    this.#waitingSinceMs ??= performance.now();
    this.#deps.commit.add(this);
  }

  #reject(connection: Connection, sequence: number | null, code: 'READ_ONLY' | 'DOCUMENT_TOO_LARGE'): void {
    const { now, settings } = this.#deps;
    const message = code === 'READ_ONLY' ? 'this link is read-only' : documentTooLarge(settings.maxDocumentBytes).message;
    if (connection.extended && sequence !== null)
      connection.send(renderMessage({ Rejected: { sequence, code, message } }), now());
    else connection.close(CLOSE.policy, message);
  }

  #setLanguage(connection: Connection, language: string): void {
    if (connection.role === 'viewer') return;
    this.document.language = language;
    this.lastEditAt = this.#deps.now();
    this.persister.languageChanged();
    const name = this.document.users.get(connection.user)?.name ?? '';
    this.broadcast.tell(renderLanguage(language, connection.user, name), () => true);
  }

  #moveCursor(connection: Connection, data: CursorData): void {
    if (connection.role === 'viewer') return;
    this.document.setCursors(connection.user, data);
    this.broadcast.cursorMoved(connection.user);
  }

  #foldHistory(): void {
    const { store, log, instruments } = this.#deps;
    // Never what is still to be stored.
    const plan = this.committedRevision === this.document.revision ? this.document.planFold() : null;
    if (plan === null) return;
    try {
      store.compact({ id: this.id, ...plan, origin: this.document.origin });
      this.document.fold(plan);
    } catch (error) {
      instruments.persistErrors.increment();
      log.error('database_write_failed', { docId: this.id, error });
    }
  }
}
