/** The line above a list: words, status, and one choice for each column that can be chosen by. */
import type { Bluejay } from '../../bluejay.ts';
import type { ContentType } from '../../content/content-type.ts';
import type { ListQuery } from '../../content/content.ts';
import { attribute, html, type Html } from '../../html/html.ts';
import { titleOf } from '../../content/title.ts';
import { type Column, filtersOf, isWhole, valueText } from './list-query.ts';

type Option = { readonly value: string; readonly label: string };

/** More would be no choice; the search finds what is not among them. */
const MOST_REFERENCES = 200;

const STATUSES: readonly Option[] = [
  { value: 'published', label: 'Published' },
  { value: 'scheduled', label: 'Scheduled' },
  { value: 'draft', label: 'Draft' },
  { value: 'archived', label: 'Archived' },
];

export const renderFilters = (options: {
  readonly bluejay: Pick<Bluejay, 'content'>;
  readonly type: ContentType;
  readonly query: ListQuery;
}): Html => {
  const { bluejay, type, query } = options;
  const address = `/admin/${type.admin.path}`;
  return html`<form class="filters" method="get" action="${address}" role="search" aria-label="${type.label.many}">
<div class="filter"><label for="list-search">Search</label><input id="list-search" type="search" name="q" value="${query.search ?? ''}" maxlength="100" data-shortcut="search"></div>
${type.lifecycle === 'publication' && select('status', 'Status', STATUSES, query.status)}
${filtersOf(type).map((column) => {
  const value = query.where?.[column.name];
  const chosen = value === undefined ? undefined : valueText(value);
  return select(`field.${column.name}`, column.field.label, optionsOf(bluejay, column, chosen), chosen);
})}
${query.order !== undefined && html`<input type="hidden" name="sort" value="${query.order.by}"><input type="hidden" name="dir" value="${query.order.direction === 'descending' ? 'desc' : 'asc'}">`}
<button class="button" type="submit">Filter</button>
${!isWhole(query) && html`<a class="filters-clear" href="${address}">Show all</a>`}
</form>`;
};

const select = (name: string, label: string, options: readonly Option[], chosen: string | undefined): Html =>
  html`<div class="filter"><label for="filter-${name.replace('.', '-')}">${label}</label><select id="filter-${name.replace('.', '-')}" name="${name}" data-submits>
<option value="">All</option>
${options.map((option) => html`<option value="${option.value}"${attribute('selected', option.value === chosen)}>${option.label}</option>`)}
</select></div>`;

const optionsOf = ({ content }: Pick<Bluejay, 'content'>, { field }: Column, chosen: string | undefined): readonly Option[] => {
  if (field.kind === 'choice') return field.options;
  if (field.kind !== 'reference')
    return [
      { value: 'yes', label: 'Yes' },
      { value: 'no', label: 'No' },
    ];
  const type = content.type(field.to);
  const options = content
    .list(type, { perPage: MOST_REFERENCES })
    .records.map((record) => ({ value: String(record.id), label: titleOf(type, record) }));
  if (chosen === undefined || options.some(({ value }) => value === chosen)) return options;
  const other = content.find(type, Number(chosen));
  return other === undefined ? options : [...options, { value: chosen, label: titleOf(type, other) }];
};
