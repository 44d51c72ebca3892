/** A record as the beginning of another one. Pure. */
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';
import type { Value } from '../../content/field.ts';

/** Its texts and rows, but a draft of its own: no slug, no schedule, rows that are new, and nothing that only one may have. */
export const copiedDraft = (type: ContentType, record: AnyRecord): Draft => {
  const fields: Record<string, Value> = {};
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.kind === 'flag' && field.onlyOne === true) continue;
    const value = record.fields[name] ?? null;
    const isUnique = field.kind === 'text' && field.unique === true;
    fields[name] = isUnique || (name === type.title && field.kind === 'text') ? `${String(value ?? '')} (copy)` : value;
  }
  const children = Object.fromEntries(
    Object.entries(record.children).map(([list, rows]) => [list, rows.map(({ id: _, ...row }) => row)]),
  );
  return {
    fields,
    children,
    ...(type.lifecycle === 'publication' && { status: 'draft' as const }),
    ...(type.seo === true && { seo: record.seo }),
  };
};
