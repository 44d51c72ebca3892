/** What differs between two states of a record: fields word by word, and what became of each row. */
import type { Bluejay } from '../../bluejay.ts';
import type { ContentType } from '../../content/content-type.ts';
import { differenceOf, type FieldDifference, type ListDifference, type RowDifference } from '../../content/difference.ts';
import type { Draft } from '../../content/draft.ts';
import type { Field, Value } from '../../content/field.ts';
import type { WordPart } from '../../content/word-difference.ts';
import { html, type Html, type Printable } from '../../html/html.ts';
import { type CellSources, renderCell } from '../list/cell.ts';
import { renderMoment } from '../moment.ts';

/** Undefined: both say the same. */
export const renderDifference = (
  sources: Pick<Bluejay, 'content' | 'media'>,
  type: ContentType,
  { from, to }: { readonly from: Draft; readonly to: Draft },
): Html | undefined => {
  const { fields, lists } = differenceOf(type, from, to);
  if (fields.length === 0 && lists.length === 0) return undefined;
  return html`<dl class="difference">${fields.map((difference) => renderField(sources, type.fields[difference.field], difference))}
${lists.map((difference) => renderRows(sources, type, difference))}</dl>`;
};

const renderField = (sources: CellSources, field: Field | undefined, difference: FieldDifference): Html => {
  const { label, words, before, after } = difference;
  if (words !== undefined) return html`<div><dt>${label}</dt><dd class="text-lines">${renderWords(words)}</dd></div>`;
  const shown = (value: Value): Printable => renderValue(sources, field, difference, value);
  return html`<div><dt>${label}</dt><dd><del>${HIDDEN.removed}${shown(before)}</del> → <ins>${HIDDEN.added}${shown(after)}</ins></dd></div>`;
};

const HIDDEN = {
  removed: html`<span class="visually-hidden">Removed: </span>`,
  added: html`<span class="visually-hidden">Added: </span>`,
};

const renderWords = (words: readonly WordPart[]): Html | readonly Html[] => {
  if (words.every((word) => 'kept' in word)) return html`<em>Only marks or links</em>`;
  return words.map((word) => {
    if ('kept' in word) return html`${word.kept}`;
    return 'removed' in word ? html`<del>${HIDDEN.removed}${word.removed}</del>` : html`<ins>${HIDDEN.added}${word.added}</ins>`;
  });
};

/** What no declaration says: states, moments, the picture for previews. */
const renderValue = (sources: CellSources, field: Field | undefined, { kind }: FieldDifference, value: Value): Printable => {
  if (field !== undefined) return renderCell(sources, field, value);
  if (kind === 'moment') return typeof value === 'number' ? renderMoment(value) : '–';
  if (kind === 'image') return renderCell(sources, { kind: 'image', label: '' }, value);
  return String(value ?? '–');
};

const CHANGES: Readonly<Record<RowDifference['change'], string>> = {
  added: 'Added',
  removed: 'Removed',
  changed: 'Changed',
  moved: 'Moved',
};

const renderRows = (sources: CellSources, type: ContentType, { list, label, rows }: ListDifference): Html => {
  const declared = type.children?.[list]?.fields ?? {};
  return html`<div><dt>${label}</dt><dd><ul>${rows.map(
    ({ change, title, from, to, fields }) =>
      html`<li>${change === 'removed' ? html`<del>${title}</del>` : change === 'added' ? html`<ins>${title}</ins>` : title}: ${CHANGES[change]}${change === 'moved' && from !== null && to !== null && ` from ${from + 1} to ${to + 1}`}
${(change === 'changed' || change === 'moved') && fields.length > 0 && html`<dl>${fields.map((difference) => renderField(sources, declared[difference.field], difference))}</dl>`}</li>`,
  )}</ul></dd></div>`;
};
