/** A media library of a few files that are only names, for tests of forms. */
import type { Media, MediaFile } from '../../../media/media.ts';

/** Pictures have the ids 1 to `pictures`, one document the id after them. */
export const fakeLibrary = (pictures = 50): Pick<Media, 'find' | 'list'> => {
  const files = Array.from({ length: pictures + 1 }, (_, index) => fileOf(index + 1, index < pictures));
  return {
    find: (id) => files.find((file) => file.id === id),
    list: ({ kind, page = 1 }) => {
      const found = files.filter((file) => kind === undefined || file.kind === kind);
      return { files: page === 1 ? found : [], total: found.length, pages: 1 };
    },
  };
};

const fileOf = (id: number, isPicture: boolean): MediaFile => ({
  id,
  originalName: isPicture ? `picture-${id}.png` : `document-${id}.pdf`,
  mimeType: isPicture ? 'image/png' : 'application/pdf',
  kind: isPicture ? 'image' : 'document',
  bytes: 1_000,
  width: isPicture ? 640 : null,
  height: isPicture ? 480 : null,
  alt: isPicture ? `What picture ${id} shows` : '',
  isDecorative: false,
  focal: { x: 50, y: 50 },
  downloads: 0,
  createdAtMs: 0,
  createdBy: null,
});
