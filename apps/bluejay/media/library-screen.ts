/** The list of files: what there is, what is still without a description, and the form that adds more. */
import { renderMoment } from '../admin/moment.ts';
import { attribute, html, type Html } from '../html/html.ts';
import { factsOf, thumbnail } from './file-facts.ts';
import { ACCEPTED_EXTENSIONS, DOCUMENT_LIMIT_BYTES, IMAGE_LIMIT_BYTES } from './file-format.ts';
import { KINDS, listAddress, type ListView, SORTS } from './list-address.ts';
import { isDescribed, type MediaFile, type MediaPage, type MediaQuery } from './media.ts';

type Library = {
  readonly query: MediaQuery & { readonly page: number };
  readonly view: ListView;
  readonly found: MediaPage;
  readonly csrf: string;
};

const BASE = '/admin/media';

export const renderLibraryActions = (): Html =>
  html`<a class="button button-primary" href="#upload" data-shortcut="new">Upload</a>`;

export const renderLibrary = (library: Library): Html => html`${renderFilters(library)}
<p class="count" role="status">${countText(library)}</p>
${library.found.files.length === 0 ? renderEmpty(library) : library.view === 'grid' ? renderGrid(library) : renderRows(library)}
${renderPages(library)}
${renderUpload(library)}`;

const renderFilters = ({
  query,
  view,
}: Library): Html => html`<form class="filters" method="get" action="${BASE}" role="search" aria-label="Media">
<div class="filter"><label for="media-search">Search</label><input id="media-search" type="search" name="search" value="${query.search ?? ''}" maxlength="100" data-shortcut="search"></div>
${select('sort', 'Order', SORTS, query.sort ?? 'newest')}
${select('kind', 'Kind', { '': 'All', ...KINDS }, query.kind ?? '')}
${select('view', 'Shown as', { grid: 'Grid', list: 'List' }, view)}
<div class="media-check"><input id="media-undescribed" type="checkbox" name="undescribed" value="1"${attribute('checked', query.undescribed === true)}><label for="media-undescribed">Not described yet</label></div>
<button class="button" type="submit">Filter</button>
${isFiltered(query) && html`<a class="filters-clear" href="${BASE}">Show all</a>`}
</form>`;

const select = (name: string, label: string, options: Readonly<Record<string, string>>, chosen: string): Html =>
  html`<div class="filter"><label for="media-${name}">${label}</label><select id="media-${name}" name="${name}" data-submits>${Object.entries(
    options,
  ).map(
    ([value, text]) => html`<option value="${value}"${attribute('selected', value === chosen)}>${text}</option>`,
  )}</select></div>`;

const isFiltered = ({ search, kind, undescribed }: MediaQuery): boolean =>
  search !== undefined || kind !== undefined || undescribed === true;

const countText = ({ found: { total, pages }, query }: Library): string => {
  const what = total === 1 ? '1 file' : `${total} files`;
  return `${what}${isFiltered(query) ? ' found' : ''}${pages > 1 ? `, page ${query.page} of ${pages}` : ''}`;
};

const renderEmpty = ({ query }: Library): Html =>
  isFiltered(query) || query.page > 1
    ? html`<div class="empty"><p>Nothing here matches.</p><p><a class="button" href="${BASE}">Show all files</a></p></div>`
    : html`<div class="empty"><p>There are no files yet. Upload the first one below.</p></div>`;

const renderGrid = ({ found }: Library): Html =>
  html`<ul class="media-grid">${found.files.map(
    (
      file,
    ) => html`<li class="media-card"><a href="${BASE}/${file.id}/edit">${thumbnail(file)}<span class="media-name">${file.originalName}</span></a>
<span class="media-facts">${factsOf(file)}</span>${missing(file)}</li>`,
  )}</ul>`;

const missing = (file: MediaFile): Html =>
  html`${!isDescribed(file) && html`<span class="badge badge-warning">Not described</span>`}`;

const renderRows = ({ found }: Library): Html => html`<div class="table-scroll" tabindex="0" role="region" aria-label="Media">
<table class="records media-rows">
<thead><tr><th scope="col"><span class="visually-hidden">Preview</span></th><th scope="col">Name</th><th scope="col">Alternative text</th><th scope="col">File</th><th scope="col">Uploaded</th></tr></thead>
<tbody>${found.files.map(
  (file) => html`<tr><td>${thumbnail(file)}</td><th scope="row"><a href="${BASE}/${file.id}/edit">${file.originalName}</a></th>
<td>${file.isDecorative ? html`<em>decoration</em>` : file.alt}${missing(file)}</td><td>${factsOf(file)}</td><td>${renderMoment(file.createdAtMs)}</td></tr>`,
)}</tbody>
</table>
</div>`;

const renderPages = ({ found, query, view }: Library): Html =>
  html`${
    found.pages > 1 &&
    html`<nav class="pages" aria-label="Pages">${
      query.page > 1 &&
      html`<a class="button" rel="prev" href="${listAddress(BASE, { ...query, page: query.page - 1 }, view)}">Previous</a>`
    }${
      query.page < found.pages &&
      html`<a class="button" rel="next" href="${listAddress(BASE, { ...query, page: query.page + 1 }, view)}">Next</a>`
    }</nav>`
  }`;

/** The token stands in the address: the body is read file by file, after it was decided who may send one. */
const renderUpload = ({
  csrf,
}: Library): Html => html`<form class="panel-form media-upload-form" id="upload" method="post" action="${BASE}/upload?_csrf=${csrf}" enctype="multipart/form-data" data-media-form>
<h2>Upload</h2>
<div class="field media-drop" data-media-drop><label for="upload-files">Files</label>
<input id="upload-files" type="file" name="files" multiple required accept="${ACCEPTED_EXTENSIONS.join(',')}" aria-describedby="upload-help">
<p class="field-help" id="upload-help">Pictures up to ${IMAGE_LIMIT_BYTES / 2 ** 20} MB, documents up to ${DOCUMENT_LIMIT_BYTES / 2 ** 20} MB. What a camera writes into a picture besides it, such as the place, is taken out.</p></div>
<div class="field"><label for="upload-alt">Alternative text</label><input id="upload-alt" type="text" name="alt" maxlength="500" aria-describedby="upload-alt-help">
<p class="field-help" id="upload-alt-help">What is to be seen, for those who do not see it. For a single picture; for several, each is asked for afterwards.</p></div>
<button class="button button-primary" type="submit">Upload</button>
<ul class="media-outcomes" data-media-outcomes aria-live="polite"></ul>
</form>`;
