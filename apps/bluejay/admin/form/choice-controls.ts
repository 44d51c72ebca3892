/** What is chosen from a few: a tick, one of some options, an icon. */
import type { ChoiceField, FlagField, IconField } from '../../content/field.ts';
import { attribute, html, type Html } from '../../html/html.ts';
import { ICON_NAMES, icon } from '../../html/icons.ts';
import type { ControlParts } from './form-context.ts';
import { TICKED } from './inputs.ts';

/** The hidden input before it says "no" where a browser would say nothing. */
export const flagControl = ({ spot, value }: ControlParts<FlagField>, attributes: Html): Html =>
  html`<input type="hidden" name="${spot.name}" value=""><input type="checkbox"${attributes} value="${TICKED}"${attribute('checked', value !== '')}>`;

/** What was stored before an option was taken away stays to be seen, and is not changed by saving something else. */
export const choiceControl = ({ field, value }: ControlParts<ChoiceField>, attributes: Html): Html => {
  const isKnown = field.options.some((option) => option.value === value);
  return html`<select${attributes}>${!isKnown && html`<option value="${value}" selected>${value === '' ? '—' : `${value} (no longer offered)`}</option>`}${field.options.map(
    (option) => html`<option value="${option.value}"${attribute('selected', option.value === value)}>${option.label}</option>`,
  )}</select>`;
};

export const iconControl = ({ field, spot, value }: ControlParts<IconField>): Html => {
  const names = ICON_NAMES.includes(value) || value === '' ? ICON_NAMES : [...ICON_NAMES, value];
  // With a required one nothing is chosen at first, rather than something that nobody chose.
  const offered = field.required === true ? names : ['', ...names];
  return html`<div class="icon-grid">${offered.map((name) => {
    const id = `${spot.id}-${name === '' ? 'none' : offered.indexOf(name)}`;
    return html`<span class="icon-choice"><input type="radio" id="${id}" name="${spot.name}" value="${name}"${attribute('checked', name === value)}><label for="${id}" title="${name === '' ? 'no icon' : name}">${icon(name)}<span class="icon-name">${name === '' ? 'none' : name}</span></label></span>`;
  })}</div>`;
};
