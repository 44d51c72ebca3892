/** What a browser would send for a draft: the inverse of `draftFromForm`, for tests. */
import type { ContentType } from '../content-type.ts';
import type { Draft } from '../draft.ts';
import type { Value } from '../field.ts';
import { localMomentIn } from '../zoned-moment.ts';

export type FormBody = Record<string, string | string[]>;

export const formBodyOf = (type: ContentType, draft: Draft, zone = 'UTC'): FormBody => {
  const body: FormBody = { zone };
  for (const [name, value] of Object.entries(draft.fields)) body[`field.${name}`] = inputOf(type.fields[name]?.kind, value);
  for (const [list, rows] of Object.entries(draft.children ?? {})) {
    body[`child.${list}`] = '';
    for (const [number, { id, ...values }] of rows.entries()) {
      const prefix = `child.${list}.${number}`;
      body[`${prefix}.id`] = id === undefined ? '' : String(id);
      for (const [name, value] of Object.entries(values))
        body[`${prefix}.${name}`] = inputOf(type.children?.[list]?.fields[name]?.kind, value);
    }
  }
  if (draft.slug !== undefined) body['slug'] = draft.slug;
  if (draft.status !== undefined) body['status'] = draft.status;
  if (draft.publishAtMs !== undefined)
    body['publishAt'] = draft.publishAtMs === null ? '' : localMomentIn(draft.publishAtMs, zone);
  if (draft.unpublishAtMs !== undefined)
    body['unpublishAt'] = draft.unpublishAtMs === null ? '' : localMomentIn(draft.unpublishAtMs, zone);
  if (draft.seo !== undefined) {
    body['seo.title'] = draft.seo.title;
    body['seo.description'] = draft.seo.description;
    body['seo.image'] = String(draft.seo.image ?? '');
  }
  return body;
};

const inputOf = (kind: string | undefined, value: Value): string | string[] => {
  if (typeof value === 'boolean') return value ? ['', '1'] : '';
  if (kind === 'references') return ['', ...(Array.isArray(value) ? value.map(String) : [])];
  return Array.isArray(value) ? value.join('\r\n') : String(value ?? '').replaceAll('\n', '\r\n');
};
