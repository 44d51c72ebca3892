/** What the activity log says about a save. */
import type { ActivityAction } from '../accounts/activity.ts';
import type { AnyRecord, ContentType } from './content-type.ts';
import { inSentence, titleOf } from './title.ts';
import type { Complete } from './snapshot.ts';

type Save = {
  readonly type: ContentType;
  readonly before: AnyRecord | undefined;
  readonly after: AnyRecord | Complete;
  readonly id: number;
  readonly nowMs: number;
  readonly restored?: number | undefined;
};

/** `action` as the log files it; `revision` as the list of revisions shows it. */
export const describeSave = ({
  type,
  before,
  after,
  id,
  nowMs,
  restored,
}: Save): {
  readonly action: ActivityAction;
  readonly revision: string;
  readonly title: string;
  readonly description: string;
} => {
  const title = titleOf(type, { id, fields: after.fields });
  const action = actionOf(type, before, { after, restored });
  const what = type.kind === 'singleton' ? `“${title}”` : `the ${inSentence(type.label.one)} “${title}”`;
  const isLater = after.publishAtMs !== null && after.publishAtMs > nowMs;
  const verb = action === 'published' && isLater ? 'Scheduled' : VERBS[action];
  return {
    action,
    revision: action === 'restored' ? `restored ${restored}` : action,
    title,
    description: `${verb} ${what}${detailOf({ type, before, after, restored, isLater, action })}`,
  };
};

export const describeRemoval = (
  type: ContentType,
  record: AnyRecord,
): { readonly title: string; readonly description: string } => {
  const title = titleOf(type, record);
  return { title, description: `Deleted the ${inSentence(type.label.one)} “${title}”` };
};

const VERBS = {
  created: 'Created',
  updated: 'Updated',
  deleted: 'Deleted',
  published: 'Published',
  unpublished: 'Unpublished',
  restored: 'Restored',
} as const;

type SaveAction = Exclude<keyof typeof VERBS, 'deleted'>;

const actionOf = (
  type: ContentType,
  before: AnyRecord | undefined,
  { after, restored }: { readonly after: Pick<Complete, 'status'>; readonly restored: number | undefined },
): SaveAction => {
  if (before === undefined) return 'created';
  if (restored !== undefined) return 'restored';
  if (type.lifecycle === 'always' || before.status === after.status) return 'updated';
  if (after.status === 'published') return 'published';
  return before.status === 'published' ? 'unpublished' : 'updated';
};

const detailOf = (of: {
  readonly type: ContentType;
  readonly before: AnyRecord | undefined;
  readonly after: Pick<Complete, 'status' | 'publishAtMs'>;
  readonly restored: number | undefined;
  readonly isLater: boolean;
  readonly action: SaveAction;
}): string => {
  if (of.action === 'restored') return ` as it was in revision ${of.restored}`;
  const moment = of.isLater && of.after.publishAtMs !== null ? ` for ${minuteOf(of.after.publishAtMs)}` : '';
  if (of.action === 'published') return moment;
  if (of.action !== 'created' || of.type.lifecycle === 'always') return '';
  if (of.after.status !== 'published') return ` as a ${of.after.status === 'draft' ? 'draft' : 'record of the archive'}`;
  return moment === '' ? ' and published it' : ` and scheduled it${moment}`;
};

/** `2026-11-21 19:50 UTC`: everybody reads the log. */
const minuteOf = (atMs: number): string => new Date(atMs).toISOString().replace(/T(\d\d:\d\d).*/, ' $1 UTC');
