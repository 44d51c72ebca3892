/** Tells everybody of a document what is new: each message is made once, and goes out in one write per connection. */
import { CLOSE } from '../domain/messages.ts';
import { renderHistory, renderUserCursor, renderUserInfo } from '../domain/server-message.ts';
import type { Connection } from './connection.ts';
import { textFrame } from './frame.ts';
import type { Instruments, Log } from './instruments.ts';
import type { Room } from './room.ts';
import type { LiveSettings } from './settings.ts';

/** Cursors and names may wait so long for others of their kind; only the latest of each is sent. */
const METADATA_WINDOW_MS = 20;

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
        const history = this.#historyFrame(connection);
        frames = history === null ? metadata.frames : Buffer.concat([history, metadata.frames]);
        made.set(key, frames);
      }
      connection.sentRevision = this.#room.committedRevision;
      if (frames.length > 0) connection.write(frames, now);
    }
  }

  /** A connection can take something again. */
  catchUp(connection: Connection): void {
    if (connection.sentRevision < 0 || !this.#canBeTold(connection)) return;
    const { document } = this.#room;
    const frames: Buffer[] = [];
    const history = this.#historyFrame(connection);
    if (history !== null) frames.push(history);
    connection.sentRevision = this.#room.committedRevision;
    for (const user of connection.missedUsers) frames.push(textFrame(renderUserInfo(user, document.users.get(user))));
    for (const user of connection.missedAllCursors ? document.cursors.keys() : connection.missedCursors) {
      const data = document.cursors.get(user);
      if (data !== undefined) frames.push(textFrame(renderUserCursor(user, data)));
    }
    connection.missedUsers.clear();
    connection.missedCursors.clear();
    connection.missedAllCursors = false;
    if (frames.length > 0) connection.write(Buffer.concat(frames), this.#deps.now());
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

  #historyFrame({ sentRevision, origin }: Connection): Buffer | null {
    const { document, committedRevision } = this.#room;
    if (sentRevision >= committedRevision) return null;
    const from = sentRevision - document.base;
    return textFrame(renderHistory(sentRevision - origin, document.entries, from, committedRevision - document.base));
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

  /** Remembers what a congested connection was not told: a few changes one by one, many cursors as all of them. */
  #miss(connection: Connection, { users, cursors }: Metadata): void {
    const { metadataQueue } = this.#deps.settings;
    for (const user of users) connection.missedUsers.add(user);
    if (!connection.missedAllCursors) for (const user of cursors) connection.missedCursors.add(user);
    if (connection.missedUsers.size + connection.missedCursors.size <= metadataQueue) return;
    connection.missedAllCursors = true;
    connection.missedCursors.clear();
    if (connection.missedUsers.size <= metadataQueue) return;
    this.#deps.instruments.slowConsumers.increment();
    connection.close(CLOSE.tryLater, 'too slow: too many joined and left meanwhile');
  }
}

type Metadata = { readonly users: readonly number[]; readonly cursors: readonly number[]; readonly frames: Buffer };
