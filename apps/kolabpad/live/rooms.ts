/** The documents that are in memory, by id and by read-only link; others are loaded when they are asked for. */
import { freshState } from '../domain/document.ts';
import { notConnected, readOnly, storeFailed } from '../domain/errors.ts';
import type { StoredDocument } from '../store/store.ts';
import type { Actor } from './documents.ts';
import { Room, type RoomDeps, type RoomState } from './room.ts';
import { VIEW_LINK_PREFIX } from './token.ts';

export class Rooms implements Iterable<Room> {
  readonly #rooms = new Map<string, Room>();
  readonly #viewLinks = new Map<string, string>();
  readonly #deps: RoomDeps;

  constructor(deps: RoomDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#rooms.size;
  }

  [Symbol.iterator](): IterableIterator<Room> {
    return this.#rooms.values();
  }

  /** Only if it is in memory. */
  find(id: string): Room | undefined {
    return this.#rooms.get(id);
  }

  /** Only if it is in memory or stored: nothing is made by asking. */
  load(id: string): Room | undefined {
    const room = this.#rooms.get(id);
    if (room !== undefined) return room;
    const stored = this.read(() => this.#deps.store.find(id));
    return stored === undefined ? undefined : this.#keep(storedState(stored));
  }

  /** In memory, stored, or from now on a blank one. */
  enter(id: string): Room {
    return this.load(id) ?? this.#keep(blankState(id));
  }

  /** The room of somebody who is connected to it; throws NOT_CONNECTED and READ_ONLY. */
  ofParticipant(id: string, actor: Actor, options: { readonly needsTicket: boolean }): Room {
    if (id.startsWith(VIEW_LINK_PREFIX)) throw readOnly();
    const room = this.#rooms.get(id);
    if (room === undefined) throw notConnected();
    room.participant(actor, options);
    return room;
  }

  forget(room: Room): void {
    this.#rooms.delete(room.id);
    if (room.viewLink !== null) this.#viewLinks.delete(room.viewLink);
  }

  /** The document that a read-only link shows. */
  findByViewLink(link: string): string | undefined {
    return this.#viewLinks.get(link) ?? this.read(() => this.#deps.store.findByViewLink(link));
  }

  setViewLink(room: Room, link: string | null): void {
    if (room.viewLink !== null) this.#viewLinks.delete(room.viewLink);
    if (link !== null) this.#viewLinks.set(link, room.id);
    room.viewLink = link;
  }

  /** Asks the store; throws STORE_FAILED. */
  read<T>(query: () => T): T {
    this.#deps.instruments.reads.increment();
    try {
      return query();
    } catch (error) {
      this.#deps.log.error('database_read_failed', { error });
      throw storeFailed(error);
    }
  }

  #keep(state: RoomState): Room {
    const room = new Room(state, this.#deps);
    this.#rooms.set(room.id, room);
    if (room.viewLink !== null) this.#viewLinks.set(room.viewLink, room.id);
    return room;
  }
}

const blankState = (id: string): RoomState => ({
  ...freshState(id),
  snapshotRevision: 0,
  epochs: [],
  otp: null,
  viewLink: null,
  expiryHours: null,
});

const storedState = ({ entries, ...stored }: StoredDocument): RoomState => ({
  ...stored,
  entries: entries.map(({ author, operation, session, sequence }) => ({ author, json: operation, session, sequence })),
});
