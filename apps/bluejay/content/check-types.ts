/** Whether declarations make sense: asked by a test and when the program starts, so that a slip of the pen is no surprise later. */
import { ICON_NAMES } from '../html/icons.ts';
import type { ChildList, ContentType } from './content-type.ts';
import type { Field } from './field.ts';
import { childTable, linkTable, snakeCase } from './names.ts';
import { canSortBy } from './order.ts';

/** Throws one TypeError that names every mistake. */
export const checkContentTypes = (types: readonly ContentType[]): void => {
  const mistakes = mistakesInTypes(types);
  if (mistakes.length > 0) throw new TypeError(`The content types do not make sense:\n- ${mistakes.join('\n- ')}`);
};

/** Sentences, each beginning with the name of the type; none when all is well. */
export const mistakesInTypes = (types: readonly ContentType[]): readonly string[] => {
  const byName = new Map(types.map((type) => [type.name, type]));
  return [
    ...twice(types.map((type) => [type.name, type.name])).map((what) => `${what} is declared twice`),
    ...twice(types.map((type) => [type.admin.path, type.name])).map((what) => `${what} have the same path in the panel`),
    ...twice(types.flatMap(tablesOf)).map((what) => `${what} would share a table`),
    ...twice(types.flatMap((type) => (type.page === undefined ? [] : [[type.page.replace(/:\w+/g, ':'), type.name]]))).map(
      (what) => `${what} have pages that cannot be told apart`,
    ),
    ...types.flatMap((type) => mistakesIn(type, byName).map((mistake) => `${type.name}: ${mistake}`)),
  ];
};

/** Tables that are not those of a type. */
const OTHER_TABLES =
  /^(?:sqlite_.*|schema_.*|revisions|working_copies|redirects|foreign_addresses|content_changes|search_.*|accounts|sessions|login_attempts|recovery_codes|known_networks|activity.*|media.*|navigation_.*|contact_submissions|whitepaper_downloads|form_.*)$/;
/** Columns that every table of a type may have. */
const FACT_COLUMNS = new Set([
  ...['id', 'version', 'slug', 'status', 'publish_at', 'unpublish_at', 'position', 'created_at', 'updated_at', 'created_by'],
  ...['seo_title', 'seo_description', 'seo_image'],
]);
const CHILD_COLUMNS = new Set(['id', 'record', 'position']);
const CAMEL_CASE = /^[a-z][a-zA-Z0-9]*$/;

type Types = ReadonlyMap<string, ContentType>;

const mistakesIn = (type: ContentType, types: Types): readonly string[] => [
  ...said(!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(type.name), 'its name is not in kebab case'),
  ...said(!/^[a-z][a-z0-9_]*$/.test(type.table), `table “${type.table}” is not in snake case`),
  ...said(OTHER_TABLES.test(type.table), `table “${type.table}” belongs to something else`),
  ...said(!/^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/.test(type.admin.path), `path “${type.admin.path}” is not one for the panel`),
  ...said(type.label.one === '' || type.label.many === '', 'it has no label'),
  ...said(!Object.hasOwn(type.fields, type.title), `its title “${type.title}” is not a field`),
  ...said(
    type.kind !== 'singleton' && !['text', 'textarea', undefined].includes(type.fields[type.title]?.kind),
    `its title “${type.title}” is not a text`,
  ),
  ...mistakesInFields(type.fields, FACT_COLUMNS, types),
  ...Object.entries(type.children ?? {}).flatMap(([name, list]) => mistakesInList(name, list, types)),
  ...said(!canSortBy(type, type.order.by), `it cannot be sorted by “${type.order.by}”`),
  ...mistakesInSlug(type),
  ...mistakesInPage(type, types),
  ...mistakesInSearch(type),
  ...mistakesInKind(type),
];

const mistakesInKind = (type: ContentType): readonly string[] => [
  ...said(type.kind === 'fixed' && (type.seeds ?? []).length === 0, 'it is fixed and has no seeds'),
  ...said(type.kind === 'singleton' && (type.seeds ?? []).length > 1, 'there is one of it, but several seeds'),
  ...said(type.kind === 'singleton' && type.slug !== undefined, 'there is one of it, which needs no slug'),
  ...said(type.kind !== 'collection' && type.lifecycle !== 'always', 'only collections can be drafts'),
  ...(type.seeds ?? []).flatMap((seed, index) =>
    Object.keys(seed)
      .filter((name) => !Object.hasOwn(type.fields, name))
      .map((name) => `seed ${index + 1} has “${name}”, which is not a field`),
  ),
];

const mistakesInSlug = (type: ContentType): readonly string[] =>
  type.slug === undefined
    ? []
    : said(type.fields[type.slug.from]?.kind !== 'text', `its slug is made from “${type.slug.from}”, which is not a text field`);

