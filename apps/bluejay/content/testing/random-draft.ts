/** Drafts that a type could be given by somebody with no taste: every field, any allowed value. */
import type { Random } from '@berth/testing';
import { ICON_NAMES } from '../../html/icons.ts';
import type { ContentType } from '../content-type.ts';
import type { Draft, DraftRow } from '../draft.ts';
import type { Field, Value } from '../field.ts';
import { sanitiseRichText } from '../sanitise.ts';

export type DraftOptions = {
  readonly random: Random;
  /** Ids that references may name, by type. */
  readonly ids: (type: string) => readonly number[];
  /** Rows that are there, whose ids may be kept. */
  readonly rows?: (list: string) => readonly DraftRow[];
};

export const randomDraft = (type: ContentType, options: DraftOptions): Draft => {
  const { random } = options;
  return {
    ...(type.lifecycle === 'publication' && {
      status: random.pick(['draft', 'published', 'archived'] as const),
      publishAtMs: random.boolean() ? null : random.integer(0, 2e12),
      unpublishAtMs: random.boolean(0.7) ? null : random.integer(3e12, 4e12),
    }),
    ...(type.seo === true && {
      seo: { title: words(random, 100), description: words(random, 100), image: random.boolean() ? null : random.integer(1, 50) },
    }),
    fields: valuesOf(type.fields, options),
    children: Object.fromEntries(
      Object.entries(type.children ?? {}).map(([list, { fields, max = 6 }]) => {
        const there = random.shuffle(options.rows?.(list) ?? []).slice(0, random.integer(0, 4));
        const kept = there.map(
          (row): DraftRow => ({ ...(random.boolean() ? row : valuesOf(fields, options)), id: Number(row.id) }),
        );
        const made = Array.from({ length: random.integer(0, 3) }, () => valuesOf(fields, options));
        return [list, random.shuffle<DraftRow>([...kept, ...made]).slice(0, max)];
      }),
    ),
  };
};

const valuesOf = (fields: Readonly<Record<string, Field>>, options: DraftOptions): Record<string, Value> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueOf(field, options)]));

const valueOf = (field: Field, { random, ids }: DraftOptions): Value => {
  const isEmpty = field.required !== true && random.boolean(0.3);
  switch (field.kind) {
    case 'text':
      if (field.unique === true) return random.text(20);
      return isEmpty ? '' : textOf(field.format ?? 'plain', random, field.max ?? 255);
    case 'textarea':
      return isEmpty ? '' : `${words(random, Math.min(200, (field.max ?? 5_000) / 2))}\n${random.text(5)}`;
    case 'richText':
      return isEmpty
        ? ''
        : sanitiseRichText(`<p>${words(random, 80)} <strong>${random.text(5)}</strong></p>${pictureOf(random)}`);
    case 'number':
      return isEmpty ? null : random.integer(field.min ?? -1_000, field.max ?? 1_000);
    case 'flag':
      return field.required === true || random.boolean();
    case 'date':
      return isEmpty ? null : new Date(random.integer(0, 2e12)).toISOString().slice(0, 10);
    case 'choice':
      return random.pick(field.options).value;
    case 'color':
      return `#${random.text(6, '0123456789ABCDEF')}`;
    case 'icon':
      return isEmpty ? '' : random.pick(ICON_NAMES);
    case 'lines':
      return isEmpty ? [] : Array.from({ length: random.integer(1, 4) }, () => words(random, 30));
    case 'image':
    case 'file':
      return isEmpty ? null : random.integer(1, 50);
    case 'reference':
      return isEmpty || ids(field.to).length === 0 ? null : random.pick(ids(field.to));
    case 'references':
      return random.shuffle(ids(field.to)).slice(0, random.integer(0, Math.min(4, field.max ?? 4)));
  }
};

const pictureOf = (random: Random): string => (random.boolean() ? `<img data-media="${random.integer(1, 50)}" alt="x">` : '');

const LETTERS = 'abcÄß 日本🙂"\'<>&;-_%\\';

/** Neither begins nor ends with a space, and has no two of them: those would be trimmed. */
const words = (random: Random, max: number): string =>
  `x${random.text(random.integer(1, Math.max(1, Math.min(max, 60) - 2)), LETTERS)}x`.replace(/ +/g, ' ').normalize('NFC');

const textOf = (format: 'plain' | 'email' | 'phone' | 'url' | 'link', random: Random, max: number): string => {
  switch (format) {
    case 'plain':
      return words(random, max);
    case 'email':
      return `${random.text(6, 'abc')}@example.com`;
    case 'phone':
      return `+49 30 ${random.text(6, '123456789')}`;
    case 'url':
      return `https://example.com/${random.text(6)}`;
    case 'link':
      return random.boolean() ? `/${random.text(6)}` : `https://example.com/${random.text(6)}`;
  }
};
