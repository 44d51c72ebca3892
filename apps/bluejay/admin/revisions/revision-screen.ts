/** The list of saved states, and one of them with what differs. */
import type { Bluejay } from '../../bluejay.ts';
import type { ContentType } from '../../content/content-type.ts';
import type { Revision } from '../../content/content.ts';
import type { Draft } from '../../content/draft.ts';
import { html, type Html } from '../../html/html.ts';
import { renderMoment } from '../moment.ts';
import { renderDifference } from './difference-table.ts';

export const renderRevisions = (options: {
  readonly revisions: readonly Revision[];
  readonly address: string;
  readonly editAddress: string;
}): Html => {
  const { revisions, address, editAddress } = options;
  const back = html`<p><a href="${editAddress}">Back to the form</a></p>`;
  if (revisions.length === 0)
    return html`<div class="empty"><p>Nothing was saved yet. Every save will be kept here, and can be brought back.</p></div>${back}`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="Revisions"><table class="records">
<thead><tr><th scope="col">Revision</th><th scope="col">Saved</th><th scope="col">By</th><th scope="col">What was done</th></tr></thead>
<tbody>${revisions.map(
    (
      revision,
      index,
    ) => html`<tr><th scope="row"><a href="${address}/${revision.number}">Revision ${revision.number}</a>${index === 0 && html` <span class="badge">Newest</span>`}</th>
<td data-label="Saved">${renderMoment(revision.atMs)}</td><td data-label="By">${byOf(revision)}</td><td data-label="What was done">${actionOf(revision)}</td></tr>`,
  )}</tbody></table></div>${back}`;
};

export const renderRevision = (options: {
  readonly bluejay: Pick<Bluejay, 'content' | 'media'>;
  readonly type: ContentType;
  readonly revision: Revision;
  readonly draft: Draft;
  /** The state before it; undefined for the first. */
  readonly before: Draft | undefined;
  readonly present: Draft;
  /** Of the record now: a restore replaces this one, and no later one. */
  readonly version: number;
  readonly address: string;
  readonly editAddress: string;
  readonly csrf: Html;
  readonly canRestore: boolean;
}): Html => {
  const { bluejay, type, revision, draft, before, present, version, address, editAddress, csrf, canRestore } = options;
  const sinceThen = renderDifference(bluejay, type, { from: draft, to: present });
  const thenChanged = before === undefined ? undefined : renderDifference(bluejay, type, { from: before, to: draft });
  return html`<p class="record-facts">${renderMoment(revision.atMs)} by ${byOf(revision)}: ${actionOf(revision)}</p>
<section class="box" aria-labelledby="since-then"><h2 id="since-then">What has changed since</h2>
${sinceThen ?? html`<p>Nothing: this is what is there now.</p>`}
${
  sinceThen !== undefined &&
  canRestore &&
  html`<form method="post" action="${address}/${revision.number}/restore">${csrf}<input type="hidden" name="version" value="${version}">
<p class="field-help">Texts and rows come back as they were. Whether visitors see it stays as it is, and what is there now stays among the revisions.</p>
<button class="button button-primary" type="submit">Restore revision ${revision.number}</button></form>`
}</section>
<section class="box" aria-labelledby="then-changed"><h2 id="then-changed">What this revision changed</h2>
${before === undefined ? html`<p>It is the first one.</p>` : (thenChanged ?? html`<p>Only its status or its schedule, or nothing that can be seen.</p>`)}</section>
<p><a href="${address}">All revisions</a> · <a href="${editAddress}">Back to the form</a></p>`;
};

const byOf = ({ by }: Revision): string => by?.name ?? 'System';

const actionOf = ({ action }: Revision): string => {
  const restored = /^restored (\d+)$/.exec(action);
  return restored === null ? action.replace(/^./, (first) => first.toUpperCase()) : `Restored revision ${restored[1]}`;
};
