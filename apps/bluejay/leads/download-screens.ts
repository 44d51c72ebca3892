/** The panel's screen of those who downloaded a whitepaper, and that of erasing a person. */
import type { Session } from '../accounts/session.ts';
import type { AdminFrame } from '../admin/admin-page.ts';
import { renderMoment } from '../admin/moment.ts';
import { renderPages } from '../admin/pages.ts';
import { attribute, html, type Html } from '../html/html.ts';
import type { Download, Downloads } from './downloads.ts';
import type { Erased } from './personal-data.ts';

export const LEADS_PATH = '/admin/leads';

type Context = { readonly session: Session; readonly admin: AdminFrame };

/** As typed: days, and the id of a whitepaper. */
export type DownloadFilter = {
  readonly whitepaper: number | undefined;
  readonly from: string;
  readonly to: string;
  readonly page: number;
};

type Choice = { readonly id: number; readonly title: string };

export const renderDownloadList = (
  filter: DownloadFilter,
  found: ReturnType<Downloads['list']>,
  whitepapers: readonly Choice[],
): Html => {
  const { rows, total, pages } = found;
  return html`<form class="filters" method="get" action="${LEADS_PATH}" role="search" aria-label="Leads">
<div class="filter"><label for="filter-whitepaper">Whitepaper</label><select id="filter-whitepaper" name="whitepaper" data-submits><option value="">All</option>${whitepapers.map(
    ({ id, title }) => html`<option value="${id}"${attribute('selected', id === filter.whitepaper)}>${title}</option>`,
  )}</select></div>
<div class="filter"><label for="filter-from">From</label><input id="filter-from" type="date" name="from" value="${filter.from}"></div>
<div class="filter"><label for="filter-to">To</label><input id="filter-to" type="date" name="to" value="${filter.to}"></div>
<button class="button" type="submit">Filter</button>
</form>
<p class="count" role="status">${total} ${total === 1 ? 'lead' : 'leads'}</p>
${rows.length === 0 ? html`<div class="empty"><p>No leads here.</p></div>` : renderTable(rows)}
${renderPages(filter.page, pages, (page) => downloadAddress({ ...filter, page }))}`;
};

export const renderErasure = (
  { session, admin }: Context,
  email: string,
  found: Erased | undefined,
): Html => html`<p class="intro">Everything that a person sent is found by the mail address, and erased on request.</p>
<form class="filters" method="get" action="${LEADS_PATH}/erase"><div class="filter"><label for="erase-email">Mail address</label><input id="erase-email" type="email" name="email" value="${email}" required maxlength="255"></div><button class="button" type="submit">Look</button></form>
${
  found !== undefined &&
  html`<p role="status">${found.submissions} ${found.submissions === 1 ? 'message' : 'messages'} and ${found.downloads} ${found.downloads === 1 ? 'download' : 'downloads'} of ${email}.</p>
${
  found.submissions + found.downloads > 0 &&
  html`<form method="post" action="${LEADS_PATH}/erase" class="stack">${admin.csrfInput(session)}<input type="hidden" name="email" value="${email}"><p>They are gone for good; backups keep them until they end.</p><button class="button button-danger" type="submit">Erase all of it</button></form>`
}`
}`;

const renderTable = (
  rows: readonly Download[],
): Html => html`<div class="table-scroll" tabindex="0" role="region" aria-label="Leads">
<table class="records">
<thead><tr><th scope="col">Name</th><th scope="col">Mail</th><th scope="col">Company</th><th scope="col">Position</th><th scope="col">Whitepaper</th><th scope="col">Mail wanted</th><th scope="col">Received</th></tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>
<th scope="row">${row.name}</th>
<td data-label="Mail"><a href="mailto:${encodeURIComponent(row.email)}">${row.email}</a></td>
<td data-label="Company">${row.company}</td>
<td data-label="Position">${row.designation}</td>
<td data-label="Whitepaper">${row.whitepaperTitle}</td>
<td data-label="Mail wanted">${row.hasConsented ? 'yes' : 'no'}</td>
<td data-label="Received">${renderMoment(row.createdAtMs)}</td>
</tr>
`,
)}</tbody>
</table>
</div>`;

export const downloadAddress = ({ whitepaper, from, to, page }: DownloadFilter, path = LEADS_PATH): string => {
  const parameters = new URLSearchParams();
  if (whitepaper !== undefined) parameters.set('whitepaper', String(whitepaper));
  if (from !== '') parameters.set('from', from);
  if (to !== '') parameters.set('to', to);
  if (page > 1) parameters.set('page', String(page));
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
};
