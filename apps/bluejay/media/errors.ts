/** What can be wrong with a file that somebody sends, in words for editors. */
import { ContentError } from '../content/errors.ts';

export const mediaTooLarge = (name: string, limitBytes: number, what: string): ContentError =>
  new ContentError('MEDIA_TOO_LARGE', 413, `“${name}” is too large: ${what} may have ${limitBytes / 2 ** 20} MB.`);

export const mediaNotAllowed = (name: string, why: string): ContentError =>
  new ContentError('MEDIA_NOT_ALLOWED', 400, `“${name}” was not taken: ${why}.`);

export const mediaBroken = (name: string, why: string): ContentError =>
  new ContentError('MEDIA_BROKEN', 400, `“${name}” cannot be read: ${why}.`);

export const diskFull = (name: string): ContentError =>
  new ContentError('MEDIA_DISK_FULL', 507, `There is no room left on the server for “${name}”. Nothing of it was kept.`);
