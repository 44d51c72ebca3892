/** A form as visitors see it: empty, with what was wrong, and once more before it is sent. */
import { attribute, html, type Html } from '../html/html.ts';
import { type FilledForm, type FormField, type FormValues, MOST_CHARACTERS } from './form-fields.ts';

export type ShownForm = FilledForm & {
  /** Begins the ids of the inputs: `contact`. */
  readonly id: string;
  readonly action: string;
  readonly fields: readonly FormField[];
  /** What is on the button. */
  readonly submit: string;
  /** Of the guard: `guard.inputs`, or those of a verdict. */
  readonly inputs: Html;
  /** Above the inputs, read out at once. */
  readonly message?: string | undefined;
  /** Below the inputs: what happens with what is typed. */
  readonly note: Html;
};

/** The place whose content the answer to the form replaces. */
export const formPlace = (content: Html): Html => html`<div class="form-place" data-form-place>${content}</div>`;

export const renderForm = ({ id, action, fields, submit, inputs, message, note, values, problems }: ShownForm): Html =>
  html`${message !== undefined && html`<div class="form-error" role="alert" tabindex="-1" data-form-focus>${message}</div>`}
<form class="form" id="${id}" method="post" action="${action}" data-guarded data-live-form>
${inputs}
${fields.map((field) => renderField(id, field, { value: values[field.name] ?? '', problem: problems[field.name] }))}
<div class="form-end"><p class="small">${note}</p>
<button class="button button-primary" type="submit">${submit}</button></div>
</form>`;

/** Without a script a second click: all that was typed, to be read once more. */
export const renderConfirmation = ({ id, action, fields, submit, inputs, values }: Omit<ShownForm, 'note'>): Html => {
  const shown = fields.filter(({ name, kind }) => kind !== 'hidden' && values[name] !== '');
  return html`<div class="form-note" role="status" tabindex="-1" data-form-focus><p><strong>One more click.</strong> Please look at it once more, then send it. (This is how we tell people from programs.)</p></div>
<form class="form-confirm" id="${id}" method="post" action="${action}" data-live-form>
${inputs}
${fields.map(({ name }) => html`<input type="hidden" name="${name}" value="${values[name]}">`)}
<dl class="typed">${shown.map((field) => html`<div><dt>${field.label}</dt><dd>${said(field, values)}</dd></div>`)}</dl>
<p class="buttons"><button class="button button-primary" type="submit">${submit}</button>
<button class="button" type="submit" name="form_change" value="1">Change something</button></p>
</form>`;
};

/** Where the form was. */
export const renderDone = (heading: string, body: Html): Html =>
  html`<div class="form-note form-done" role="status" tabindex="-1" data-form-focus><p class="form-done-heading"><strong>${heading}</strong></p>${body}</div>`;

const said = ({ kind, name, choices = [] }: FormField, values: FormValues): string => {
  const value = values[name] ?? '';
  if (kind === 'checkbox') return 'Yes';
  return choices.find((one) => one.value === value)?.label ?? value;
};

type Filled = { readonly value: string; readonly problem: string | undefined };

const renderField = (form: string, field: FormField, { value, problem }: Filled): Html => {
  const id = `${form}-${field.name.replaceAll('_', '-')}`;
  if (field.kind === 'hidden') return html`<input type="hidden" name="${field.name}" value="${value}">`;
  const marks = html`${attribute('required', field.required !== undefined)}${attribute('aria-invalid', problem === undefined ? undefined : 'true')}${attribute('aria-describedby', problem === undefined ? undefined : `${id}-error`)}`;
  const error = problem !== undefined && html`<p class="field-error" id="${id}-error">${problem}</p>`;
  if (field.kind === 'checkbox')
    return html`<div class="field field-check"><input type="checkbox" id="${id}" name="${field.name}" value="1"${attribute('checked', value === '1')}${marks}>
<label for="${id}">${field.label}</label>${error}</div>`;
  return html`<div class="field${field.isHalf === true ? ' field-half' : ''}">
<label for="${id}">${field.label}${field.required === undefined && field.kind !== 'choice' && html` <span class="field-free">(optional)</span>`}</label>
${renderInput(field, { id, value, marks })}
${error}
</div>`;
};

type Input = { readonly id: string; readonly value: string; readonly marks: Html };

const renderInput = (field: FormField, { id, value, marks }: Input): Html => {
  const { kind, name, choices = [], max = MOST_CHARACTERS } = field;
  if (kind === 'choice')
    return html`<select class="input" id="${id}" name="${name}"${marks}>${choices.map(
      (one) => html`<option value="${one.value}"${attribute('selected', one.value === value)}>${one.label}</option>`,
    )}</select>`;
  // The first line end after the tag is none of the text's.
  if (kind === 'textarea')
    return html`<textarea class="input" id="${id}" name="${name}" rows="7" maxlength="${max}"${marks}>
${value}</textarea>`;
  return html`<input class="input" type="${kind}" id="${id}" name="${name}" value="${value}" maxlength="${max}"${attribute('autocomplete', field.autocomplete)}${marks}>`;
};
