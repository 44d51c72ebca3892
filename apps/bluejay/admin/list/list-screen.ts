/** The list of the records of any type: filters, columns that sort, a box to choose each, and buttons that order by hand. */
import type { Session } from '../../accounts/session.ts';
import type { Bluejay } from '../../bluejay.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { ListPage, ListQuery } from '../../content/content.ts';
import { attribute, html, type Html, type Printable } from '../../html/html.ts';
import { mayCreate, mayEdit, mayPublish } from '../access.ts';
import { renderMoment, renderStatus } from '../moment.ts';
import { renderPages } from '../pages.ts';
import { inSentence, titleOf } from '../../content/title.ts';
import { renderCell } from './cell.ts';
import { renderFilters } from './filters.ts';
import { type Column, columnsOf, isFiltered, isSortable, isWhole, listPath } from './list-query.ts';

export type ListScreenOptions = {
  readonly bluejay: Bluejay;
  readonly session: Session;
  readonly type: ContentType;
  readonly query: ListQuery;
  readonly found: ListPage<AnyRecord>;
};

export const renderList = (options: ListScreenOptions): Html => {
  const { type, found, query } = options;
  return html`${type.admin.intro !== undefined && html`<p class="intro">${type.admin.intro}</p>`}
${renderFilters(options)}
<p class="count" role="status">${countText(type, found, query)}</p>
${found.records.length === 0 ? renderEmpty(options) : renderTable(options)}
${renderPages(found.page, found.pages, (page) => listPath(type, query, { page }))}`;
};

export const renderListActions = ({ session, type }: Pick<ListScreenOptions, 'session' | 'type'>): Html =>
  html`${mayCreate(session.account, type) && html`<a class="button button-primary" href="/admin/${type.admin.path}/new" data-shortcut="new">New ${inSentence(type.label.one)}</a>`}`;

/** Whether rows can be moved here: the type is ordered by hand, all of it is shown, and the role may sort. */
const canOrder = ({ session, type, query }: ListScreenOptions): boolean =>
  type.order.by === 'position' && isWhole(query) && mayPublish(session.account, type);

const canChoose = ({ session, type }: ListScreenOptions): boolean =>
  type.kind === 'collection' && mayPublish(session.account, type);

const countText = ({ label }: ContentType, { total, page, pages }: ListPage<AnyRecord>, query: ListQuery): string => {
  const what = total === 1 ? inSentence(label.one) : inSentence(label.many);
  return `${total} ${what}${isFiltered(query) ? ' found' : ''}${pages > 1 ? `, page ${page} of ${pages}` : ''}`;
};

const renderEmpty = ({ session, type, query }: ListScreenOptions): Html => {
  if (isFiltered(query))
    return html`<div class="empty"><p>Nothing here matches.</p><p><a class="button" href="/admin/${type.admin.path}">Show all ${inSentence(type.label.many)}</a></p></div>`;
  const one = inSentence(type.label.one);
  return html`<div class="empty"><p>There are no ${inSentence(type.label.many)} yet.</p>
${
  mayCreate(session.account, type)
    ? html`<p>Make the first one: it is ${type.lifecycle === 'publication' ? 'a draft until you publish it' : 'on the site as soon as you save it'}.</p><p><a class="button button-primary" href="/admin/${type.admin.path}/new">New ${one}</a></p>`
    : html`<p>An editor can make the first ${one}.</p>`
}</div>`;
};

