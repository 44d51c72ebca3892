/** The same done to several records at once. What one of them refuses does not keep the others from it, and is told. */
import { ContentError } from '../../content/errors.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Actor, Content } from '../../content/content.ts';
import type { Draft } from '../../content/draft.ts';
import { inSentence, titleOf } from '../../content/title.ts';

export type BulkAction = 'publish' | 'unpublish' | 'archive' | 'delete';

export type BulkOutcome = { readonly done: number; readonly refused: readonly string[] };

/** Those that make sense for the type. */
export const bulkActionsOf = (type: ContentType): readonly BulkAction[] => {
  if (type.kind !== 'collection') return [];
  return type.lifecycle === 'publication' ? ['publish', 'unpublish', 'archive', 'delete'] : ['delete'];
};

export const applyBulk = (
  content: Content,
  type: ContentType,
  work: { readonly action: BulkAction; readonly ids: readonly number[]; readonly actor: Actor; readonly nowMs: number },
): BulkOutcome => {
  const { action, ids, actor, nowMs } = work;
  const refused: string[] = [];
  let done = 0;
  for (const id of new Set(ids)) {
    const record: AnyRecord | undefined = content.find(type, id);
    // Somebody else deleted it in the meantime.
    if (record === undefined) continue;
    try {
      if (action === 'delete') content.remove(type, id, actor);
      else content.update(type, id, draftOf(action, record, nowMs), { version: record.version, actor });
      done += 1;
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      refused.push(`${titleOf(type, record)}: ${error.message}`);
    }
  }
  return { done, refused };
};

/** To publish means now: a moment that is still to come, or an end that has passed, would keep it from being seen. */
const draftOf = (action: Exclude<BulkAction, 'delete'>, record: AnyRecord, nowMs: number): Draft => {
  if (action === 'unpublish') return { status: 'draft', fields: {} };
  if (action === 'archive') return { status: 'archived', fields: {} };
  return {
    status: 'published',
    fields: {},
    ...(record.publishAtMs !== null && record.publishAtMs > nowMs && { publishAtMs: nowMs }),
    ...(record.unpublishAtMs !== null && record.unpublishAtMs <= nowMs && { unpublishAtMs: null }),
  };
};

const DONE: Readonly<Record<BulkAction, string>> = {
  publish: 'published',
  unpublish: 'made drafts',
  archive: 'archived',
  delete: 'deleted',
};

/** “3 products deleted.” */
export const bulkText = ({ label }: ContentType, action: BulkAction, done: number): string =>
  `${done} ${inSentence(done === 1 ? label.one : label.many)} ${DONE[action]}.`;
