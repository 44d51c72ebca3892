/**
 * What is typed at random. Two habits: `words` leaves tokens whole, each typed once in the whole story, so that afterwards
 * every one can be looked for; `anything` cuts and replaces anywhere, in the middle of what others are typing as well.
 */
import type { Random } from '@berth/testing';
import { type Operation, parseOperation } from '../../apps/kolabpad/domain/operation.ts';

export type Habit = 'words' | 'anything';

export type TypedEdit = {
  readonly operation: Operation;
  readonly typed: readonly string[];
  readonly removed: readonly string[];
};

/** `torn`: what belongs to no token. */
export type Tokens = { readonly whole: readonly string[]; readonly torn: string };

const TOKEN = /⟦[^⟦⟧]*⟧/gu;
/** Code points; in a longer text more is taken away than typed. */
const LONG = 3_000;
const SPICE = ['a', 'Zwölf', '\n', '~～', '😀', '👩‍👩‍👧', '\ue000', '𐀀𐀁', '\u{10ffff}', 'e\u0301', ' '];

export const codePoints = (text: string): number => [...text].length;

/** The tokens of a text, in order. */
export function tokensOf(text: string): Tokens {
  return { whole: text.match(TOKEN) ?? [], torn: text.replace(TOKEN, '') };
}

export const nextEdit = (random: Random, text: string, habit: Habit, label: string): TypedEdit =>
  habit === 'words' ? editWords(random, text, label) : editAnything(random, text, label);

/** Cuts between tokens only; what others do at the same time does too, so no token is ever torn. */
function editWords(random: Random, text: string, label: string): TypedEdit {
  const { whole, torn } = tokensOf(text);
  if (torn !== '') return editAnything(random, text, label);
  const isLong = text.length > LONG;
  const at = random.integer(0, whole.length);
  const mayRemove = Math.min(whole.length - at, isLong ? 20 : 3);
  const count = mayRemove > 0 && random.boolean(isLong ? 0.7 : 0.4) ? random.integer(1, mayRemove) : 0;
  const removed = whole.slice(at, at + count);
  const typed = count > 0 && random.boolean(0.5) ? [] : [`⟦${label} ${random.pick(SPICE)}⟧`];
  const before = codePoints(whole.slice(0, at).join(''));
  return { operation: replacement(text, before, codePoints(removed.join('')), typed.join('')), typed, removed };
}

function editAnything(random: Random, text: string, label: string): TypedEdit {
  const length = codePoints(text);
  const at = random.integer(0, length);
  const count = random.boolean(length > LONG ? 0.8 : 0.4)
    ? Math.min(length - at, random.integer(1, length > LONG ? 200 : 12))
    : 0;
  const typed = count > 0 && random.boolean(0.5) ? '' : random.boolean(0.2) ? label : random.pick(SPICE);
  return { operation: replacement(text, at, count, typed), typed: typed === label ? [label] : [], removed: [] };
}

const replacement = (text: string, at: number, count: number, typed: string): Operation =>
  parseOperation([at, typed, -count, codePoints(text) - at - count]);
