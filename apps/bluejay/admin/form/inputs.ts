/** What stands in the inputs of a form, by their names, as a browser would send it: made from a draft, or taken as it was sent. */
import { defaultOf } from '../../content/defaults.ts';
import type { ChildList, ContentType } from '../../content/content-type.ts';
import type { Draft, DraftRow } from '../../content/draft.ts';
import type { PlainField, Value } from '../../content/field.ts';

/** Several values under one name: checkboxes (after the hidden ''), references. */
export type Inputs = ReadonlyMap<string, readonly string[]>;

/** A tick, as its checkbox sends it. */
export const TICKED = '1';

export const inputsOf = (type: ContentType, draft: Draft): Inputs => {
  const inputs = new Map<string, readonly string[]>();
  for (const name of Object.keys(type.fields)) {
    const value = draft.fields[name];
    if (value !== undefined) inputs.set(`field.${name}`, textsOf(value));
  }
  for (const [list, rows] of Object.entries(draft.children ?? {})) {
    inputs.set(`child.${list}`, ['']);
    for (const [number, row] of rows.entries()) addRow(inputs, `child.${list}.${number}`, row);
  }
  if (draft.slug !== undefined) inputs.set('slug', [draft.slug]);
  if (draft.status !== undefined) inputs.set('status', [draft.status]);
  if (draft.publishAtMs !== undefined) inputs.set('publishAt', [localMoment(draft.publishAtMs)]);
  if (draft.unpublishAtMs !== undefined) inputs.set('unpublishAt', [localMoment(draft.unpublishAtMs)]);
  if (draft.seo !== undefined) {
    inputs.set('seo.title', [draft.seo.title]);
    inputs.set('seo.description', [draft.seo.description]);
    inputs.set('seo.image', textsOf(draft.seo.image));
  }
  return inputs;
};

/**
 * @param body `request.body` of a form: one text per name, or a list of them; anything else in it is left out. Rows are numbered
 * anew as problems count them: those that stay first, then those that were to be removed
 */
export const inputsFromBody = (type: ContentType, body: unknown): Inputs => {
  const sent = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(typeof body === 'object' && body !== null ? body : {})) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    sent.set(
      name,
      values.filter((one) => typeof one === 'string'),
    );
  }
  const inputs = new Map([...sent].filter(([name]) => !/^child\..*\.\d/.test(name)));
  for (const [name, list] of Object.entries(type.children ?? {})) {
    const isRemoved = (number: number): number => (textOf(sent, `child.${name}.${number}.remove`) === '' ? 0 : 1);
    const numbers = rowNumbersOf(sent, name, list).toSorted((a, b) => isRemoved(a) - isRemoved(b));
    for (const [index, number] of numbers.entries())
      for (const part of ['id', 'remove', ...Object.keys(list.fields)]) {
        const values = sent.get(`child.${name}.${number}.${part}`);
        if (values !== undefined) inputs.set(`child.${name}.${index}.${part}`, values);
      }
  }
  return inputs;
};

/** The last one counts: a ticked checkbox stands behind the hidden input of its name. */
export const textOf = (inputs: Inputs, name: string): string => inputs.get(name)?.at(-1) ?? '';

/** Ids that were chosen, in their order. */
export const chosenOf = (inputs: Inputs, name: string): readonly string[] =>
  (inputs.get(name) ?? []).filter((value) => value !== '');

/** Numbers of the rows of a child list that have inputs, ascending; what is a row nobody filled in is left out. */
export const rowNumbersOf = (inputs: Inputs, listName: string, list: ChildList): readonly number[] => {
  const prefix = `child.${listName}.`;
  const numbers = new Set<number>();
  for (const name of inputs.keys()) {
    const number = name.startsWith(prefix) ? /^\d{1,6}(?=\.)/.exec(name.slice(prefix.length))?.[0] : undefined;
    if (number !== undefined) numbers.add(Number(number));
  }
  return [...numbers].toSorted((a, b) => a - b).filter((number) => !isUntouched(inputs, `${prefix}${number}`, list));
};

/** As it stands in an input of type `datetime-local`, in UTC, as exact as it has to be. */
export const localMoment = (atMs: number | null): string =>
  atMs === null ? '' : new Date(atMs).toISOString().replace(/(?::00)?\.000Z$|Z$/, '');

/** What a new row begins with. */
export const defaultText = (field: PlainField): string => textsOf(defaultOf(field)).at(-1) ?? '';

const textsOf = (value: Value): readonly string[] => {
  if (value === null) return [''];
  if (typeof value === 'boolean') return value ? ['', TICKED] : [''];
  if (typeof value !== 'object') return [String(value)];
  // Lines are texts and stand in one input; references are numbers and have a value each, after the '' that says they were there.
  return value.some((one) => typeof one === 'string') ? [value.join('\n')] : ['', ...value.map(String)];
};

const addRow = (inputs: Map<string, readonly string[]>, prefix: string, { id, ...values }: DraftRow): void => {
  if (id !== undefined) inputs.set(`${prefix}.id`, [String(id)]);
  for (const [name, value] of Object.entries(values)) inputs.set(`${prefix}.${name}`, textsOf(value));
};

const isUntouched = (inputs: Inputs, prefix: string, list: ChildList): boolean =>
  textOf(inputs, `${prefix}.id`) === '' &&
  Object.entries(list.fields).every(([name, field]) => {
    const text = textOf(inputs, `${prefix}.${name}`);
    return text === '' || text === defaultText(field);
  });
