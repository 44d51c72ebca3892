/** What a record is called, for people. */
import type { ContentType } from './content-type.ts';
import type { Value } from './field.ts';

type Titled = { readonly id: number; readonly fields: Readonly<Record<string, Value>> };

/** The field that names it; for singletons, and for those that have no name yet, what it is. */
export const titleOf = (type: Pick<ContentType, 'kind' | 'label' | 'title'>, record: Titled): string => {
  if (type.kind === 'singleton') return type.label.one;
  const title = record.fields[type.title];
  return typeof title === 'string' && title.trim() !== '' ? title : `${type.label.one} ${record.id}`;
};

/** Inside a sentence: `Blog post` → `blog post`. Abbreviations stay: `FAQ entry`. */
export const inSentence = (label: string): string =>
  /^\p{Lu}\p{Lu}/u.test(label) ? label : label.slice(0, 1).toLowerCase() + label.slice(1);
