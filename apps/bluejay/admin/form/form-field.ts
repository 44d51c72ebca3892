/** One input of the form with all that belongs to it: label, help, counter, what is wrong. */
import type { Field } from '../../content/field.ts';
import { html, type Html } from '../../html/html.ts';
import { choiceControl, flagControl, iconControl } from './choice-controls.ts';
import { type ControlParts, describedBy, type FormContext, renderNotes, type Spot } from './form-context.ts';
import { textOf } from './inputs.ts';
import { mediaControl } from './media-control.ts';
import { referenceControl, referencesControl } from './reference-controls.ts';
import {
  colorControl,
  dateControl,
  linesControl,
  numberControl,
  richTextControl,
  textareaControl,
  textControl,
} from './text-controls.ts';

/** @param options.value stands in it instead of what the form's inputs say: for the row that a script copies */
export const renderField = (field: Field, spot: Spot, context: FormContext, options: { readonly value?: string } = {}): Html => {
  const value = options.value ?? textOf(context.inputs, spot.name);
  const about = { help: field.help, required: field.required, max: countedTo(field), value };
  const label = html`${field.label}${field.required === true && html` <span class="field-required" aria-hidden="true">*</span>`}`;
  const aria = describedBy(spot, context, about);
  const notes = renderNotes(spot, context, about);
  const classes = `field field-${field.kind}${context.problems.has(spot.path) ? ' is-wrong' : ''}`;
  // A group has no one input that its problem could be linked to: the group itself is.
  if (field.kind === 'icon')
    return html`<fieldset role="radiogroup" class="${classes}" id="${spot.id}"${aria}><legend>${label}</legend>${iconControl({ field, spot, context, value })}${notes}</fieldset>`;
  const control = controlOf({ field, spot, context, value }, html` id="${spot.id}" name="${spot.name}"${aria}`);
  const labelled = html`<label for="${spot.id}">${label}</label>`;
  return html`<div class="${classes}">${field.kind === 'flag' ? html`${control}${labelled}` : html`${labelled}${control}`}${notes}</div>`;
};

const controlOf = ({ field, ...parts }: ControlParts<Exclude<Field, { readonly kind: 'icon' }>>, attributes: Html): Html => {
  switch (field.kind) {
    case 'text':
      return textControl({ field, ...parts }, attributes);
    case 'textarea':
      return textareaControl({ field, ...parts }, attributes);
    case 'richText':
      return richTextControl({ field, ...parts }, attributes);
    case 'number':
      return numberControl({ field, ...parts }, attributes);
    case 'date':
      return dateControl({ field, ...parts }, attributes);
    case 'color':
      return colorControl({ field, ...parts }, attributes);
    case 'lines':
      return linesControl({ field, ...parts }, attributes);
    case 'flag':
      return flagControl({ field, ...parts }, attributes);
    case 'choice':
      return choiceControl({ field, ...parts }, attributes);
    case 'image':
    case 'file':
      return mediaControl({ field, ...parts }, attributes);
    case 'reference':
      return referenceControl({ field, ...parts }, attributes);
    case 'references':
      return referencesControl({ field, ...parts }, attributes);
    default:
      return field satisfies never;
  }
};

const DEFAULT_TEXTAREA_MAX = 5_000;

/** A line is only counted where its declaration limits it; rich text is measured in characters of HTML, which nobody can count. */
const countedTo = (field: Field): number | undefined => {
  if (field.kind === 'text') return field.max;
  return field.kind === 'textarea' ? (field.max ?? DEFAULT_TEXTAREA_MAX) : undefined;
};
