/** The form of a record, as a browser sent it, understood as a draft. What is in it is checked by `checkDraft` afterwards. */
import { type ChildList, type ContentType, DEFAULT_MOST_ROWS, type Status } from './content-type.ts';
import { defaultOf } from './defaults.ts';
import type { Checked, Draft, DraftRow, FieldProblem } from './draft.ts';
import type { Field, PlainField, Value } from './field.ts';
import { isZone, momentIn } from './zoned-moment.ts';

/**
 * Takes whatever came as `request.body`, and never throws. What was not sent is not in the draft; what cannot be understood is not
 * either, and has a problem. Texts are taken as they were typed: a working copy must show them so again.
 * Rows to be removed (`child.<list>.<n>.remove`) and new rows in which nothing was typed are left out.
 */
export const draftFromForm = (type: ContentType, body: unknown): Checked => {
  const form = new Form(body);
  const fields: Record<string, Value> = {};
  for (const [name, field] of Object.entries(type.fields)) {
    const value = form.value(`field.${name}`, field, name);
    if (value !== undefined) fields[name] = value;
  }
  const status = type.lifecycle === 'publication' ? form.text('status', 'status') : undefined;
  const slug = type.slug === undefined ? undefined : form.text('slug', 'slug');
  const publishAtMs = type.lifecycle === 'publication' ? form.moment('publishAt') : undefined;
  const unpublishAtMs = type.lifecycle === 'publication' ? form.moment('unpublishAt') : undefined;
  const seo = type.seo === true ? seoOf(form) : undefined;
  const children = type.children === undefined ? undefined : childrenOf(form, type.children);
  const draft: Draft = {
    fields,
    ...(slug !== undefined && { slug }),
    // Whether it is one is checked with the rest.
    ...(status !== undefined && status !== '' && { status: status as Status }),
    ...(publishAtMs !== undefined && { publishAtMs }),
    ...(unpublishAtMs !== undefined && { unpublishAtMs }),
    ...(seo !== undefined && { seo }),
    ...(children !== undefined && { children }),
  };
  return { draft, problems: form.problems };
};

/** More than any form of ours has; the rest is not looked at. */
const MOST_INPUTS = 20_000;

const seoOf = (form: Form): Draft['seo'] => {
  const title = form.text('seo.title', 'seo.title');
  const description = form.text('seo.description', 'seo.description');
  const image = form.value('seo.image', { kind: 'image', label: 'Picture' }, 'seo.image');
  if (title === undefined && description === undefined && image === undefined) return undefined;
  return { title: title ?? '', description: description ?? '', image: typeof image === 'number' ? image : null };
};

const childrenOf = (form: Form, lists: Readonly<Record<string, ChildList>>): Draft['children'] => {
  const sent: Record<string, readonly DraftRow[]> = {};
  for (const [name, list] of Object.entries(lists)) {
    const rows = rowsOf(form, name, list);
    if (rows !== undefined) sent[name] = rows;
  }
  return Object.keys(sent).length === 0 ? undefined : sent;
};

const rowsOf = (form: Form, name: string, list: ChildList): readonly DraftRow[] | undefined => {
  const numbers = form.rowNumbers(name);
  if (numbers === undefined) return undefined;
  const most = (list.max ?? DEFAULT_MOST_ROWS) + 1;
  const rows: DraftRow[] = [];
  for (const number of numbers) {
    const prefix = `child.${name}.${number}`;
    if (form.last(`${prefix}.remove`) !== '' || isUntouched(form, prefix, list)) continue;
    // One more than there may be, so that it is seen that there are too many.
    if (rows.length === most) break;
    const path = `${name}.${rows.length}`;
    const row: Record<string, Value> = {};
    for (const [each, field] of Object.entries(list.fields)) {
      const value = form.value(`${prefix}.${each}`, field, `${path}.${each}`);
      if (value !== undefined) row[each] = value;
    }
    const id = form.last(`${prefix}.id`);
    if (id !== '' && idFrom(id) === undefined) form.problem(path, 'This row has a number that is none.');
    const known = idFrom(id);
    rows.push(known === undefined ? row : { ...row, id: known });
  }
  return rows;
};

/** A new row that says nothing but what new rows say by themselves. */
const isUntouched = (form: Form, prefix: string, list: ChildList): boolean =>
  form.last(`${prefix}.id`) === '' &&
  Object.entries(list.fields).every(([name, field]) => {
    const typed = form.last(`${prefix}.${name}`);
    return typed === '' || typed === defaultText(field);
  });

const defaultText = (field: PlainField): string => {
  const value = defaultOf(field);
  return typeof value === 'boolean' ? (value ? '1' : '') : String(value ?? '');
};

