/** Rows that belong to a record. A script adds, copies, moves and removes them; without one there are empty rows to fill in. */
import { type ChildList, DEFAULT_MOST_ROWS } from '../../content/content-type.ts';
import { attribute, html, type Html } from '../../html/html.ts';
import { childSpot, type FormContext } from './form-context.ts';
import { renderField } from './form-field.ts';
import { defaultText, rowNumbersOf, textOf } from './inputs.ts';

/** What stands for the number of a row in the template of a new one. */
const NEW_ROW = '__n__';
const EMPTY_ROWS = 3;
/** Of a list with more inputs than these only the titles of its rows are shown at first. */
const MOST_OPEN_INPUTS = 12;

export const renderChildList = (name: string, list: ChildList, context: FormContext): Html => {
  const numbers = rowNumbersOf(context.inputs, name, list);
  const next = (numbers.at(-1) ?? -1) + 1;
  const most = list.max ?? DEFAULT_MOST_ROWS;
  const isOpen = numbers.length * Object.keys(list.fields).length <= MOST_OPEN_INPUTS;
  const problem = context.problems.get(name);
  return html`<div class="child-list" id="list-${name}" data-child-list="${name}" data-max="${most}" data-one="${list.one}" data-title="${list.title}">
<input type="hidden" name="child.${name}" value="">
${problem !== undefined && html`<p class="field-problem">${problem}</p>`}
<ol class="child-rows" data-rows>${numbers.map((number) => renderRow(name, list, context, { number, isOpen }))}</ol>
<noscript><ol class="child-rows">${Array.from({ length: Math.max(0, Math.min(EMPTY_ROWS, most - numbers.length)) }, (_, index) => renderRow(name, list, context, { number: next + index, isOpen: true, isNew: true }))}</ol></noscript>
<template data-row-template>${renderRow(name, list, context, { number: NEW_ROW, isOpen: true, isNew: true })}</template>
<p class="child-list-foot"><button type="button" class="button" data-row-add hidden>Add a ${list.one}</button> <span role="status" data-rows-status></span> <button type="button" class="button button-small" data-row-undo hidden>Put it back</button></p>
</div>`;
};

const renderRow = (
  name: string,
  list: ChildList,
  context: FormContext,
  { number, isOpen, isNew = false }: { readonly number: number | string; readonly isOpen: boolean; readonly isNew?: boolean },
): Html => {
  const prefix = `child.${name}.${number}`;
  const id = textOf(context.inputs, `${prefix}.id`);
  const title = isNew ? '' : textOf(context.inputs, `${prefix}.${list.title}`);
  const isWrong = Object.keys(list.fields).some((field) => context.problems.has(childSpot(name, number, field).path));
  return html`<li class="child-row" data-row>
<details${attribute('open', isOpen || isWrong)}>
<summary><span data-row-title>${title.trim() === '' ? `New ${list.one}` : title}</span>${isWrong && html` <span class="field-problem">to be corrected</span>`}</summary>
${id !== '' && html`<input type="hidden" name="${prefix}.id" value="${id}">`}
<div class="child-fields">${Object.entries(list.fields).map(([field, declared]) =>
    renderField(declared, childSpot(name, number, field), context, isNew ? { value: defaultText(declared) } : {}),
  )}</div>
${!isNew && html`<p class="child-remove" data-row-remove-plain><input type="checkbox" id="in-child-${name}-${number}-remove" name="${prefix}.remove" value="1"${attribute('checked', textOf(context.inputs, `${prefix}.remove`) !== '')}><label for="in-child-${name}-${number}-remove">Remove this ${list.one}</label></p>`}
</details>
<div class="child-buttons" hidden data-row-buttons role="group" aria-label="Row">
<button type="button" class="button button-small" data-row-up aria-label="Move up" title="Move up (Alt+↑)">↑</button>
<button type="button" class="button button-small" data-row-down aria-label="Move down" title="Move down (Alt+↓)">↓</button>
<button type="button" class="button button-small" data-row-copy>Duplicate</button>
<button type="button" class="button button-small" data-row-remove>Remove</button>
</div>
</li>`;
};
