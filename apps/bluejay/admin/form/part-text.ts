/** What stands in a part of a record, as text to be read and compared. */
import type { ContentType } from '../../content/content-type.ts';
import type { Content } from '../../content/content.ts';
import type { Field, PlainField, Value } from '../../content/field.ts';
import type { Media } from '../../media/media.ts';
import { titleOf } from '../../content/title.ts';
import type { PartValue } from './merge.ts';

type Known = { readonly content: Content; readonly media: Pick<Media, 'find'> };

/** @param key as `Part.key` says it; several lines where there are several */
export const partText = (type: ContentType, key: string, value: PartValue, known: Known): string => {
  if (value === undefined || value === null || value === '') return '';
  const [kind = '', name = ''] = key.split('.');
  if (kind === 'field') {
    const field = type.fields[name];
    return field === undefined ? '' : valueText(field, value as Value, known);
  }
  const list = kind === 'child' ? type.children?.[name] : undefined;
  if (list !== undefined && Array.isArray(value))
    return value
      .map((row, index) => `${index + 1}. ${rowText(list.fields, row as Readonly<Record<string, Value>>, known)}`)
      .join('\n');
  if (key === 'seo.image') return valueText({ kind: 'image', label: '' }, value as Value, known);
  if (typeof value === 'number') return `${new Date(value).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return typeof value === 'string' ? value : '';
};

const rowText = (fields: Readonly<Record<string, PlainField>>, row: Readonly<Record<string, Value>>, known: Known): string =>
  Object.entries(fields)
    .map(([name, field]) => [field.label, valueText(field, row[name] ?? null, known)] as const)
    .filter(([, text]) => text !== '')
    .map(([label, text]) => `${label}: ${text}`)
    .join(' · ');

const valueText = (field: Field, value: Value, { content, media }: Known): string => {
  if (value === null || value === '') return '';
  switch (field.kind) {
    case 'flag':
      return value === true ? 'yes' : 'no';
    case 'choice':
      return field.options.find((option) => option.value === value)?.label ?? String(value);
    case 'richText':
      return readable(String(value));
    case 'image':
    case 'file':
      return media.find(Number(value))?.originalName ?? `file ${String(value)} (no longer there)`;
    case 'reference':
      return referenceText(content, field.to, Number(value));
    case 'references':
      return Array.isArray(value) ? value.map((id) => referenceText(content, field.to, Number(id))).join('\n') : '';
    case 'lines':
      return Array.isArray(value) ? value.join('\n') : '';
    case 'text':
    case 'textarea':
    case 'number':
    case 'date':
    case 'color':
    case 'icon':
      return String(value);
    default:
      return field satisfies never;
  }
};

const referenceText = (content: Content, to: string, id: number): string => {
  const type = content.type(to);
  const record = content.find(type, id);
  return record === undefined ? `${type.label.one} ${id} (no longer there)` : titleOf(type, record);
};

/** Blocks on lines of their own; what is not text (a picture, a link's target) is named, or a difference in it would not show. */
const readable = (markup: string): string =>
  markup
    .replace(/<img\b[^>]*?data-media="(\d+)"[^>]*>/g, ' [picture $1] ')
    .replace(/<a\b[^>]*?href="([^"]*)"[^>]*>/g, '[$1] ')
    .replace(/<h([1-6])\b[^>]*>/g, '\n[heading $1] ')
    .replace(/<li\b[^>]*>/g, '\n• ')
    .replace(/<(strong|em|u|s|code|mark)\b[^>]*>/g, '‹$1›')
    .replace(/<\/(strong|em|u|s|code|mark)>/g, '‹/›')
    .replace(/<\/?(?:p|div|tr|table|ul|ol|blockquote|pre|br|hr|h[1-6]|figure)\b[^>]*>/g, '\n')
    .replace(/<\/t[dh]>/g, ' | ')
    .replace(/<[^>]*>/g, '')
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim();
