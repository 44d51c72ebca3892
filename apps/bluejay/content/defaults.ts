/** What a field holds before anybody said anything. */
import type { Field, Value } from './field.ts';

export const defaultOf = (field: Field): Value => {
  switch (field.kind) {
    case 'text':
    case 'textarea':
    case 'icon':
      return field.default ?? '';
    case 'richText':
      return '';
    case 'number':
      return field.default ?? null;
    case 'flag':
      return field.default ?? false;
    case 'choice':
    case 'color':
      return field.default;
    case 'lines':
    case 'references':
      return [];
    case 'date':
    case 'image':
    case 'file':
    case 'reference':
      return null;
  }
};

export const defaultsOf = (fields: Readonly<Record<string, Field>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, defaultOf(field)]));
