/** The panel's screens of messages. */
import type { Session } from '../accounts/session.ts';
import type { AdminFrame } from '../admin/admin-page.ts';
import { renderMoment } from '../admin/moment.ts';
import { renderPages } from '../admin/pages.ts';
import { attribute, html, type Html } from '../html/html.ts';
import { STATUSES, type Submission, type SubmissionQuery, type Submissions } from './submissions.ts';

export const SUBMISSIONS_PATH = '/admin/contact/submissions';

const TABS = [
  ['all', 'All'],
  ['new', 'New'],
  ['contact', 'Contact'],
  ['rfq', 'Quotes'],
] as const;

type Context = { readonly session: Session; readonly admin: AdminFrame };

export const renderSubmissionList = (context: Context, query: SubmissionQuery, found: ReturnType<Submissions['list']>): Html => {
  const { session, admin } = context;
  const { rows, total, pages } = found;
  return html`<nav class="tabs" aria-label="Kinds of messages">${TABS.map(
    ([tab, label]) =>
      html`<a href="${addressOf({ ...query, tab, page: 1 })}"${attribute('aria-current', (query.tab ?? 'all') === tab ? 'page' : null)}>${label}</a>`,
  )}</nav>
<form class="filters" method="get" action="${SUBMISSIONS_PATH}" role="search" aria-label="Messages">
<input type="hidden" name="tab" value="${query.tab ?? 'all'}">
<div class="filter"><label for="list-search">Search</label><input id="list-search" type="search" name="q" value="${query.search ?? ''}" maxlength="100" data-shortcut="search"></div>
<div class="filter"><label for="filter-status">Status</label><select id="filter-status" name="status" data-submits><option value="">All</option>${STATUSES.map(
    (status) => html`<option value="${status}"${attribute('selected', query.status === status)}>${status}</option>`,
  )}</select></div>
<button class="button" type="submit">Filter</button>
</form>
<p class="count" role="status">${total} ${total === 1 ? 'message' : 'messages'}</p>
${rows.length === 0 ? html`<div class="empty"><p>No messages here.</p></div>` : renderTable(rows, admin.csrfInput(session))}
${renderPages(query.page ?? 1, pages, (page) => addressOf({ ...query, page }))}`;
};

export const renderSubmission = (
  context: Context,
  submission: Submission,
  beside: ReturnType<Submissions['neighbours']>,
): Html => {
  const { session, admin } = context;
  const { id } = submission;
  const facts: readonly (readonly [string, Html | string])[] = [
    ['Received', renderMoment(submission.createdAtMs)],
    [
      'Kind',
      submission.kind === 'rfq' ? `Request for a quote${submission.product === '' ? '' : `: ${submission.product}`}` : 'Contact',
    ],
    ['About', submission.inquiry],
    ['From', submission.name],
    ['Company', submission.company],
    ['Mail', html`<a href="mailto:${encodeURIComponent(submission.email)}">${submission.email}</a>`],
    ['Phone', submission.phone],
    ['Network', submission.network],
    ['Browser', submission.userAgent],
  ];
  return html`<nav class="pages" aria-label="Beside this message">
${beside.newer !== undefined && html`<a href="${SUBMISSIONS_PATH}/${beside.newer}" rel="prev">Newer</a>`}
<a href="${SUBMISSIONS_PATH}">All messages</a>
${beside.older !== undefined && html`<a href="${SUBMISSIONS_PATH}/${beside.older}" rel="next">Older</a>`}
</nav>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<h2>Message</h2>
<p class="message">${submission.message}</p>
<form method="post" action="${SUBMISSIONS_PATH}/${id}/status" class="stack">
${admin.csrfInput(session)}
<label for="submission-status">Status</label>
<select id="submission-status" name="status">${STATUSES.map(
    (status) => html`<option value="${status}"${attribute('selected', submission.status === status)}>${status}</option>`,
  )}</select>
<label for="submission-notes">Notes, for colleagues</label>
<textarea id="submission-notes" name="notes" rows="4" maxlength="5000">${submission.notes}</textarea>
<button class="button button-primary" type="submit">Save</button>
</form>
<form method="post" action="${SUBMISSIONS_PATH}/${id}/delete" class="stack">
${admin.csrfInput(session)}
<details><summary>Delete this message</summary><p>It is gone for good; backups keep it until they end.</p><button class="button button-danger" type="submit">Delete</button></details>
</form>`;
};

const renderTable = (
  rows: readonly Submission[],
  csrf: Html,
): Html => html`<form method="post" action="${SUBMISSIONS_PATH}/bulk-mark-read" class="bulk-form">
${csrf}
<div class="table-scroll" tabindex="0" role="region" aria-label="Messages">
<table class="records">
<thead><tr><th class="choose" scope="col"><input type="checkbox" data-chooses-all hidden aria-label="Choose all on this page"><span class="visually-hidden">Choose</span></th><th scope="col">From</th><th scope="col">Company</th><th scope="col">About</th><th scope="col">Status</th><th scope="col">Received</th></tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>
<td class="choose"><input type="checkbox" name="id" value="${row.id}" aria-label="Choose the message of ${row.name}"></td>
<th scope="row"><a href="${SUBMISSIONS_PATH}/${row.id}">${row.name}</a></th>
<td data-label="Company">${row.company}</td>
<td data-label="About">${row.kind === 'rfq' ? 'quote' : row.inquiry}</td>
<td data-label="Status"><span class="status status-${row.status}">${row.status}</span></td>
<td data-label="Received">${renderMoment(row.createdAtMs)}</td>
</tr>
`,
)}</tbody>
</table>
</div>
<div class="bulk-bar"><button class="button" type="submit">Mark those chosen as read</button><span class="bulk-count" role="status" data-chosen-count></span></div>
</form>`;

/** The address of a list with these choices; also of its export, with `path`. */
export const addressOf = ({ tab = 'all', status, search, page = 1 }: SubmissionQuery, path = SUBMISSIONS_PATH): string => {
  const parameters = new URLSearchParams();
  if (tab !== 'all') parameters.set('tab', tab);
  if (status !== undefined) parameters.set('status', status);
  if (search !== undefined && search !== '') parameters.set('q', search);
  if (page > 1) parameters.set('page', String(page));
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
};
