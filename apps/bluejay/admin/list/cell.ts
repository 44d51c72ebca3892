/** One value in a list, by the kind of its field. */
import type { Bluejay } from '../../bluejay.ts';
import type { Field, Value } from '../../content/field.ts';
import { html, type Html, type Printable } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { thumbnail } from '../../media/file-facts.ts';
import { titleOf } from '../../content/title.ts';

export type CellSources = Pick<Bluejay, 'content' | 'media'>;

/** Twice as wide as it is shown. */
const THUMBNAIL_PX = 96;
/** Never broken: a number of a part is read as one word. */
const SHORT_CHARACTERS = 20;
const LONGEST_CHARACTERS = 80;
const NOTHING: Html = html`<span class="nothing" aria-hidden="true">–</span>`;

export const renderCell = ({ content, media }: CellSources, field: Field, value: Value): Printable => {
  switch (field.kind) {
    case 'flag':
      return value === true ? icon('check', { label: 'Yes' }) : html`<span class="nothing">No</span>`;
    case 'choice':
      return field.options.find((option) => option.value === value)?.label ?? shortened(value);
    case 'reference': {
      const type = content.type(field.to);
      const record = typeof value === 'number' ? content.find(type, value) : undefined;
      return record === undefined ? NOTHING : titleOf(type, record);
    }
    case 'references':
    case 'lines':
      return Array.isArray(value) ? value.length : 0;
    case 'image': {
      const file = typeof value === 'number' ? media.find(value) : undefined;
      return file === undefined ? NOTHING : thumbnail(file, THUMBNAIL_PX);
    }
    case 'file':
      return typeof value === 'number' ? (media.find(value)?.originalName ?? NOTHING) : NOTHING;
    case 'icon':
      return typeof value === 'string' && value !== '' ? html`${icon(value)} ${value}` : NOTHING;
    case 'color':
      return html`<svg class="swatch" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><rect width="16" height="16" fill="${String(value)}" /></svg> ${String(value)}`;
    case 'richText':
      return shortened(typeof value === 'string' ? value.replace(/<[^>]*>/g, ' ') : value);
    case 'text':
    case 'textarea':
    case 'number':
    case 'date':
      return shortened(value);
  }
};

const shortened = (value: Value): Printable => {
  const text = value === null ? '' : String(value).trim();
  if (text === '') return NOTHING;
  if (text.length <= SHORT_CHARACTERS) return html`<span class="short">${text}</span>`;
  return text.length > LONGEST_CHARACTERS
    ? html`<span title="${text.slice(0, 500)}">${text.slice(0, LONGEST_CHARACTERS)}…</span>`
    : text;
};
