/** Whether what somebody wants a record to be can be stored. What needs the database (names that are taken) is asked elsewhere. */
import { checkValue } from './check-value.ts';
import { type ChildList, type ContentType, DEFAULT_MOST_ROWS, type RecordFacts, type Status } from './content-type.ts';
import { defaultOf } from './defaults.ts';
import type { Checked, Draft, DraftRow, FieldProblem } from './draft.ts';
import type { Field, Value } from './field.ts';
import { RESERVED_SLUGS } from './slug.ts';
import { lengthOf, lineOf } from './typed-text.ts';

export type DraftCheck = {
  /** Then whatever is left out becomes the declaration's default, and is checked too. */
  readonly isNew: boolean;
  /** What the record says now about its moments, for a draft that says only one of them. */
  readonly current?: Pick<RecordFacts, 'publishAtMs' | 'unpublishAtMs'>;
};

/**
 * The draft as it is stored: trimmed, in one normal form, HTML sanitised; without what the type does not declare. Problems name
 * their field; a draft that has one must not be written.
 */
export const checkDraft = (type: ContentType, draft: Draft, { isNew, current }: DraftCheck): Checked => {
  const problems: FieldProblem[] = [];
  const checked: Draft = {
    fields: checkFields(type.fields, draft.fields, { isNew, path: '', problems }),
    ...(type.children !== undefined && { children: checkChildren(type.children, draft.children ?? {}, problems) }),
    ...(type.slug !== undefined && checkSlug(type, draft.slug, problems)),
    ...(type.lifecycle === 'publication' && checkPublication(draft, current, problems)),
    ...(type.seo === true && draft.seo !== undefined && { seo: checkSeo(draft.seo, problems) }),
  };
  return { draft: checked, problems };
};

/** Long enough for every title, short enough for every address. */
const SLUG_MAX = 120;
const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const STATUSES: readonly (string | undefined)[] = ['draft', 'published', 'archived'] satisfies Status[];
/** 9999-12-31: later days have five digits in their year, which no form takes. */
const LAST_MOMENT_MS = 253_402_300_799_999;

type Fields = Readonly<Record<string, Field>>;

const checkFields = (
  fields: Fields,
  given: Readonly<Record<string, unknown>>,
  { isNew, path, problems }: { readonly isNew: boolean; readonly path: string; readonly problems: FieldProblem[] },
): Record<string, Value> => {
  const checked: Record<string, Value> = {};
  for (const [name, field] of Object.entries(fields)) {
    const isGiven = Object.hasOwn(given, name) && given[name] !== undefined;
    if (!isGiven && !isNew) continue;
    const { value, problem } = checkValue(field, isGiven ? given[name] : defaultOf(field));
    checked[name] = value;
    if (problem !== undefined) problems.push({ field: `${path}${name}`, message: problem });
  }
  return checked;
};

const checkChildren = (
  lists: Readonly<Record<string, ChildList>>,
  given: Readonly<Record<string, readonly DraftRow[]>>,
  problems: FieldProblem[],
): Record<string, readonly DraftRow[]> => {
  const checked: Record<string, readonly DraftRow[]> = {};
  for (const [name, list] of Object.entries(lists)) {
    const rows = Object.hasOwn(given, name) ? given[name] : undefined;
    if (rows === undefined) continue;
    const max = list.max ?? DEFAULT_MOST_ROWS;
    if (rows.length > max) {
      problems.push({ field: name, message: `At most ${max} in “${list.label}”; these are ${rows.length}.` });
    }
    const seen = new Set<number>();
    checked[name] = rows.slice(0, max).map((row, index): DraftRow => {
      const isKept = Number.isSafeInteger(row.id) && Number(row.id) > 0 && !seen.has(Number(row.id));
      if (isKept) seen.add(Number(row.id));
      return {
        ...checkFields(list.fields, row, { isNew: !isKept, path: `${name}.${index}.`, problems }),
        ...(isKept && { id: Number(row.id) }),
      };
    });
  }
  return checked;
};

/** '' asks for one made of the title (of a new record), or for the present one. */
const checkSlug = (type: ContentType, given: string | undefined, problems: FieldProblem[]): { readonly slug?: string } => {
  const slug = lineOf(given ?? '').toLowerCase();
  if (slug === '') return {};
  const problem = !SLUG.test(slug)
    ? 'Only small letters, digits and dashes between them, like our-new-pump.'
    : slug.length > SLUG_MAX
      ? `At most ${SLUG_MAX} characters; these are ${slug.length}.`
      : type.page !== undefined && RESERVED_SLUGS.has(slug)
        ? `“${slug}” is a page of its own. Choose another word.`
        : undefined;
  if (problem !== undefined) problems.push({ field: 'slug', message: problem });
  return { slug };
};

const checkPublication = (
  draft: Draft,
  current: DraftCheck['current'],
  problems: FieldProblem[],
): Pick<Draft, 'status' | 'publishAtMs' | 'unpublishAtMs'> => {
  if (draft.status !== undefined && !STATUSES.includes(draft.status)) {
    problems.push({ field: 'status', message: 'Choose draft, published or archived.' });
  }
  for (const [field, moment] of [['publishAt', draft.publishAtMs] as const, ['unpublishAt', draft.unpublishAtMs] as const]) {
    if (moment === undefined || moment === null) continue;
    if (!Number.isSafeInteger(moment) || moment < 0 || moment > LAST_MOMENT_MS)
      problems.push({ field, message: 'This is no moment between 1970 and 9999.' });
  }
  const from = draft.publishAtMs === undefined ? current?.publishAtMs : draft.publishAtMs;
  const until = draft.unpublishAtMs === undefined ? current?.unpublishAtMs : draft.unpublishAtMs;
  if (typeof from === 'number' && typeof until === 'number' && until <= from) {
    problems.push({ field: 'unpublishAt', message: 'It would vanish before it appears. Choose a later moment.' });
  }
  return {
    ...(draft.status !== undefined && { status: draft.status }),
    ...(draft.publishAtMs !== undefined && { publishAtMs: draft.publishAtMs }),
    ...(draft.unpublishAtMs !== undefined && { unpublishAtMs: draft.unpublishAtMs }),
  };
};

const checkSeo = (given: NonNullable<Draft['seo']>, problems: FieldProblem[]): NonNullable<Draft['seo']> => {
  const [title, description] = (['title', 'description'] as const).map((name) => {
    const text = lineOf(String(given[name] ?? ''));
    const max = name === 'title' ? 200 : 500;
    const length = lengthOf(text);
    if (length > max) problems.push({ field: `seo.${name}`, message: `At most ${max} characters; these are ${length}.` });
    return text;
  });
  const { value: image, problem } = checkValue({ kind: 'image', label: 'Picture' }, given.image ?? null);
  if (problem !== undefined) problems.push({ field: 'seo.image', message: problem });
  return { title: title ?? '', description: description ?? '', image: typeof image === 'number' ? image : null };
};
