/** One file: what it says, what matters in it, where it is used, and what can be done with it. */
import { titleOf } from '../content/title.ts';
import { editAddress } from '../admin/form/form-addresses.ts';
import { renderMoment } from '../admin/moment.ts';
import type { Bluejay } from '../bluejay.ts';
import { attribute, html, type Html } from '../html/html.ts';
import { factsOf, previewPath } from './file-facts.ts';
import { ACCEPTED_EXTENSIONS } from './file-format.ts';
import { isDescribed, type MediaFile } from './media.ts';

type Edit = { readonly bluejay: Pick<Bluejay, 'content' | 'media'>; readonly file: MediaFile; readonly csrf: string };

const BASE = '/admin/media';
/** A logo may stand on ten thousand pages. */
const MOST_USERS = 50;

export const renderEditActions = (): Html => html`<a class="button" href="${BASE}">All files</a>`;

export const renderEdit = (edit: Edit): Html => html`<div class="media-edit">
<section class="media-view" aria-label="File">${edit.file.kind === 'image' && renderPreview(edit.file)}
<dl class="media-about">
<dt>File</dt><dd>${factsOf(edit.file)}</dd>
<dt>Uploaded</dt><dd>${renderMoment(edit.file.createdAtMs)}</dd>
<dt>On the site</dt><dd>${publicLink(edit)}</dd>
${edit.file.downloads > 0 && html`<dt>Downloaded</dt><dd>${edit.file.downloads} times</dd>`}
</dl>
</section>
<div class="media-forms">
${edit.file.kind === 'image' && renderDescription(edit)}
${renderUsers(edit)}
${renderReplace(edit)}
${renderDelete(edit)}
</div>
</div>`;

const publicLink = ({ bluejay, file }: Edit): Html => {
  const path = bluejay.media.pathOf(file.id, { width: 1_920 });
  return path === undefined ? html`not shown by any published page` : html`<a href="${path}">${path}</a>`;
};

/** The script makes the picture something to click on; without it the two numbers do the same. */
const renderPreview = ({
  id,
  width,
  height,
  focal,
}: MediaFile): Html => html`<div class="media-focal" data-focal data-x="${focal.x}" data-y="${focal.y}">
<img src="${previewPath(id, 960)}" width="${width ?? 0}" height="${height ?? 0}" alt="" decoding="async">
<svg class="media-focal-mark" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><line x1="${focal.x}" x2="${focal.x}" y1="0" y2="100"/><line x1="0" x2="100" y1="${focal.y}" y2="${focal.y}"/></svg>
</div>`;

const renderDescription = ({ file, csrf }: Edit): Html => html`<form class="panel-form" method="post" action="${BASE}/${file.id}">
${csrfInput(csrf)}
<h2>Description</h2>
${!isDescribed(file) && html`<p class="notice notice-warning">Pages can show this picture once it is described.</p>`}
<div class="field"><label for="alt">Alternative text</label><textarea id="alt" name="alt" rows="3" maxlength="500" aria-describedby="alt-help">${file.alt}</textarea>
<p class="field-help" id="alt-help">What is to be seen, in one sentence, for those who do not see it.</p></div>
<div class="field media-check"><input type="hidden" name="decorative" value=""><input id="decorative" type="checkbox" name="decorative" value="1"${attribute('checked', file.isDecorative)}><label for="decorative">Mere decoration: it says nothing that the text does not</label></div>
<fieldset class="field"><legend>Focal point</legend>
<p class="field-help">Percent from the left and from the top. Stays in sight where the picture is cut; click into it to set it.</p>
<p class="media-numbers"><span><label for="focal-x">From the left</label> <input id="focal-x" type="number" name="focalX" min="0" max="100" step="1" value="${file.focal.x}" required></span>
<span><label for="focal-y">From the top</label> <input id="focal-y" type="number" name="focalY" min="0" max="100" step="1" value="${file.focal.y}" required></span></p>
</fieldset>
<button class="button button-primary" type="submit">Save</button>
</form>`;

const renderUsers = ({ bluejay, file }: Edit): Html => {
  const users = bluejay.content.usersOfMedia(file.id, MOST_USERS + 1);
  const more = users.length > MOST_USERS && html`<p>… and more.</p>`;
  return html`<section class="panel-form" aria-labelledby="used-in"><h2 id="used-in">Used in</h2>${
    users.length === 0
      ? html`<p>Nothing uses it.</p>`
      : html`<ul>${users
          .slice(0, MOST_USERS)
          .map(
            ({ type, record }) =>
              html`<li><a href="${editAddress(type, record.id)}">${titleOf(type, record) || type.label.one}</a> <span class="media-facts">${type.label.one}</span></li>`,
          )}</ul>${more}`
  }</section>`;
};

const renderReplace = ({
  file,
  csrf,
}: Edit): Html => html`<form class="panel-form" method="post" action="${BASE}/${file.id}/replace?_csrf=${csrf}" enctype="multipart/form-data">
<h2>Replace</h2>
<div class="field"><label for="replacement">Another file in its place</label><input id="replacement" type="file" name="files" required accept="${ACCEPTED_EXTENSIONS.join(',')}" aria-describedby="replacement-help">
<p class="field-help" id="replacement-help">Everything that shows this file shows the new one from then on, with the same description.</p></div>
<button class="button" type="submit">Replace</button>
</form>`;

const renderDelete = ({ bluejay, file, csrf }: Edit): Html => {
  if (bluejay.content.usersOfMedia(file.id, 1).length > 0)
    return html`<section class="panel-form" aria-labelledby="delete-heading"><h2 id="delete-heading">Delete</h2>
<p>It cannot be deleted as long as it is used.</p></section>`;
  return html`<form class="panel-form" method="post" action="${BASE}/${file.id}/delete" data-confirm="Delete “${file.originalName}” for good?">
${csrfInput(csrf)}
<h2>Delete</h2>
<button class="button button-danger" type="submit">Delete for good</button>
</form>`;
};

const csrfInput = (csrf: string): Html => html`<input type="hidden" name="_csrf" value="${csrf}">`;
