import * as z from 'zod';
import type { Finding, Path } from './problem.ts';
import { rhythmNames } from './schema-backup.ts';
import { mappings, NAME } from './schema-parts.ts';
import { didYouMean } from './suggestion.ts';

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/**
 * What the schema found, one finding per mistake. A union reports the mistakes of every form it allows; only those of
 * the form that the value has are of use to the reader.
 */
export const describeIssues = (issues: readonly Issue[], schema: Schema): Finding[] =>
  issues.flatMap((issue) => describeIssue(issue, schema, []));

const describeIssue = (issue: Issue, schema: Schema, prefix: Path): Finding[] => {
  const path: Path = [...prefix, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeUnknownKey(key, schemaAt(schema, issue.path), path));
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? issue.message;
    return [{ path, message, suggestion: suggestKey(path), atKey: true }];
  }
  if (issue.code === 'invalid_union') {
    const union = schemaAt(schema, issue.path);
    const forms = union === null ? [] : optionsOf(union);
    const fitting = issue.errors.flatMap((errors, index) => {
      const form = forms[index];
      return form !== undefined && errors.length > 0 && !errors.some(refusesWhole) ? [{ errors, form }] : [];
    });
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) return only.errors.flatMap((each) => describeIssue(each, only.form, path));
  }
  return [describeValue(path, issue, schema)];
};

/** The value is not of the form at all: a text where a mapping stands, or a text of another pattern. */
const refusesWhole = (issue: Issue): boolean => issue.path.length === 0 && issue.code !== 'unrecognized_keys';

const describeValue = (path: Path, issue: Issue, schema: Schema): Finding => {
  const missing = issue.input === undefined && path.length > 0;
  const message = missing ? `\`${path.at(-1)}\` ${issue.message}` : issue.message;
  const suggestion = missing ? null : suggestValue(issue, metaAt(schema, issue.path));
  return { path, message, suggestion: suggestion === `write \`${String(issue.input)}\`` ? null : suggestion };
};

const describeUnknownKey = (key: string, schema: Schema | null, parent: Path): Finding => {
  const path = [...parent, key];
  const form = schema === null ? null : mappingForm(schema);
  const later = form === null ? undefined : mappings.get(form)?.later;
  if (later !== undefined && Object.hasOwn(later, key)) {
    return {
      path,
      message: `\`${key}\`: this version of Berth does not do ${later[key]} yet`,
      suggestion: 'remove it for now',
      atKey: true,
    };
  }
  const known = form === null ? [] : Object.keys(form._zod.def.shape);
  const near = didYouMean(key, known);
  return {
    path,
    message: `unknown key \`${shorten(key)}\``,
    suggestion: near ?? (known.length > 0 ? `known here: ${known.join(', ')}` : null),
    atKey: true,
  };
};

/** What the value is once the usual slip is taken out of it. */
const suggestValue = ({ code, input, ...issue }: Issue, { title, samples }: Meta): string | null => {
  const text = String(input);
  if (code === 'invalid_value' && 'values' in issue)
    return typeof input === 'string' ? didYouMean(input, issue.values.map(String)) : null;
  if (title?.endsWith('duration') && /^\d+(\.\d+)?$/.test(text)) return `write \`${text}${usualUnit(samples)}\``;
  if (title?.endsWith('duration') && /^\d+ *(s|m|h|d|y)[a-z]*$/i.test(text))
    return `write \`${text.replace(/^(\d+) *(.).*$/, '$1$2').toLowerCase()}\``;
  if (title?.endsWith('or duration') && typeof input === 'string') return didYouMean(input, rhythmNames);
  if (title === 'size' && /^\d+(\.\d+)?([kmgt]i?)?$/i.test(text))
    return `write \`${/\d$/.test(text) ? `${text}MB` : `${text}B`}\``;
  if (title === 'name' && typeof input === 'string') return suggestName(input);
  if (title?.startsWith('list') && typeof input === 'string' && /^[\w-]+$/.test(input)) return `write \`[${input}]\``;
  return null;
};

/** Seconds, except where they would make no sense. */
const usualUnit = (samples: Meta['samples']): string =>
  samples?.map((sample) => /[hd]$/.exec(String(sample))?.[0]).find((unit) => unit !== undefined) ?? 's';

const suggestName = (name: string): string | null => {
  const simple = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
  return NAME.test(simple) && simple !== name ? `write \`${simple}\`` : null;
};

/** Variables take underscores where names take hyphens. */
const suggestKey = (path: Path): string | null => {
  const [parent, key] = path.slice(-2).map(String);
  if (key === undefined || !/^[A-Za-z][A-Za-z0-9_. -]*$/.test(key)) return null;
  if (parent === 'services' || parent === 'stores') return suggestName(key);
  return parent === 'env' || parent === 'secrets' ? `write \`${key.replace(/[^A-Za-z0-9]+/g, '_')}\`` : null;
};

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** Of a value with a short form, the long one, which is the one that has keys. */
const mappingForm = (schema: Schema): z.core.$ZodObject | null => {
  const inner = unwrap(schema);
  if (inner._zod.def.type === 'object') return inner as z.core.$ZodObject;
  return (
    optionsOf(inner)
      .map(mappingForm)
      .find((form) => form !== null) ?? null
  );
};

const optionsOf = (schema: Schema): readonly Schema[] => {
  const inner = unwrap(schema);
  return inner._zod.def.type === 'union' ? ((inner as z.core.$ZodUnion)._zod.def.options as readonly Schema[]) : [];
};

const schemaAt = (schema: Schema, path: readonly PropertyKey[]): Schema | null => {
  let at: Schema | null = schema;
  for (const segment of path) at = at === null ? null : childOf(unwrap(at), segment);
  return at;
};

type Meta = { readonly title?: string | undefined; readonly samples?: readonly unknown[] };

const metaAt = (schema: Schema, path: readonly PropertyKey[]): Meta => {
  const at = schemaAt(schema, path);
  return (at === null ? undefined : (z.globalRegistry.get(at as z.ZodType) as Meta | undefined)) ?? {};
};

const childOf = (schema: Schema, segment: PropertyKey): Schema | null => {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object') {
    return Object.hasOwn(def.shape, segment) ? (def.shape[String(segment)] ?? null) : (def.catchall ?? null);
  }
  if (def.type === 'record') return def.valueType;
  if (def.type === 'array') return def.element;
  if (def.type !== 'union') return null;
  // Only one form has parts; a path into the value leads through it.
  return def.options.map((option) => childOf(unwrap(option), segment)).find((child) => child !== null) ?? null;
};

/** The schema that the written value meets, below defaults and transforms. */
const unwrap = (schema: Schema): Schema => {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'pipe') return unwrap(def.in);
  return def.type === 'optional' || def.type === 'nullable' || def.type === 'prefault' ? unwrap(def.innerType) : schema;
};
