/** What visitors see of a record at a moment, in words. */
import type { RecordFacts } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { renderMoment } from '../moment.ts';

type Facts = Pick<RecordFacts, 'status' | 'publishAtMs' | 'unpublishAtMs'>;

/** @param facts undefined: it was never saved */
export const visibilityOf = (facts: Facts | undefined, nowMs: number): Html => {
  if (facts === undefined) return html`Not saved yet: nobody else sees it.`;
  const { status, publishAtMs, unpublishAtMs } = facts;
  if (status === 'archived') return html`Taken off the site. Editors still find it here.`;
  if (status === 'draft')
    return publishAtMs !== null && publishAtMs > nowMs
      ? html`A draft: visitors do not see it, and it does not appear by itself. “Publish” makes it appear on ${renderMoment(publishAtMs)}.`
      : html`A draft: visitors do not see it.`;
  if (unpublishAtMs !== null && unpublishAtMs <= nowMs) return html`Not visible any more since ${renderMoment(unpublishAtMs)}.`;
  const until = unpublishAtMs === null ? html`` : html`, until ${renderMoment(unpublishAtMs)}`;
  if (publishAtMs === null) return html`Visible${until}.`;
  return publishAtMs > nowMs
    ? html`Appears on ${renderMoment(publishAtMs)}${until}.`
    : html`Visible since ${renderMoment(publishAtMs)}${until}.`;
};