const mistakesInPage = (type: ContentType, types: Types): readonly string[] => {
  if (type.page === undefined)
    return [
      ...said(type.search !== undefined, 'it can be found, but has no page to go to'),
      ...said(type.sitemap !== undefined, 'it is in the sitemap, but has no page'),
    ];
  return [
    ...said(!/^(?:\/(?:[a-z0-9-]+|:\w+))+$/.test(type.page), `page “${type.page}” is not a path`),
    ...Array.from(type.page.matchAll(/:(\w+)/g), ([, name = '']) => mistakeInParameter(type, name, types)).flat(),
    ...said(type.kind === 'collection' && !type.page.endsWith('/:slug'), 'its page does not end with :slug'),
  ];
};

const mistakeInParameter = (type: ContentType, name: string, types: Types): readonly string[] => {
  if (name === 'slug') return said(type.slug === undefined, 'its page has a :slug, it has none');
  const field = type.fields[name];
  if (field?.kind !== 'reference') return [`its page has :${name}, which is not a reference`];
  return [
    ...said(field.required !== true, `its page has :${name}, which is not required`),
    ...said(types.get(field.to)?.slug === undefined, `its page has :${name}, but a ${field.to} has no slug`),
  ];
};

const SEARCHABLE: readonly (string | undefined)[] = ['text', 'textarea', 'richText', 'lines'];

const mistakesInSearch = ({ search, fields }: ContentType): readonly string[] =>
  search === undefined
    ? []
    : [search.title, ...search.body]
        .filter((name) => !SEARCHABLE.includes(fields[name]?.kind))
        .map((name) => `the search reads “${name}”, which is not a text field`);

const mistakesInList = (name: string, list: ChildList, types: Types): readonly string[] =>
  [
    ...said(!CAMEL_CASE.test(name), 'is not in camel case'),
    ...said(!Object.hasOwn(list.fields, list.title), `has the title “${list.title}”, which is not a field`),
    ...said(list.max !== undefined && !(list.max >= 1), 'may have no rows'),
    ...mistakesInFields(list.fields, CHILD_COLUMNS, types),
  ].map((mistake) => `list “${name}” ${mistake}`);

const mistakesInFields = (
  fields: Readonly<Record<string, Field>>,
  reserved: ReadonlySet<string>,
  types: Types,
): readonly string[] => [
  ...twice(Object.keys(fields).map((name) => [snakeCase(name), name])).map((what) => `${what} would share a column`),
  ...Object.entries(fields).flatMap(([name, field]) => [
    ...said(!CAMEL_CASE.test(name), `field “${name}” is not in camel case`),
    ...said(reserved.has(snakeCase(name)), `field “${name}” has the name of something that every record has`),
    ...mistakesInField(field, types).map((mistake) => `field “${name}” ${mistake}`),
  ]),
];

const mistakesInField = (field: Field, types: Types): readonly string[] => {
  const { kind } = field;
  switch (kind) {
    case 'text':
    case 'textarea': {
      const max = field.max ?? (kind === 'text' ? 255 : 5_000);
      return [
        ...said(!(max >= 1), 'has no room for a character'),
        ...said([...(field.default ?? '')].length > max, 'has a default that is too long'),
      ];
    }
    case 'number': {
      const { min = -Infinity, max = Infinity, default: preset } = field;
      return [
        ...said(min > max, 'has a least value above the greatest'),
        ...said(
          preset !== undefined && (preset < min || preset > max || !Number.isInteger(preset)),
          'has a default out of its bounds',
        ),
      ];
    }
    case 'choice':
      return [
        ...twice(field.options.map(({ value }) => [value, value])).map((what) => `has the option ${what} twice`),
        ...said(!field.options.some(({ value }) => value === field.default), 'has a default that is none of its options'),
      ];
    case 'color':
      return said(!/^#[0-9A-Fa-f]{6}$/.test(field.default), 'has a default that is no colour');
    case 'icon':
      return said(
        (field.default ?? '') !== '' && !ICON_NAMES.includes(field.default ?? ''),
        `has the icon “${field.default}”, which nobody drew`,
      );
    case 'reference':
    case 'references': {
      const target = types.get(field.to);
      if (target === undefined) return [`refers to “${field.to}”, which is not declared`];
      return said(target.kind === 'singleton', `refers to ${field.to}, of which there is one`);
    }
    case 'richText':
    case 'flag':
    case 'date':
    case 'lines':
    case 'image':
    case 'file':
      return [];
  }
};

const tablesOf = (type: ContentType): [string, string][] => [
  [type.table, type.name],
  ...Object.keys(type.children ?? {}).map((list): [string, string] => [childTable(type, list), `${type.name}.${list}`]),
  ...Object.entries(type.fields)
    .filter(([, field]) => field.kind === 'references')
    .map(([name]): [string, string] => [linkTable(type, name), `${type.name}.${name}`]),
];

const said = (isWrong: boolean, sentence: string): readonly string[] => (isWrong ? [sentence] : []);

/** Who has a key that another has too: `a and b`. */
const twice = (named: readonly (readonly string[])[]): readonly string[] => {
  const owners = new Map<string, string[]>();
  for (const [key = '', owner = ''] of named) owners.set(key, [...(owners.get(key) ?? []), owner]);
  return [...owners.values()].filter((names) => names.length > 1).map((names) => [...new Set(names)].join(' and '));
};
