/** Tells everybody of a document what is new: each message is made once, and goes out in one write per connection. */
import { CLOSE } from '../domain/messages.ts';
import { renderHistory, renderUserCursor, renderUserInfo } from '../domain/server-message.ts';
import type { Connection } from './connection.ts';
import { textFrame } from './frame.ts';
import { whoIsThere } from './who-is-there.ts';
import type { Instruments, Log } from './instruments.ts';
import type { Room } from './room.ts';
import type { LiveSettings } from './settings.ts';

/** Cursors and names may wait so long for others of their kind; only the latest of each is sent. */
const METADATA_WINDOW_MS = 20;
/** History that one message holds, so that what waits in a socket is bounded. */
const PIECE_CODE_UNITS = 131_072;

export type BroadcastDeps = {
  readonly settings: Pick<LiveSettings, 'metadataQueue'>;
  readonly now: () => number;
  readonly log: Log;
  readonly instruments: Pick<Instruments, 'slowConsumers'>;
};

export class Broadcast {
  readonly #room: Room;
  readonly #deps: BroadcastDeps;
  readonly #changedUsers = new Set<number>();
  readonly #movedCursors = new Set<number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(room: Room, deps: BroadcastDeps) {
    this.#room = room;
    this.#deps = deps;
  }

  /** Joined, renamed or left. */
  userChanged(user: number): void {
    this.#changedUsers.add(user);
    this.#schedule();
  }

  cursorMoved(user: number): void {
    this.#movedCursors.add(user);
    this.#schedule();
  }

  /** A message that cannot wait, for those who are in and for whom `isFor` says so. */
  tell(message: string, isFor: (connection: Connection) => boolean): void {
    const frame = textFrame(message);
    const now = this.#deps.now();
    for (const connection of this.#room.connections) {
      if (connection.sentRevision >= 0 && isFor(connection)) connection.write(frame, now);
    }
  }

  /** Sends what is stored and not sent yet, with the names and cursors that changed meanwhile. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const now = this.#deps.now();
    const metadata = this.#takeMetadata();
    const made = new Map<string, Buffer>();
    for (const connection of this.#room.connections) {
      if (connection.sentRevision < 0) continue;
      if (connection.isCongested) {
        this.#miss(connection, metadata);
        continue;
      }
      if (!this.#canBeTold(connection)) continue;
      const key = `${connection.sentRevision} ${connection.origin}`;
      let frames = made.get(key);
      if (frames === undefined) {
        const { committedRevision } = this.#room;
        const isNew = connection.sentRevision < committedRevision;
        frames = isNew ? Buffer.concat([this.#historyFrame(connection, committedRevision), metadata.frames]) : metadata.frames;
        made.set(key, frames);
      }
      connection.sentRevision = this.#room.committedRevision;
      if (frames.length > 0) connection.write(frames, now);
    }
  }

  /** Tells a connection what it has not been told, as much as it can take now; the rest when it has. */
  catchUp(connection: Connection): void {
    const now = this.#deps.now();
    while (!connection.isCongested && connection.sentRevision < this.#room.committedRevision) {
      if (!this.#canBeTold(connection)) return;
      const end = this.#endOfPiece(connection.sentRevision);
      const frame = this.#historyFrame(connection, end);
      connection.sentRevision = end;
      connection.write(frame, now);
    }
    if (connection.isCongested) return;
    const messages = connection.isGreeted ? this.#takeMissed(connection) : whoIsThere(this.#room.document);
    connection.isGreeted = true;
    if (messages.length > 0) connection.write(Buffer.concat(messages.map(textFrame)), now);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.flush(), METADATA_WINDOW_MS);
  }

  /** False, and on its way out, when it is so far behind that what it misses is not kept any more. */
  #canBeTold(connection: Connection): boolean {
    if (connection.sentRevision >= this.#room.document.base) return true;
    this.#deps.instruments.slowConsumers.increment();
    connection.close(CLOSE.tryLater, 'too slow: history that was not sent is not kept any more');
    return false;
  }

  #historyFrame({ sentRevision, origin }: Connection, end: number): Buffer {
    const { entries, base } = this.#room.document;
    return textFrame(renderHistory(sentRevision - origin, entries, sentRevision - base, end - base));
  }

  /** How far one message goes from there: as many operations as make a piece, and at least one. */
  #endOfPiece(start: number): number {
    const { document, committedRevision } = this.#room;
    let end = start;
    for (let size = 0; end < committedRevision && size < PIECE_CODE_UNITS; end += 1)
      size += document.entries[end - document.base]?.json.length ?? 0;
    return end;
  }

  #takeMissed(connection: Connection): string[] {
    const { users, cursors } = this.#room.document;
    const messages = [...connection.missedUsers].map((user) => renderUserInfo(user, users.get(user)));
    for (const user of connection.missedAllCursors ? cursors.keys() : connection.missedCursors) {
      const data = cursors.get(user);
      if (data !== undefined) messages.push(renderUserCursor(user, data));
    }
    connection.missedUsers.clear();
    connection.missedCursors.clear();
    connection.missedAllCursors = false;
    return messages;
  }

  #takeMetadata(): Metadata {
    const { document } = this.#room;
    const users = [...this.#changedUsers];
    const cursors = [...this.#movedCursors];
    this.#changedUsers.clear();
    this.#movedCursors.clear();
    const frames = users.map((user) => textFrame(renderUserInfo(user, document.users.get(user))));
    for (const user of cursors) {
      const data = document.cursors.get(user);
      if (data !== undefined) frames.push(textFrame(renderUserCursor(user, data)));
    }
    return { users, cursors, frames: Buffer.concat(frames) };
  }

  /** Remembers what a congested connection was not told: users one by one, cursors so too while they are few. */
  #miss(connection: Connection, { users, cursors }: Metadata): void {
    if (!connection.isGreeted) return;
    for (const user of users) connection.missedUsers.add(user);
    if (connection.missedAllCursors) return;
    for (const user of cursors) connection.missedCursors.add(user);
    if (connection.missedCursors.size <= this.#deps.settings.metadataQueue) return;
    connection.missedAllCursors = true;
    connection.missedCursors.clear();
  }
}

type Metadata = { readonly users: readonly number[]; readonly cursors: readonly number[]; readonly frames: Buffer };
