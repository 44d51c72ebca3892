/** How a record looks among the results of search engines: two texts, a picture, and a result as it will be shown. */
import type { ContentType } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { describedBy, type FormContext, renderNotes, spotOf } from './form-context.ts';
import { textOf } from './inputs.ts';
import { mediaControl } from './media-control.ts';

/** More is cut off in results. */
const SHOWN_TITLE = 70;
const SHOWN_DESCRIPTION = 160;

/** @param address where its page is, as far as that is known */
export const renderSearchAppearance = (type: ContentType, context: FormContext, address: string): Html => {
  const titleInput = `field.${type.title}`;
  const title =
    textOf(context.inputs, 'seo.title') || textOf(context.inputs, titleInput) || `New ${type.label.one.toLowerCase()}`;
  const bodyInput = describingInput(type);
  const description =
    textOf(context.inputs, 'seo.description') || plain(bodyInput === undefined ? '' : textOf(context.inputs, bodyInput));
  return html`<div class="search-preview" data-search-preview data-title-from="${titleInput}" data-description-from="${bodyInput ?? ''}" aria-label="How a search engine shows it" role="group">
<p class="search-preview-address">${address}</p>
<p class="search-preview-title" data-preview-title>${cut(title, SHOWN_TITLE)}</p>
<p class="search-preview-text" data-preview-text>${cut(description, SHOWN_DESCRIPTION)}</p>
</div>
${renderText('seo.title', 'Title', `Instead of the ${(type.fields[type.title]?.label ?? 'name').toLowerCase()}. More than ${SHOWN_TITLE} characters are cut off.`, SHOWN_TITLE, context)}
${renderText('seo.description', 'Description', `One or two sentences. More than ${SHOWN_DESCRIPTION} characters are cut off.`, SHOWN_DESCRIPTION, context)}
${renderImage(context)}`;
};

const renderText = (name: string, label: string, help: string, max: number, context: FormContext): Html => {
  const spot = spotOf(name, name);
  const value = textOf(context.inputs, name);
  const about = { help, max, value };
  const attributes = html` id="${spot.id}" name="${name}" autocomplete="off" spellcheck="true"${describedBy(spot, context, about)}`;
  return html`<div class="field field-text${context.problems.has(name) && ' is-wrong'}"><label for="${spot.id}">${label}</label>${
    name === 'seo.title'
      ? html`<input type="text"${attributes} value="${value}">`
      : html`<textarea${attributes} rows="3">${`\n${value}`}</textarea>`
  }${renderNotes(spot, context, about)}</div>`;
};

const renderImage = (context: FormContext): Html => {
  const spot = spotOf('seo.image', 'seo.image');
  const about = { help: 'Shown where links to the page are shared.', value: textOf(context.inputs, 'seo.image') };
  return html`<div class="field field-image"><label for="${spot.id}">Picture</label>${mediaControl(
    { field: { kind: 'image', label: 'Picture for search engines' }, spot, context, value: about.value },
    html` id="${spot.id}" name="${spot.name}"${describedBy(spot, context, about)}`,
  )}${renderNotes(spot, context, about)}</div>`;
};

/** The first text from which a description is taken as long as none is written. */
const describingInput = (type: ContentType): string | undefined => {
  const name = Object.keys(type.fields).find((field) => ['textarea', 'richText'].includes(type.fields[field]?.kind ?? ''));
  return name === undefined ? undefined : `field.${name}`;
};

const plain = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

const cut = (text: string, max: number): string => {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`;
};
