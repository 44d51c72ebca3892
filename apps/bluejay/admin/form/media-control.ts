/** A picture or a file of the media library: a list of the newest ones, which a script makes into a button and a preview. */
import type { FileField, ImageField } from '../../content/field.ts';
import { attribute, html, type Html } from '../../html/html.ts';
import { previewPath } from '../../media/file-facts.ts';
import type { MediaFile } from '../../media/media.ts';
import type { ControlParts } from './form-context.ts';

export const mediaControl = (
  { field, spot, context, value }: ControlParts<Pick<ImageField | FileField, 'kind' | 'label'>>,
  attributes: Html,
): Html => {
  const kind = field.kind === 'image' ? 'image' : 'any';
  const present = /^\d{1,15}$/.test(value) ? context.media.find(Number(value)) : undefined;
  const others = context.newest(kind).filter((file) => file.id !== present?.id);
  return html`<div class="media-field" data-media-field data-kind="${kind}" data-label="${field.label}">
<div class="media-present" data-media-present>${present !== undefined && presentOf(present)}</div>
<select${attributes}><option value="">none</option>${present === undefined && value !== '' && html`<option value="${value}" selected>file ${value} (no longer there)</option>`}${[
    present,
    ...others,
  ].map(
    (file) => file && html`<option value="${file.id}"${attribute('selected', file === present)}>${file.originalName}</option>`,
  )}</select>
<p class="media-buttons" hidden data-media-buttons aria-label="${field.label}" role="group">
<button type="button" class="button button-small" data-media-choose aria-describedby="${spot.id}-which">Choose</button>
<label class="button button-small media-upload">Upload<input type="file" class="visually-hidden" data-media-upload${attribute('accept', kind === 'image' && 'image/*')} aria-label="Upload: ${field.label}"></label>
<button type="button" class="button button-small" data-media-clear${attribute('hidden', value === '')}>Take out</button>
</p>
<p class="visually-hidden" id="${spot.id}-which">${field.label}</p>
<p class="media-status" role="status" data-media-status></p>
</div>`;
};

const presentOf = (file: MediaFile): Html =>
  html`${file.kind === 'image' && html`<img class="media-preview" src="${previewPath(file.id)}" width="${file.width}" height="${file.height}" alt="${file.alt}">`}<span class="media-name">${file.originalName}</span>`;
