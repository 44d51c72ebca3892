/** A file in a few words. */
import type { Bluejay } from '../bluejay.ts';
import { html, type Html } from '../html/html.ts';
import { icon } from '../html/icons.ts';
import { formatOf } from './file-format.ts';
import type { MediaFile } from './media.ts';

/** Decimal units, as disks and browsers count. */
export const renderBytes = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
};

/** `JPG · 1200 × 800 · 340 kB` */
export const factsOf = ({ mimeType, width, height, bytes }: MediaFile): string => {
  const name = (formatOf(mimeType)?.extensions[0] ?? mimeType).toUpperCase();
  return [name, width === null || height === null ? [] : `${width} × ${height}`, renderBytes(bytes)].flat().join(' · ');
};

/** Decoration: its name stands beside it. */
export const thumbnail = (file: MediaFile, width = 320): Html =>
  file.kind === 'image' && file.width !== null && file.height !== null
    ? html`<img class="media-thumbnail" src="${previewPath(file.id, width)}" width="${file.width}" height="${file.height}" alt="" loading="lazy" decoding="async">`
    : html`<span class="media-thumbnail media-thumbnail-file">${icon('description')}</span>`;

/** What scripts of the panel get to know of a file. */
export const describeFile = ({ media }: Pick<Bluejay, 'media'>, file: MediaFile) => ({
  id: file.id,
  name: file.originalName,
  mime_type: file.mimeType,
  kind: file.kind,
  bytes: file.bytes,
  width: file.width,
  height: file.height,
  alt_text: file.alt,
  decorative: file.isDecorative,
  focal: file.focal,
  preview: file.kind === 'image' ? previewPath(file.id) : null,
  url: media.pathOf(file.id) ?? null,
  edit: `/admin/media/${file.id}/edit`,
});

export const previewPath = (id: number, width = 320): string => `/admin/media/${id}/preview?width=${width}`;
