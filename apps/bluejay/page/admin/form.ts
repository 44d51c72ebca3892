/** The form of a record: all that a script adds to it. */
import { startAutosave } from './autosave.ts';
import { startChildLists } from './child-lists.ts';
import { startDirty } from './dirty.ts';
import { startMediaFields } from './media-field.ts';
import { startReferences } from './references.ts';
import { startSchedule } from './schedule.ts';

/** The only one of these that a page has to call: it starts the others in the order in which they need each other. */
export const startForm = (root: ParentNode): void => {
  const forms = root.querySelectorAll<HTMLFormElement>('form[data-record-form]');
  if (forms.length === 0) return;
  startSchedule(root);
  startMediaFields(root);
  startReferences(root);
  startChildLists(root);
  startDirty(root);
  startAutosave(root);
  for (const form of forms) startTyping(form);
  root.querySelector<HTMLElement>('[data-problem-summary]')?.focus();
};

const startTyping = (form: HTMLFormElement): void => {
  const update = (): void => {
    for (const counter of form.querySelectorAll<HTMLElement>('[data-count-of]')) count(counter);
    for (const preview of form.querySelectorAll<HTMLElement>('[data-search-preview]')) showResult(form, preview);
    for (const slug of form.querySelectorAll<HTMLInputElement>('[data-slug-from]')) proposeSlug(form, slug);
  };
  update();
  form.addEventListener('input', update);
  form.addEventListener('bluejay:row', update);
  for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-problem-summary] a'))
    link.addEventListener('click', goTo);
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 's') return;
    event.preventDefault();
    form.requestSubmit(form.querySelector<HTMLButtonElement>('button[type="submit"]'));
  });
};

const count = (counter: HTMLElement): void => {
  const input = document.getElementById(counter.dataset['countOf'] ?? '');
  if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return;
  const max = Number(counter.dataset['max']);
  const length = [...input.value].length;
  counter.textContent =
    length > max ? `${length} of ${max} characters: ${length - max} too many` : `${length} of ${max} characters`;
  counter.classList.toggle('is-over', length > max);
};

const showResult = (form: HTMLFormElement, preview: HTMLElement): void => {
  const title = textOf(form, 'seo.title') || textOf(form, preview.dataset['titleFrom']);
  const description = textOf(form, 'seo.description') || plain(textOf(form, preview.dataset['descriptionFrom']));
  show(preview, '[data-preview-title]', title, 70);
  show(preview, '[data-preview-text]', description, 160);
};

const show = (preview: HTMLElement, selector: string, text: string, max: number): void => {
  const element = preview.querySelector(selector);
  const characters = [...text];
  if (element !== null && text !== '')
    element.textContent = characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`;
};

const textOf = (form: HTMLFormElement, name: string | undefined): string => {
  const input = name === undefined || name === '' ? null : form.elements.namedItem(name);
  return input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement ? input.value.trim() : '';
};

/** As text, read by the browser's own parser, in a document of its own where nothing is loaded or run. */
const plain = (markup: string): string =>
  (new DOMParser().parseFromString(markup.replaceAll('<', ' <'), 'text/html').body.textContent ?? '').replace(/\s+/g, ' ').trim();

/** Shown, not filled in: the server makes it, and knows which ones are taken. */
const proposeSlug = (form: HTMLFormElement, slug: HTMLInputElement): void => {
  slug.placeholder = textOf(form, slug.dataset['slugFrom'])
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
};

/** To an input that may be in a row that is folded, or that an editor took over. */
const goTo = (event: Event): void => {
  const link = event.currentTarget;
  const target = link instanceof HTMLAnchorElement ? document.getElementById(link.hash.slice(1)) : null;
  if (target === null) return;
  event.preventDefault();
  target.closest('details')?.setAttribute('open', '');
  const label = document.querySelector<HTMLLabelElement>(`label[for="${CSS.escape(target.id)}"]`);
  const control = target.hidden || target.matches('fieldset, [data-rich-text]') ? stand(target) : target;
  control.focus();
  (label ?? target).scrollIntoView({ block: 'center' });
};

/** What is to be focused where the input itself is hidden behind something better. */
const stand = (target: HTMLElement): HTMLElement =>
  (target.closest('.field') ?? target).querySelector<HTMLElement>(
    '[contenteditable="true"], [role="combobox"], [data-media-choose], input:not([type="hidden"]):not([hidden])',
  ) ?? target;
