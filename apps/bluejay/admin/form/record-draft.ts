/** A saved record as the draft that would save it again. */
import type { AnyRecord } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';

export const draftOfRecord = (record: AnyRecord): Draft => ({
  slug: record.slug,
  status: record.status,
  publishAtMs: record.publishAtMs,
  unpublishAtMs: record.unpublishAtMs,
  seo: record.seo,
  fields: record.fields,
  children: record.children,
});
