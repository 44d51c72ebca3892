/** What is typed: texts of one line and of several, numbers, days, colours. */
import type {
  ColorField,
  DateField,
  LinesField,
  NumberField,
  RichTextField,
  TextareaField,
  TextField,
  TextFormat,
} from '../../content/field.ts';
import { attribute, html, type Html } from '../../html/html.ts';
import type { ControlParts } from './form-context.ts';

/**
 * Which keyboard a phone shows. Nothing is filled in by the browser: what stands in the content is never the editor's own
 * address. `url` and `email` are not the input's type: browsers change what is typed there before it is sent.
 */
const KEYBOARDS: Readonly<Record<TextFormat, 'text' | 'email' | 'tel' | 'url'>> = {
  plain: 'text',
  email: 'email',
  phone: 'tel',
  url: 'url',
  link: 'url',
};

export const textControl = ({ field, value }: ControlParts<TextField>, attributes: Html): Html => {
  const keyboard = KEYBOARDS[field.format ?? 'plain'];
  const isProse = keyboard === 'text';
  return html`<input type="text"${attributes} value="${value}" autocomplete="off"${attribute(
    'inputmode',
    !isProse && keyboard,
  )}${attribute('autocapitalize', !isProse && 'none')}${attribute('spellcheck', isProse ? 'true' : 'false')}>`;
};

export const textareaControl = ({ value }: ControlParts<TextareaField>, attributes: Html): Html =>
  html`<textarea${attributes} rows="4" autocomplete="off" spellcheck="true">${ownLine(value)}</textarea>`;

/** An editor takes it over where there is a script; without one it takes HTML, as it is stored. */
export const richTextControl = ({ value }: ControlParts<RichTextField>, attributes: Html): Html =>
  html`<textarea${attributes} rows="12" autocomplete="off" spellcheck="true" data-rich-text>${ownLine(value)}</textarea>`;

export const linesControl = ({ value }: ControlParts<LinesField>, attributes: Html): Html =>
  html`<textarea${attributes} rows="5" autocomplete="off" spellcheck="true" placeholder="One per line">${ownLine(value)}</textarea>`;

/** Not of type `number`: that one says '' for whatever it does not understand, and what was typed would be lost. */
export const numberControl = ({ field, value }: ControlParts<NumberField>, attributes: Html): Html =>
  html`<input type="text"${attributes} value="${value}" autocomplete="off" inputmode="${(field.min ?? -1) < 0 ? 'text' : 'numeric'}"${attribute('placeholder', rangeOf(field))} data-number>`;

export const dateControl = ({ value }: ControlParts<DateField>, attributes: Html): Html =>
  html`<input type="date"${attributes} value="${value}" autocomplete="off">`;

export const colorControl = ({ value }: ControlParts<ColorField>, attributes: Html): Html =>
  html`<input type="color"${attributes} value="${value.toLowerCase()}" autocomplete="off">`;

/** A parser of HTML drops a line break right after the opening tag: one of ours is given for it. */
const ownLine = (value: string): string => `\n${value}`;

const rangeOf = ({ min, max }: NumberField): string | null => {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? null : `up to ${max}`;
};
