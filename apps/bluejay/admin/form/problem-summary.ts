/** All that kept a form from being saved, at its top, each a link to the input that it is about. */
import type { ContentType } from '../../content/content-type.ts';
import type { FieldProblem } from '../../content/draft.ts';
import { html, type Html } from '../../html/html.ts';
import { childSpot, fieldSpot, spotOf } from './form-context.ts';

export const renderProblems = (type: ContentType, problems: readonly FieldProblem[]): Html =>
  problems.length === 0
    ? html``
    : html`<div class="notice notice-error problem-summary" role="alert" tabindex="-1" data-problem-summary>
<p><strong>Not saved: ${problems.length === 1 ? 'one thing has' : `${problems.length} things have`} to be corrected.</strong></p>
<ul>${problems.map(({ field, message }) => html`<li><a href="#${anchorOf(type, field)}">${labelOf(type, field)}</a>: ${message}</li>`)}</ul>
</div>`;

const OTHERS: Readonly<Record<string, string>> = {
  slug: 'Address',
  status: 'Status',
  publishAt: 'Appears',
  unpublishAt: 'Vanishes',
  'seo.title': 'Title for search engines',
  'seo.description': 'Description for search engines',
  'seo.image': 'Picture for search engines',
};

const labelOf = (type: ContentType, path: string): string => {
  const [list = '', number = '', name = ''] = path.split('.');
  const declared = type.children?.[list];
  if (declared !== undefined) {
    const row = number === '' ? '' : `, ${declared.one} ${Number(number) + 1}`;
    return `${declared.label}${row}${name === '' ? '' : `, ${declared.fields[name]?.label ?? name}`}`;
  }
  return OTHERS[path] ?? type.fields[path]?.label ?? path;
};

const anchorOf = (type: ContentType, path: string): string => {
  const [list = '', number, name] = path.split('.');
  if (type.children?.[list] !== undefined)
    return number === undefined || name === undefined ? `list-${list}` : childSpot(list, number, name).id;
  return (type.fields[path] === undefined ? spotOf(path, path) : fieldSpot(path)).id;
};
