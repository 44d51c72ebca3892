import type { Editor } from './editor.ts';
import { type History, readMessage } from './history.ts';
import type { Meter } from './meter.ts';

type Keystrokes = { readonly at: readonly number[]; toBeSeenBy: number };

/**
 * One document, as far as the load knows it: its editors, and which keystrokes made which revision. Nothing in the text
 * says when it was typed: an editor has one operation under way at a time, so the next one of its author in the history
 * is that one, and all editors of a document are in one process with one clock.
 */
export class Room {
  readonly id: string;
  readonly #meter: Meter;
  readonly #members = new Map<number, Editor>();
  readonly #underWay = new Map<number, Keystrokes>();
  #nextRevision = 0;
  #last: { payload: Buffer; history: History } | null = null;

  constructor(id: string, meter: Meter) {
    this.id = id;
    this.#meter = meter;
  }

  get size(): number {
    return this.#members.size;
  }

  join(user: number, editor: Editor): void {
    this.#members.set(user, editor);
  }

  leave(user: number): void {
    this.#members.delete(user);
  }

  /** Most messages come once for every editor of the room, and are read once. */
  read(payload: Buffer): { Identity: number } | { History: History } | null {
    if (this.#last?.payload.equals(payload) === true) return { History: this.#last.history };
    const message = readMessage(payload);
    if (message !== null && 'History' in message) this.#last = { payload: Buffer.from(payload), history: message.History };
    return message;
  }

  /** `observer` has taken over operation number `revision` by `author`. */
  observe(revision: number, { id: author, operation }: History['operations'][number], observer: Editor): void {
    const by = this.#members.get(author);
    if (revision >= this.#nextRevision) {
      this.#nextRevision = revision + 1;
      if (by?.underWay !== undefined) {
        if (by.underWay.text !== null && !operation.includes(by.underWay.text)) this.#meter.garbled();
        this.#underWay.set(revision, { at: by.underWay.at, toBeSeenBy: this.#members.size - 1 });
      }
    }
    const keystrokes = this.#underWay.get(revision);
    if (keystrokes === undefined || by === observer) return;
    this.#meter.seen(keystrokes.at);
    keystrokes.toBeSeenBy -= 1;
    if (keystrokes.toBeSeenBy <= 0) this.#underWay.delete(revision);
  }
}
