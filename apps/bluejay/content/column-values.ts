/** A field's value as it stands in its column, and back. `references` have no column. */
import type { SQLOutputValue } from 'node:sqlite';
import { defaultOf } from './defaults.ts';
import type { Field, Value } from './field.ts';

export type SqlValue = string | number | null;

export const toColumn = (field: Field, value: Value): SqlValue => {
  switch (field.kind) {
    case 'flag':
      return value === true ? 1 : 0;
    case 'lines':
    case 'references':
      return JSON.stringify(value);
    case 'number':
    case 'image':
    case 'file':
    case 'reference':
      return value === null ? null : Number(value);
    case 'date':
      return value === null ? null : String(value);
    case 'text':
    case 'textarea':
    case 'richText':
    case 'choice':
    case 'color':
    case 'icon':
      return String(value);
  }
};

/** Believes nothing: a field may have changed its kind while its column kept what a former release wrote. */
export const fromColumn = (field: Field, stored: SQLOutputValue | undefined): Value => {
  if (stored === undefined) return defaultOf(field);
  switch (field.kind) {
    case 'flag':
      return Number(stored) !== 0;
    case 'lines':
      return linesFrom(stored);
    case 'references':
      return [];
    case 'number':
    case 'image':
    case 'file':
    case 'reference':
      return numberFrom(stored);
    case 'date':
      return stored === null || stored === '' ? null : String(stored);
    case 'text':
    case 'textarea':
    case 'richText':
    case 'choice':
    case 'color':
    case 'icon':
      return stored === null ? '' : String(stored);
  }
};

const numberFrom = (stored: SQLOutputValue): number | null => {
  if (stored === null || stored === '') return null;
  const number = Number(stored);
  return Number.isSafeInteger(number) ? number : null;
};

const linesFrom = (stored: SQLOutputValue): readonly string[] => {
  const text = stored === null ? '' : String(stored);
  if (!text.startsWith('[')) return text === '' ? [] : text.split('\n');
  try {
    return (JSON.parse(text) as unknown[]).map(String);
  } catch {
    // Not an array that was written as one: a text that began with a bracket.
    return text.split('\n');
  }
};
