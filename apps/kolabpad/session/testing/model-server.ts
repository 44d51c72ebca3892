/**
 * The server's side of `kolabpad.2` in its simplest form, to hold sessions against: one document, frames in queues, so that a
 * test decides what arrives and when a connection breaks.
 */
import { applyOperation, type Operation, parseOperation, renderOperation, transformOperations } from '../../domain/operation.ts';

export type ModelConnection = {
  readonly user: number;
  session: string | null;
  /** To the server, not yet read. */
  readonly inbox: string[];
  /** To the client, not yet arrived. */
  readonly outbox: string[];
  isOpen: boolean;
};

type Entry = { readonly author: number; readonly operation: Operation; readonly session: string; readonly sequence: number };

export class ModelServer {
  text = '';
  snapshots = 0;
  readonly role: 'editor' | 'viewer';
  readonly maxLength: number;
  /** After a restart, of edits that are folded into the text. */
  readonly forgetsSessions: boolean;
  #baseText = '';
  #base = 0;
  #entries: Entry[] = [];
  #epochs = [{ id: 'epoch-0', start: 0 }];
  #sessions = new Map<string, { sequence: number; revision: number }>();
  /** Of operations that are folded. */
  #foldedSessions = new Map<string, { sequence: number; revision: number }>();
  #connections: ModelConnection[] = [];
  #nextUser = 0;
  #epochCount = 1;

  constructor({
    role = 'editor',
    maxLength = Number.POSITIVE_INFINITY,
    forgetsSessions = false,
  }: { role?: 'editor' | 'viewer'; maxLength?: number; forgetsSessions?: boolean } = {}) {
    this.role = role;
    this.maxLength = maxLength;
    this.forgetsSessions = forgetsSessions;
  }

  get revision(): number {
    return this.#base + this.#entries.length;
  }

  connect(): ModelConnection {
    const connection = { user: this.#nextUser++, session: null, inbox: [], outbox: [], isOpen: true };
    this.#connections.push(connection);
    return connection;
  }

  /** Nothing more reaches the client; `lingers`: what it has sent may still be read. */
  disconnect(connection: ModelConnection, { lingers = false } = {}): void {
    connection.isOpen = false;
    connection.outbox.length = 0;
    if (!lingers) connection.inbox.length = 0;
  }

  /** Reads one frame of a connection, if there is one. */
  read(connection: ModelConnection): void {
    const frame = connection.inbox.shift();
    if (frame === undefined) return;
    const { Hello, Edit, Ping } = JSON.parse(frame) as Record<string, Record<string, unknown> | undefined>;
    if (Hello !== undefined) this.#hello(connection, Hello as { session: string; epoch: string | null; revision: number });
    if (Edit !== undefined) this.#edit(connection, Edit as { revision: number; operation: unknown; sequence: number });
    if (Ping !== undefined) this.#send(connection, { Pong: Ping });
  }

  /** Forgets operations, so that who has less than `keep` of them missing gets History and everybody else a Snapshot. */
  fold(keep: number): void {
    const dropped = this.#entries.splice(0, Math.max(0, this.#entries.length - keep));
    for (const { operation, session, sequence } of dropped) {
      this.#baseText = applyOperation(this.#baseText, operation);
      this.#base++;
      if (!this.forgetsSessions) this.#foldedSessions.set(session, { sequence, revision: this.#base });
    }
  }

  /** Loses every connection, and the last operations as if they had never been. Returns what those were. */
  restart(lost: number): readonly Operation[] {
    for (const connection of this.#connections) this.disconnect(connection);
    this.#connections = [];
    const tail = this.#entries.splice(this.#entries.length - Math.min(lost, this.#entries.length));
    this.text = this.#baseText;
    this.#sessions = new Map(this.#foldedSessions);
    this.#entries.forEach(({ operation, session, sequence }, index) => {
      this.text = applyOperation(this.text, operation);
      this.#sessions.set(session, { sequence, revision: this.#base + index + 1 });
    });
    this.#nextUser = Math.max(-1, ...this.#entries.map(({ author }) => author)) + 1;
    this.#epochs = this.#epochs.filter(({ start }) => start <= this.revision);
    this.#epochs.push({ id: `epoch-${this.#epochCount++}`, start: this.revision });
    return tail.map(({ operation }) => operation);
  }

  #hello(
    connection: ModelConnection,
    { session, epoch, revision }: { session: string; epoch: string | null; revision: number },
  ): void {
    for (const other of this.#connections)
      if (other.session === session && other.isOpen) this.disconnect(other, { lingers: true });
    connection.session = session;
    this.#send(connection, {
      Welcome: {
        user: connection.user,
        ticket: 'ticket',
        role: this.role,
        epoch: this.#epochs.at(-1)?.id,
        revision: this.revision,
        acknowledged: this.#sessions.get(session) ?? null,
        maxBytes: 1_000_000,
        guessable: false,
        viewLink: null,
        expiry: { hours: 168, chosen: false },
        version: 'model',
      },
    });
    if (revision < this.#base || (revision > 0 && !this.#isOnThisLine(epoch, revision))) {
      this.snapshots++;
      this.#send(connection, { Snapshot: { epoch: this.#epochs.at(-1)?.id, revision: this.revision, text: this.text } });
    } else if (revision < this.revision) this.#sendHistory(connection, revision);
  }

  #isOnThisLine(epoch: string | null, revision: number): boolean {
    const index = this.#epochs.findIndex(({ id }) => id === epoch);
    return index >= 0 && revision <= (this.#epochs[index + 1]?.start ?? this.revision);
  }

  #edit(connection: ModelConnection, edit: { revision: number; operation: unknown; sequence: number }): void {
    const session = connection.session ?? '';
    if (edit.sequence <= (this.#sessions.get(session)?.sequence ?? 0)) return;
    if (edit.revision > this.revision) throw new Error(`the client is at ${edit.revision}, and the server at ${this.revision}`);
    // Too far behind for an edit: it has to come back, and gets a Snapshot.
    if (edit.revision < this.#base) {
      this.disconnect(connection);
      return;
    }
    let operation = parseOperation(edit.operation);
    for (const entry of this.#entries.slice(edit.revision - this.#base))
      [operation] = transformOperations(operation, entry.operation);
    const text = applyOperation(this.text, operation);
    if (this.role === 'viewer' || (text.length > this.maxLength && text.length > this.text.length)) {
      const code = this.role === 'viewer' ? 'READ_ONLY' : 'DOCUMENT_TOO_LARGE';
      this.#send(connection, { Rejected: { sequence: edit.sequence, code, message: 'no' } });
      return;
    }
    this.text = text;
    this.#entries.push({ author: connection.user, operation, session, sequence: edit.sequence });
    this.#sessions.set(session, { sequence: edit.sequence, revision: this.revision });
    for (const other of this.#connections) if (other.session !== null) this.#sendHistory(other, this.revision - 1);
  }

  #sendHistory(connection: ModelConnection, start: number): void {
    const items = this.#entries.slice(start - this.#base);
    const operations = items.map(({ author, operation }) => `{"id":${author},"operation":${renderOperation(operation)}}`);
    if (connection.isOpen) connection.outbox.push(`{"History":{"start":${start},"operations":[${operations.join(',')}]}}`);
  }

  #send(connection: ModelConnection, message: unknown): void {
    if (connection.isOpen) connection.outbox.push(JSON.stringify(message));
  }
}
