/** What may be given out, to whom: published sizes to everybody, the rest by signature or to the panel. */
import type { Signer } from '../signing.ts';
import { formatOf } from './file-format.ts';
import type { MediaFiles, Sendable } from './media.ts';
import type { Folder, MediaDirectory } from './media-directory.ts';
import type { MediaRow, MediaRows } from './media-rows.ts';
import type { Publication } from './publication.ts';
import { plainRendition } from './rendition-plan.ts';

export type MediaFilesOptions = {
  readonly directory: MediaDirectory;
  readonly rows: MediaRows;
  readonly publication: Pick<Publication, 'has'>;
  readonly signer: Signer;
};

const NAME = /^[0-9a-f]{24}-\d{1,5}\.(jpg|png|webp|avif|gif|svg)$/;
const TYPES: Readonly<Record<string, string>> = { jpg: 'image/jpeg', svg: 'image/svg+xml' };

export const createMediaFiles = ({ directory, rows, publication, signer }: MediaFilesOptions): MediaFiles => {
  const rendition = (folder: Folder, name: string): Sendable | undefined => {
    const ending = NAME.exec(name)?.[1];
    if (ending === undefined || !directory.has(folder, name)) return undefined;
    return { path: directory.pathOf(folder, name), mimeType: TYPES[ending] ?? `image/${ending}` };
  };
  const whole = (row: MediaRow | undefined): Sendable | undefined =>
    row !== undefined && formatOf(row.mimeType) !== undefined && directory.has('originals', row.storedName)
      ? {
          path: directory.pathOf('originals', row.storedName),
          mimeType: row.mimeType,
          downloadName: row.originalName,
          id: row.id,
        }
      : undefined;

  return {
    published: (name) => rendition('public', name),
    signed(token) {
      const id = signer.verify('media-file', token);
      if (id !== undefined) return whole(rows.find(Number(id)));
      const name = signer.verify('media-preview', token);
      return name === undefined ? undefined : rendition('renditions', name);
    },
    download(id) {
      const row = rows.find(id);
      return row?.kind === 'document' && publication.has(id) ? whole(row) : undefined;
    },
    preview(id, width) {
      const row = rows.find(id);
      if (row === undefined) return undefined;
      const chosen = plainRendition(row, rows.renditions(id), width);
      return chosen && rendition('renditions', chosen.name);
    },
    countDownload: (id) => rows.countDownload(id),
  };
};
