/**
 * One document: its text, its history, who is there. No clock, no sockets, no store. Revisions count operations since the
 * document began and are never used again, also after a restart. Kept are the operations after `base`; the text at `base` is
 * kept with them, so that whoever has less can be told all of it.
 */
import type { CursorData, UserId, UserInfo } from './messages.ts';
import {
  applyOperation,
  baseLength,
  type Operation,
  parseOperation,
  renderOperation,
  targetLength,
  transformIndex,
  transformOperations,
} from './operation.ts';
import { codePointLength } from './text.ts';

/** The edit names a revision that does not exist (any more), or does not fit its text: the connection ends. */
export class BadEdit extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = 'BadEdit';
  }
}

/** Taken by nobody: the text would be larger than documents may be. */
export class TooLarge extends Error {}

export type HistoryEntry = {
  readonly author: UserId;
  /** The operation as JSON, normal form. */
  readonly json: string;
  readonly session: string | null;
  readonly sequence: number | null;
};
export type Acknowledged = { readonly sequence: number; readonly revision: number };
export type Edit = {
  readonly author: UserId;
  readonly revision: number;
  readonly operation: Operation;
  readonly session: string | null;
  readonly sequence: number | null;
};

/** Where a document starts from, whether fresh or stored. */
export type DocumentState = {
  readonly id: string;
  readonly text: string;
  readonly revision: number;
  readonly base: number;
  readonly baseText: string;
  readonly origin: number;
  readonly entries: readonly HistoryEntry[];
  readonly language: string | null;
};

export const freshState = (id: string): DocumentState => ({
  id,
  text: '',
  revision: 0,
  base: 0,
  baseText: '',
  origin: 0,
  entries: [],
  language: null,
});

/** Operations stay parsed for so long: edits are transformed against the last few, and text is a fifth of the memory. */
const PARSED_OPERATIONS = 64;
/** Kept for those who come back after a while; more is folded into `baseText`, so many at a time. */
export const HISTORY_KEPT = 5_000;
const HISTORY_KEPT_CODE_UNITS = 2_000_000;
const FOLDED_AT_ONCE = 250;
/** Kept however large they are: somebody is typing on top of them. */
const RECENT_OPERATIONS = 8;

export class Document {
  readonly id: string;
  readonly users = new Map<number, UserInfo>();
  readonly cursors = new Map<number, CursorData>();
  language: string | null;
  #text: string;
  /** Code points. */
  #length: number;
  #revision: number;
  #base: number;
  #baseText: string;
  #origin: number;
  readonly #entries: HistoryEntry[];
  #entriesCodeUnits: number;
  readonly #parsed = new Map<number, Operation>();
  readonly #sessions = new Map<string, Acknowledged>();
  #nextUser = 0;

