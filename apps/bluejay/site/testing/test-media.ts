/** A library of pictures that are there by their number, for tests of pages that show some. */
import { html } from '../../html/html.ts';
import type { MediaFile } from '../../media/media.ts';
import type { SiteFrameParts } from '../open-frame.ts';

/** @param alts alternative text by id, to be changed at will; what is missing is no picture */
export const createTestMedia = (alts: ReadonlyMap<number, string>): SiteFrameParts['media'] => {
  const find = (id: number): MediaFile | undefined => {
    const alt = alts.get(id);
    if (alt === undefined) return undefined;
    const name = `file-${id}.webp`;
    return {
      id,
      alt,
      originalName: name,
      mimeType: 'image/webp',
      kind: 'image',
      bytes: 12_345,
      width: 800,
      height: 600,
      isDecorative: false,
      focal: { x: 50, y: 50 },
      downloads: 0,
      createdAtMs: 0,
      createdBy: null,
    };
  };
  return {
    find,
    picture: (id, { alt, class: name }) => {
      const file = id === null ? undefined : find(id);
      if (file === undefined) return html``;
      return html`<img src="/uploads/${file.originalName}" width="800" height="600" alt="${alt ?? file.alt}"${name === undefined ? '' : html` class="${name}"`}>`;
    },
    pathOf: (id) => (id === null || !alts.has(id) ? undefined : `/uploads/file-${id}.webp`),
    publish: () => Promise.resolve(),
    isPublished: (id) => alts.has(id),
  };
};