const idFrom = (text: string): number | undefined => (/^[1-9]\d{0,14}$/.test(text.trim()) ? Number(text) : undefined);

class Form {
  readonly problems: FieldProblem[] = [];
  readonly #sent = new Map<string, readonly string[]>();
  /** Child list → numbers of its rows. */
  readonly #rows = new Map<string, Set<number>>();
  readonly #zone: string;

  constructor(body: unknown) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) this.problem('', 'No form was sent.');
    else this.#read(body);
    const zone = this.last('zone').trim();
    this.#zone = zone === '' ? 'UTC' : zone;
  }

  problem(field: string, message: string): void {
    this.problems.push({ field, message });
  }

  /** '' when nothing was sent. */
  last(name: string): string {
    return this.#sent.get(name)?.at(-1) ?? '';
  }

  /** The one text of the name, or undefined when it was not sent. */
  text(name: string, path: string): string | undefined {
    const texts = this.#sent.get(name);
    if (texts === undefined) return undefined;
    if (texts.length > 1) {
      this.problem(path, 'This was sent more than once.');
      return undefined;
    }
    return texts[0] ?? '';
  }

  moment(name: 'publishAt' | 'unpublishAt'): number | null | undefined {
    const typed = this.text(name, name)?.trim();
    if (typed === undefined) return undefined;
    if (typed === '') return null;
    const moment = momentIn(typed, this.#zone);
    if (moment === undefined) {
      this.problem(name, isZone(this.#zone) ? 'This is no day and time.' : 'The time zone of this browser is not known here.');
    }
    return moment;
  }

  /** Numbers of the rows that were sent, ascending; undefined when the list was not sent at all. */
  rowNumbers(list: string): readonly number[] | undefined {
    const numbers = this.#rows.get(list);
    if (numbers === undefined) return this.#sent.has(`child.${list}`) ? [] : undefined;
    return [...numbers].toSorted((a, b) => a - b);
  }

  value(name: string, field: Field, path: string): Value | undefined {
    switch (field.kind) {
      case 'flag':
        // The hidden '' before a checkbox says that it was there.
        return this.#sent.get(name)?.some((text) => text !== '');
      case 'references':
        return this.#ids(name, path);
      case 'lines':
        return this.text(name, path)?.split(/\r\n?|\n/);
      case 'number':
        return this.#number(name, path);
      case 'image':
      case 'file':
      case 'reference':
        return this.#id(name, path);
      case 'date': {
        const typed = this.text(name, path);
        return typed === '' ? null : typed;
      }
      case 'text':
      case 'textarea':
      case 'richText':
      case 'choice':
      case 'color':
      case 'icon':
        return this.text(name, path);
    }
  }

  #number(name: string, path: string): number | null | undefined {
    const typed = this.text(name, path)?.trim();
    if (typed === undefined) return undefined;
    if (typed === '') return null;
    if (/^[+-]?\d{1,15}$/.test(typed)) return Number(typed);
    this.problem(path, 'This is not a whole number.');
    return undefined;
  }

  #id(name: string, path: string): number | null | undefined {
    const typed = this.text(name, path)?.trim();
    if (typed === undefined) return undefined;
    if (typed === '') return null;
    const id = idFrom(typed);
    if (id === undefined) this.problem(path, 'Choose one from the list.');
    return id;
  }

  #ids(name: string, path: string): readonly number[] | undefined {
    const ids = this.#sent
      .get(name)
      ?.filter((text) => text.trim() !== '')
      .map(idFrom);
    if (ids === undefined) return undefined;
    if (ids.includes(undefined)) {
      this.problem(path, 'Choose from the list.');
      return undefined;
    }
    return ids.filter((id) => id !== undefined);
  }

  #read(body: object): void {
    const names = Object.keys(body);
    if (names.length > MOST_INPUTS) this.problem('', `More than ${MOST_INPUTS} inputs were sent; the rest was not read.`);
    for (const name of names.slice(0, MOST_INPUTS)) {
      const value = (body as Readonly<Record<string, unknown>>)[name];
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (values.every((one) => typeof one === 'string')) this.#sent.set(name, values as readonly string[]);
      else this.problem(name.replace(/^field\./, '').slice(0, 100), 'This is not what a form sends.');
      const row = /^child\.(\w+)\.(\d{1,6})\.\w+$/.exec(name);
      if (row === null) {
        if (/^child\.\w+\./.test(name)) this.problem(name.split('.')[1] ?? '', 'A row has a number that is none.');
        continue;
      }
      const [, list = '', number = ''] = row;
      const rows = this.#rows.get(list) ?? new Set<number>();
      rows.add(Number(number));
      this.#rows.set(list, rows);
    }
  }
}
