import type { Component, History } from './history.ts';
import { targetLength } from './history.ts';
import type { Meter } from './meter.ts';
import type { Room } from './room.ts';

/**
 * `kolabpad`: the original's protocol. `relay`: for a server that hands on to all of the room what one of them says; an
 * editor says what Kolabpad would have made of its edit, so that as much travels to as many and is read in the same way.
 */
export type Dialect = 'kolabpad' | 'relay';
export type Habits = {
  readonly dialect: Dialect;
  /** Code points; in a longer text a keystroke deletes. */
  readonly maxLength: number;
  /** Says after an edit where its cursor is, as a page does. */
  readonly cursors: boolean;
};

const DELETED_AT_ONCE = 64;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * What a page's editor does, without its text: one operation under way, what is typed meanwhile waits and goes out as one.
 * Of the text it knows the revision and the length, which is enough to type at any place.
 */
export class Editor {
  readonly room: Room;
  readonly #meter: Meter;
  readonly #habits: Habits;
  readonly #send: (message: string) => void;
  #user: number | null = null;
  #revision = 0;
  #length = 0;
  #waiting: number[] = [];
  /** Called when it has nothing under way any more, with nothing waiting. */
  idle: (() => void) | null = null;
  /** Text and times of the keys of the operation that the server has not acknowledged. The text of a deletion is null. */
  underWay: { readonly at: readonly number[]; readonly text: string | null } | undefined;

  constructor(room: Room, meter: Meter, habits: Habits, send: (message: string) => void) {
    this.room = room;
    this.#meter = meter;
    this.#habits = habits;
    this.#send = send;
  }

  get ready(): boolean {
    return this.#user !== null;
  }

  /** Throws when the history has a gap. */
  receive(payload: Buffer): void {
    const message = this.room.read(payload);
    if (message === null) return;
    if ('History' in message) return this.#follow(message.History);
    this.#user = message.Identity;
    this.room.join(this.#user, this);
  }

  /** `at`: when the key was struck, or should have been. */
  strike(at: number): void {
    this.#meter.typed(at, this.room.size - 1);
    if (this.underWay === undefined) this.#type([at], null);
    else this.#waiting.push(at);
  }

  paste(text: string): void {
    this.#type([], text);
  }

  leave(): void {
    if (this.#user !== null) this.room.leave(this.#user);
    this.#user = null;
  }

  #follow({ start, operations }: History): void {
    let revision = this.#habits.dialect === 'relay' ? this.#revision : start;
    if (revision > this.#revision) throw new Error(`history goes on at ${revision} for an editor at ${this.#revision}`);
    let acknowledged = false;
    for (const item of operations) {
      if (revision === this.#revision) {
        this.room.observe(revision, item, this);
        this.#revision += 1;
        acknowledged ||= item.id === this.#user;
      }
      revision += 1;
    }
    const last = operations.at(-1);
    if (last !== undefined && revision === this.#revision) this.#length = targetLength(last.operation);
    if (acknowledged && this.underWay !== undefined) this.#goOn();
  }

  #goOn(): void {
    this.underWay = undefined;
    this.#meter.acknowledged();
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) this.#type(waiting, null);
    else this.idle?.();
  }

  #type(at: readonly number[], pasted: string | null): void {
    const length = this.#length;
    const isFull = pasted === null && length > this.#habits.maxLength;
    const text = isFull ? null : (pasted ?? Array.from(at, randomLetter).join(''));
    const removed = isFull ? Math.min(length, Math.max(DELETED_AT_ONCE, at.length)) : 0;
    const place = Math.floor(Math.random() * (length - removed + 1));
    const operation: Component[] = [place, text ?? -removed, length - removed - place].filter((component) => component !== 0);
    this.underWay = { at, text };
    this.#say(operation);
    if (!this.#habits.cursors) return;
    const cursor = place + (text?.length ?? 0);
    this.#send(`{"CursorData":{"cursors":[${cursor}],"selections":[]}}`);
  }

  #say(operation: readonly Component[]): void {
    const components = JSON.stringify(operation);
    this.#send(
      this.#habits.dialect === 'kolabpad'
        ? `{"Edit":{"revision":${this.#revision},"operation":${components}}}`
        : `{"History":{"start":${this.#revision},"operations":[{"id":${this.#user},"operation":${components}}]}}`,
    );
  }
}

const randomLetter = (): string => LETTERS.charAt(Math.floor(Math.random() * LETTERS.length));
