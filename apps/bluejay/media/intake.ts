/** From a stream to files of the library: bounded, recognised, made harmless, safe on the disk. No row is written here. */
import { readFile, writeFile } from 'node:fs/promises';
import { diskFull, mediaBroken, mediaNotAllowed, mediaTooLarge } from './errors.ts';
import { cleanName, DOCUMENT_LIMIT_BYTES, type FileFormat, IMAGE_LIMIT_BYTES, recogniseFile } from './file-format.ts';
import type { Upload } from './media.ts';
import { type Incoming, isCode, type MediaDirectory, randomName, TooManyBytesError } from './media-directory.ts';
import type { MediaRow, NewMedia } from './media-rows.ts';
import { PictureError, type RasterFormat, rewritePicture } from './picture-file.ts';
import { firstRenditions } from './rendition-plan.ts';
import type { Renditions } from './renditions.ts';
import { MOST_SVG_BYTES, sanitiseSvg, SvgError } from './svg.ts';
import type { Workshop } from './workshop.ts';

export type Intake = {
  readonly directory: MediaDirectory;
  readonly workshop: Workshop;
  readonly renditions: Pick<Renditions, 'make'>;
};

/** The file is there already, or its files lie in their places and want a row. */
export type Taken = { readonly known: MediaRow } | { readonly known: undefined; readonly media: NewMedia };

/** Throws the errors that `Media.add` names; nothing of the file is left then. */
export const takeFile = async (
  intake: Intake,
  upload: Upload,
  known: (digest: string) => MediaRow | undefined,
): Promise<Taken> => {
  const name = cleanName(upload.name);
  try {
    const limitBytes = upload.accept === 'image' ? IMAGE_LIMIT_BYTES : DOCUMENT_LIMIT_BYTES;
    await using received = await intake.directory.receive(upload.content, limitBytes);
    const format = await recogniseFile(received.path, name);
    if (upload.accept === 'image' && format.kind !== 'image')
      throw mediaNotAllowed(name, `it is ${format.label}, and a picture is wanted`);
    if (format.kind === 'image' && received.bytes > IMAGE_LIMIT_BYTES) throw mediaTooLarge(name, IMAGE_LIMIT_BYTES, 'a picture');
    const row = known(received.digest);
    if (row !== undefined) return { known: row };
    const facts = { originalName: name, mimeType: format.mimeType, kind: format.kind, digest: received.digest };
    if (format.kind === 'image')
      return { known: undefined, media: { ...facts, ...(await takePicture(intake, received, format)) } };
    const storedName = storedNameOf(format);
    await intake.directory.keep(received, 'originals', storedName);
    const none = { width: null, height: null, frames: 1, hasAlpha: false, renditions: [] };
    return { known: undefined, media: { ...facts, ...none, storedName, bytes: received.bytes } };
  } catch (error) {
    throw inWords(error, name, upload.accept);
  }
};

type Picture = Omit<NewMedia, 'originalName' | 'mimeType' | 'kind' | 'digest'>;

const takePicture = async (intake: Intake, received: Incoming, format: FileFormat): Promise<Picture> => {
  const { directory, workshop, renditions } = intake;
  const storedName = storedNameOf(format);
  await using clean = directory.incoming();
  const picture =
    format.mimeType === 'image/svg+xml'
      ? await rewriteSvg(received.path, clean.path)
      : await workshop.now(() => rewritePicture(received.path, clean.path, rasterFormatOf(format)));
  const source = { ...picture, mimeType: format.mimeType, storedName };
  await directory.keep(clean, 'originals', storedName);
  try {
    const made = await workshop.now(() => renditions.make(source, firstRenditions(source)));
    return { ...picture, storedName, bytes: await directory.size('originals', storedName), renditions: made };
  } catch (error) {
    await directory.remove('originals', storedName);
    throw error;
  }
};

const rewriteSvg = async (from: string, to: string) => {
  const bytes = await readFile(from);
  if (bytes.length > MOST_SVG_BYTES) throw new SvgError('a drawing may have one megabyte');
  const { text, width, height } = sanitiseSvg(bytes.toString('utf8'));
  await writeFile(to, text, { flag: 'wx' });
  return { width, height, frames: 1, hasAlpha: true };
};

const storedNameOf = (format: FileFormat): string => `${randomName()}.${format.extensions[0]}`;

const rasterFormatOf = ({ mimeType }: FileFormat): RasterFormat => mimeType.slice('image/'.length) as RasterFormat;

const inWords = (error: unknown, name: string, accept: Upload['accept']): unknown => {
  if (error instanceof TooManyBytesError)
    return accept === 'image'
      ? mediaTooLarge(name, IMAGE_LIMIT_BYTES, 'a picture')
      : mediaTooLarge(name, DOCUMENT_LIMIT_BYTES, 'a document');
  if (error instanceof PictureError || error instanceof SvgError) return mediaBroken(name, error.message);
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (isCode(error, 'ENOSPC') || /No space left|unable to write/i.test(String(cause))) return diskFull(name);
  return error;
};
