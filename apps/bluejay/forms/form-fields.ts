/** What a form asks for: each input once, for the page that shows it and for the request that answers it. */
import { checkValue } from '../content/check-value.ts';
import type { Field } from '../content/field.ts';
import { lineOf } from '../content/typed-text.ts';
import type { FormBody } from './form-guard.ts';

export type FormField = {
  /** Of the input. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'email' | 'tel' | 'textarea' | 'choice' | 'checkbox' | 'hidden';
  /** What is said when it is missing; without it, it may be. */
  readonly required?: string;
  /** Characters; default 160. */
  readonly max?: number;
  /** What a browser may fill in by itself. */
  readonly autocomplete?: string;
  /** Of a choice: the first one stands for nothing chosen. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  /** Half as wide as the form, where there is room. */
  readonly isHalf?: boolean;
};

export type FormValues = Readonly<Record<string, string>>;

export type FilledForm = {
  /** One for each field, as it is kept: read again it is the same. */
  readonly values: FormValues;
  /** What is wrong, by name of the field; empty when nothing is. */
  readonly problems: FormValues;
};

export const MOST_CHARACTERS = 160;
/** What a checked box may say. */
const CHECKED = /^(?:on|1|true)$/i;

export const readForm = (fields: readonly FormField[], body: FormBody): FilledForm => {
  const values: Record<string, string> = {};
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const { value, problem } = read(field, body[field.name] ?? '');
    const wrong = value === '' ? field.required : problem;
    values[field.name] = value;
    if (wrong !== undefined) problems[field.name] = wrong;
  }
  return { values, problems };
};

/** The texts of a body that was parsed; of a name that was sent twice the last, of anything else nothing. */
export const formBodyOf = (body: unknown): FormBody => {
  if (typeof body !== 'object' || body === null) return {};
  const texts = Object.entries(body).flatMap(([name, value]): readonly [string, string][] => {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    return typeof last === 'string' ? [[name, last]] : [];
  });
  return Object.fromEntries(texts);
};

type Read = { readonly value: string; readonly problem?: string | undefined };

const read = (field: FormField, typed: string): Read => {
  const { kind, choices = [] } = field;
  if (kind === 'checkbox') return { value: CHECKED.test(typed.trim()) ? '1' : '' };
  if (kind !== 'choice') return readText(field, typed);
  const value = lineOf(typed) || (choices[0]?.value ?? '');
  return choices.some((one) => one.value === value) ? { value } : { value, problem: 'Please choose one of the list.' };
};

/** By the rules that hold for content. */
const readText = ({ kind, label, max = MOST_CHARACTERS }: FormField, typed: string): Read => {
  const rule: Field =
    kind === 'textarea'
      ? { kind: 'textarea', label, max }
      : { kind: 'text', label, max, format: kind === 'email' ? 'email' : 'plain' };
  const { value, problem } = checkValue(rule, typed);
  return { value: String(value), problem };
};
