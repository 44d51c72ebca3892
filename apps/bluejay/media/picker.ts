/** The part of a page that a form's “Choose” opens: files as buttons, which the panel's script listens to. */
import { html, type Html } from '../html/html.ts';
import { factsOf, previewPath, thumbnail } from './file-facts.ts';
import { listAddress } from './list-address.ts';
import { isDescribed, type MediaFile, type MediaPage, type MediaQuery } from './media.ts';

const BASE = '/admin/media/browse';

/** `data-media-id`, `data-alt`, `data-name`, `data-preview` ('' for documents); `data-browse` leads to another page of it. */
export const renderPicker = (
  query: MediaQuery & { readonly page: number },
  { files, total, pages }: MediaPage,
): Html => html`<div class="media-picker">
<p class="count" role="status">${total === 1 ? '1 file' : `${total} files`}</p>
<ul class="media-grid">${files.map((file) => html`<li class="media-card">${isDescribed(file) ? choice(file) : undescribed(file)}</li>`)}</ul>
${
  pages > 1 &&
  html`<p class="pages">${query.page > 1 && turn(query, -1, 'Previous')}${query.page < pages && turn(query, 1, 'Next')}</p>`
}
</div>`;

const choice = (file: MediaFile): Html =>
  html`<button type="button" class="media-choice" data-media-id="${file.id}" data-alt="${file.alt}" data-name="${file.originalName}" data-preview="${file.kind === 'image' ? previewPath(file.id) : ''}">${content(file)}</button>`;

/** A page cannot show it before somebody has said what is to be seen. */
const undescribed = (file: MediaFile): Html =>
  html`<a class="media-choice" href="/admin/media/${file.id}/edit" target="_blank" rel="noopener">${content(file)}<span class="badge badge-warning">Describe it first</span></a>`;

const content = (file: MediaFile): Html =>
  html`${thumbnail(file)}<span class="media-name">${file.originalName}</span><span class="media-facts">${factsOf(file)}</span>`;

const turn = (query: MediaQuery & { readonly page: number }, by: 1 | -1, label: string): Html =>
  html`<button type="button" class="button" data-browse="${listAddress(BASE, { ...query, page: query.page + by })}">${label}</button>`;
