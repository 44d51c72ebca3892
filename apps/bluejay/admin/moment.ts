/** Moments and states as people read them. */
import type { AnyRecord, ContentType } from '../content/content-type.ts';
import { html, type Html } from '../html/html.ts';

const FORMAT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** In UTC, said so; the browser's script makes it the time of whoever reads. */
export const renderMoment = (atMs: number): Html =>
  html`<time datetime="${new Date(atMs).toISOString()}" data-moment>${FORMAT.format(atMs)} UTC</time>`;

type ShownStatus = 'draft' | 'published' | 'archived' | 'scheduled' | 'expired';

/** `scheduled`: published, but not yet; `expired`: published, but no more. */
const shownStatus = (record: Pick<AnyRecord, 'status' | 'publishAtMs' | 'unpublishAtMs'>, nowMs: number): ShownStatus => {
  if (record.status !== 'published') return record.status;
  if (record.unpublishAtMs !== null && record.unpublishAtMs <= nowMs) return 'expired';
  return record.publishAtMs !== null && record.publishAtMs > nowMs ? 'scheduled' : 'published';
};

const LABELS: Readonly<Record<ShownStatus, string>> = {
  draft: 'Draft',
  published: 'Published',
  archived: 'Archived',
  scheduled: 'Scheduled',
  expired: 'Expired',
};

export const renderStatus = (type: ContentType, record: AnyRecord, nowMs: number): Html => {
  if (type.lifecycle === 'always') return html``;
  const status = shownStatus(record, nowMs);
  return html`<span class="badge badge-${status}">${LABELS[status]}</span>`;
};