const renderTable = (options: ListScreenOptions): Html => {
  const { bluejay, session, type, query, found } = options;
  const chooses = canChoose(options);
  const orders = canOrder(options);
  const columns = columnsOf(type);
  const rest = columns.filter(({ name }) => name !== type.title);
  const title = { name: type.title, field: type.fields[type.title] } as Column;
  const table = html`<div class="table-scroll" tabindex="0" role="region" aria-label="${type.label.many}">
<table class="records">
<thead><tr>
${chooses && html`<th class="choose" scope="col"><input type="checkbox" data-chooses-all hidden aria-label="Choose all on this page"><span class="visually-hidden">Choose</span></th>`}
${orders && html`<th class="order" scope="col">Order</th>`}
${heading(type, query, title)}
${rest.map((column) => heading(type, query, column))}
${type.lifecycle === 'publication' && html`<th scope="col">Status</th>`}
${heading(type, query, { name: 'updatedAt', label: 'Updated' })}
<th scope="col"><span class="visually-hidden">Actions</span></th>
</tr></thead>
<tbody${attribute('data-orders', orders)}>
${found.records.map((record, index) => renderRow(options, { record, rest, chooses, orders, index }))}
</tbody>
</table>
</div>`;
  return html`${orders && html`<form method="post" action="/admin/${type.admin.path}/order" id="order-form" data-order="/admin/${type.admin.path}/order">${bluejay.admin.csrfInput(session)}<input type="hidden" name="page" value="${found.page}"></form>`}
${
  chooses
    ? html`<form method="post" action="/admin/${type.admin.path}/bulk" class="bulk-form">
${bluejay.admin.csrfInput(session)}
${table}
${renderBulk(type)}
</form>`
    : table
}`;
};

type Row = {
  readonly record: AnyRecord;
  readonly rest: readonly Column[];
  readonly chooses: boolean;
  readonly orders: boolean;
  readonly index: number;
};

const renderRow = (options: ListScreenOptions, { record, rest, chooses, orders, index }: Row): Html => {
  const { bluejay, session, type, found } = options;
  const name = titleOf(type, record);
  const isFirst = found.page === 1 && index === 0;
  const isLast = found.page === found.pages && index === found.records.length - 1;
  const isMine = mayEdit(session.account, type, record);
  return html`<tr data-id="${record.id}" data-name="${name}" id="record-${record.id}">
${chooses && html`<td class="choose"><input type="checkbox" name="id" value="${record.id}" aria-label="Choose ${name}"></td>`}
${
  orders &&
  html`<td class="order"><span class="handle" aria-hidden="true">⠿</span>
<button type="submit" class="button button-small" form="order-form" name="move" value="${record.id}:up" aria-label="Move ${name} up"${attribute('disabled', isFirst)}>↑</button>
<button type="submit" class="button button-small" form="order-form" name="move" value="${record.id}:down" aria-label="Move ${name} down"${attribute('disabled', isLast)}>↓</button></td>`
}
<th scope="row"><a href="/admin/${type.admin.path}/${record.id}/edit">${name}</a></th>
${rest.map(({ name: column, field }) => html`<td data-label="${field.label}">${renderCell(bluejay, field, record.fields[column] ?? null)}</td>`)}
${type.lifecycle === 'publication' && html`<td data-label="Status">${renderStatus(type, record, bluejay.now())}</td>`}
<td data-label="Updated">${renderMoment(record.updatedAtMs)}</td>
<td class="row-actions"><a href="/admin/${type.admin.path}/${record.id}/edit">${isMine ? 'Edit' : 'View'}<span class="visually-hidden"> ${name}</span></a>
${chooses && html`<a class="danger" href="/admin/${type.admin.path}/${record.id}/delete">Delete<span class="visually-hidden"> ${name}</span></a>`}</td>
</tr>`;
};

const heading = (
  type: ContentType,
  query: ListQuery,
  column: Column | { readonly name: string; readonly label: string },
): Html => {
  const label: Printable = 'label' in column ? column.label : column.field.label;
  if (!('label' in column) && !isSortable(column)) return html`<th scope="col">${label}</th>`;
  const direction = query.order?.by === column.name ? query.order.direction : undefined;
  const next = { by: column.name, direction: direction === 'ascending' ? 'descending' : 'ascending' } as const;
  return html`<th scope="col"${attribute('aria-sort', direction)}><a href="${listPath(type, query, { order: next })}">${label}${direction !== undefined && html`<span aria-hidden="true"> ${direction === 'ascending' ? '▲' : '▼'}</span>`}</a></th>`;
};

const renderBulk = (type: ContentType): Html => html`<div class="bulk-bar">
<label for="bulk-action">With those chosen</label>
<select id="bulk-action" name="action" required>
<option value="">…</option>
${type.lifecycle === 'publication' && html`<option value="publish">Publish</option><option value="unpublish">Make a draft</option><option value="archive">Archive</option>`}
<option value="delete">Delete</option>
</select>
<button class="button" type="submit">Do it</button>
<span class="bulk-count" role="status" data-chosen-count></span>
</div>`;
