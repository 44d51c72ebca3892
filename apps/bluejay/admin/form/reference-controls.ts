/** Other records: a list to choose from, which a script makes into a search (of many) and into chips in an order (for several). */
import type { ContentType } from '../../content/content-type.ts';
import type { ReferenceField, ReferencesField } from '../../content/field.ts';
import { attribute, html, type Html } from '../../html/html.ts';
import { type Candidate, choiceTitle, type ControlParts, type FormContext, SEARCHED_FROM } from './form-context.ts';
import { chosenOf } from './inputs.ts';

export const referenceControl = ({ field, context, value }: ControlParts<ReferenceField>, attributes: Html): Html => {
  const type = context.content.type(field.to);
  const { candidates, total } = context.candidates(type);
  const chosen = value === '' ? [] : [candidateOf(context, type, value)];
  const isSearched = total > SEARCHED_FROM;
  return html`<select${attributes}${isSearched && html` data-reference data-type="${type.name}" data-one="${type.label.one}"`}>
<option value="">${value === '' ? `Choose a ${type.label.one.toLowerCase()}` : 'none'}</option>${optionsOf(chosen, candidates)}</select>`;
};

/** Several ids are sent in the order in which they stand here: those that were chosen come first. */
export const referencesControl = ({ field, spot, context }: ControlParts<ReferencesField>, attributes: Html): Html => {
  const type = context.content.type(field.to);
  const { candidates } = context.candidates(type);
  const chosen = [...new Set(chosenOf(context.inputs, spot.name))].map((id) => candidateOf(context, type, id));
  return html`<input type="hidden" name="${spot.name}" value=""><select${attributes} multiple size="6" data-references data-type="${type.name}" data-one="${type.label.one}"${attribute(
    'data-max',
    field.max,
  )}${attribute('data-creates', canBeMadeByName(type))}>${optionsOf(chosen, candidates)}</select>`;
};

/** A name is all that a new record of the type needs: it can be made while one writes something else. */
export const canBeMadeByName = (type: ContentType): boolean =>
  type.kind === 'collection' &&
  type.fields[type.title]?.kind === 'text' &&
  Object.entries(type.fields).every(([name, field]) => name === type.title || field.required !== true);

const candidateOf = ({ content }: FormContext, type: ContentType, id: string): Candidate & { readonly value: string } => {
  const record = /^\d{1,15}$/.test(id) ? content.find(type, Number(id)) : undefined;
  return {
    id: Number(id),
    value: id,
    title: record === undefined ? `${type.label.one} ${id} (no longer there)` : choiceTitle(type, record),
  };
};

const optionsOf = (
  chosen: readonly (Candidate & { readonly value: string })[],
  candidates: readonly Candidate[],
): readonly Html[] => {
  const ids = new Set(chosen.map(({ id }) => id));
  return [
    ...chosen.map(({ value, title }) => html`<option value="${value}" selected>${title}</option>`),
    ...candidates.filter(({ id }) => !ids.has(id)).map(({ id, title }) => html`<option value="${id}">${title}</option>`),
  ];
};