  constructor(state: DocumentState) {
    this.id = state.id;
    this.language = state.language;
    this.#text = state.text;
    this.#length = codePointLength(state.text);
    this.#revision = state.revision;
    this.#base = state.base;
    this.#baseText = state.baseText;
    this.#origin = state.origin;
    this.#entries = [...state.entries];
    this.#entriesCodeUnits = 0;
    this.#entries.forEach((entry, index) => {
      this.#entriesCodeUnits += entry.json.length;
      this.#remember(entry, state.base + index + 1);
      // A number of an earlier life would make a client of the original take another's edit for its own.
      if (typeof entry.author === 'number') this.#nextUser = Math.max(this.#nextUser, entry.author + 1);
    });
  }

  get text(): string {
    return this.#text;
  }
  get revision(): number {
    return this.#revision;
  }
  get base(): number {
    return this.#base;
  }
  get baseText(): string {
    return this.#baseText;
  }
  /** Where revisions begin for clients of the original protocol. */
  get origin(): number {
    return this.#origin;
  }
  /** Operations `base + 1` to `revision`. */
  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  takeUserId(): number {
    const id = this.#nextUser;
    this.#nextUser += 1;
    return id;
  }

  /** The last stored edit of a session, so that it is not sent or taken twice. */
  acknowledged(session: string): Acknowledged | null {
    return this.#sessions.get(session) ?? null;
  }

  /**
   * Transforms an edit against what happened since its revision and applies it. Null when this very edit was taken before.
   * Throws BadEdit and TooLarge, and has then changed nothing.
   */
  edit({ author, revision, operation, session, sequence }: Edit, maxBytes: number): HistoryEntry | null {
    if (session !== null && sequence !== null && sequence <= (this.#sessions.get(session)?.sequence ?? 0)) return null;
    if (revision > this.#revision) throw new BadEdit(`revision ${revision} is ahead of ${this.#revision}`);
    if (revision < this.#base) throw new BadEdit(`revision ${revision} is not known any more: history begins at ${this.#base}`);
    let transformed = operation;
    try {
      for (let index = revision; index < this.#revision; index += 1)
        transformed = transformOperations(transformed, this.#operation(index))[0];
    } catch (cause) {
      throw new BadEdit('the operation does not fit its revision', { cause });
    }
    if (baseLength(transformed) !== this.#length)
      throw new BadEdit(`the operation is for ${baseLength(transformed)} code points, the text has ${this.#length}`);
    const text = applyOperation(this.#text, transformed, this.#length);
    if (isLargerThan(text, maxBytes) && text.length > this.#text.length) throw new TooLarge();
    const entry = { author, json: renderOperation(transformed), session, sequence };
    this.#text = text;
    this.#length = targetLength(transformed);
    this.#entries.push(entry);
    this.#entriesCodeUnits += entry.json.length;
    this.#parsed.set(this.#revision, transformed);
    this.#parsed.delete(this.#revision - PARSED_OPERATIONS);
    this.#revision += 1;
    this.#remember(entry, this.#revision);
    for (const [user, data] of this.cursors) this.cursors.set(user, moveCursors(data, transformed));
    return entry;
  }

  /** Keeps a user's cursors, none of them behind the end of the text. */
  setCursors(user: number, { cursors, selections }: CursorData): CursorData {
    const within = (position: number): number => Math.min(position, this.#length);
    const data = {
      cursors: cursors.map(within),
      selections: selections.map(([from, to]) => [within(from), within(to)] as const),
    };
    this.cursors.set(user, data);
    return data;
  }

  /**
   * What folds into the base now, as it would be afterwards; null when there is not too much yet. `fold` then does it, once
   * the store has it.
   */
  planFold(): { readonly base: number; readonly baseText: string } | null {
    const count = this.#entries.length >= HISTORY_KEPT + FOLDED_AT_ONCE ? FOLDED_AT_ONCE : this.#countTooLarge();
    if (count === 0) return null;
    let baseText = this.#baseText;
    for (let index = this.#base; index < this.#base + count; index += 1)
      baseText = applyOperation(baseText, this.#operation(index));
    return { base: this.#base + count, baseText };
  }

  /** Everything folds: for a document that nobody has used for long. Clients of the original count from here on. */
  planCollapse(): { readonly base: number; readonly baseText: string; readonly origin: number } | null {
    const origin = this.#text === '' ? this.#revision : this.#revision - 1;
    if (origin <= this.#origin) return null;
    return { base: this.#revision, baseText: this.#text, origin };
  }

  fold({ base, baseText }: { readonly base: number; readonly baseText: string }): void {
    for (const { json } of this.#entries.splice(0, base - this.#base)) this.#entriesCodeUnits -= json.length;
    this.#base = base;
    this.#baseText = baseText;
  }

  /** How many of the oldest fold so that half of what may be kept is left. */
  #countTooLarge(): number {
    if (this.#entriesCodeUnits <= HISTORY_KEPT_CODE_UNITS) return 0;
    const most = Math.min(FOLDED_AT_ONCE, this.#entries.length - RECENT_OPERATIONS);
    let count = 0;
    for (let size = this.#entriesCodeUnits; count < most && size > HISTORY_KEPT_CODE_UNITS / 2; count += 1)
      size -= this.#entries[count]?.json.length ?? 0;
    return count;
  }

  /** The operation that leads from revision `index` to the next. */
  #operation(index: number): Operation {
    const parsed = this.#parsed.get(index);
    if (parsed !== undefined) return parsed;
    const entry = this.#entries[index - this.#base];
    if (entry === undefined) throw new BadEdit(`operation ${index} is not kept`);
    return parseOperation(JSON.parse(entry.json));
  }

  #remember({ session, sequence }: HistoryEntry, revision: number): void {
    if (session !== null && sequence !== null) this.#sessions.set(session, { sequence, revision });
  }
}

export const moveCursors = ({ cursors, selections }: CursorData, operation: Operation): CursorData => ({
  cursors: cursors.map((position) => transformIndex(operation, position)),
  selections: selections.map(([from, to]) => [transformIndex(operation, from), transformIndex(operation, to)] as const),
});

/** In UTF-8; most texts are so small that their length settles it. */
export const isLargerThan = (text: string, maxBytes: number): boolean =>
  text.length * 3 > maxBytes && new TextEncoder().encode(text).length > maxBytes;
