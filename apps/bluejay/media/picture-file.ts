/** Pictures as pixels: whatever was sent is decoded and written anew, so that nothing but the picture is left of it. */
import { stat } from 'node:fs/promises';
import sharp, { type OutputInfo, type Sharp } from 'sharp';

// libvips keeps what it has opened: the files then stay on the disk after they were deleted.
sharp.cache(false);

export type PictureFacts = {
  readonly width: number;
  readonly height: number;
  /** More than one: it moves. */
  readonly frames: number;
  readonly hasAlpha: boolean;
};

export type RasterFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif';

/** A picture of a phone has 48 or 50 megapixels. Decoded they are 150 MB for a moment, once at a time. */
const MOST_PIXELS = 52_000_000;
/** All frames of an animation together: they are in memory at once. */
const MOST_ANIMATED_PIXELS = 25_000_000;
/** What is kept of a larger one. */
const MOST_PIXELS_ACROSS = 4_096;

/** It is no picture of that kind, is damaged or is too large; the message completes "… cannot be read: ". */
export class PictureError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PictureError';
  }
}

/**
 * Writes the picture anew to `to`, upright, in sRGB, without metadata, at most 4,096 pixels across; gives what is there then.
 * Throws PictureError.
 */
export const rewritePicture = async (from: string, to: string, format: RasterFormat): Promise<PictureFacts> => {
  const facts = await readFacts(from);
  const isAnimated = (format === 'gif' || format === 'webp') && facts.frames > 1;
  if (facts.width * facts.height > MOST_PIXELS) throw new PictureError(`it has more than ${MOST_PIXELS / 1e6} megapixels`);
  if (isAnimated && facts.width * facts.height * facts.frames > MOST_ANIMATED_PIXELS)
    throw new PictureError('the animation has too many or too large frames; make it smaller or shorter');
  const resized = reading(from, isAnimated).autoOrient().resize({
    width: MOST_PIXELS_ACROSS,
    height: MOST_PIXELS_ACROSS,
    fit: 'inside',
    withoutEnlargement: true,
  });
  const info = await writing(encoded(resized, format, 'master'), to);
  const frames = isAnimated ? facts.frames : 1;
  return {
    width: info.width,
    height: isAnimated ? (info.pageHeight ?? info.height / frames) : info.height,
    frames,
    hasAlpha: facts.hasAlpha,
  };
};

export type Size = { readonly width: number; readonly height: number; readonly bytes: number };

/** A smaller copy; `from` is one that `rewritePicture` made. */
export const renderPicture = async (
  from: string,
  to: string,
  { format, width, isAnimated }: { readonly format: RasterFormat; readonly width: number; readonly isAnimated: boolean },
): Promise<Size> => {
  const resized = reading(from, isAnimated).resize({ width, withoutEnlargement: true });
  const info = await writing(encoded(resized, format, 'rendition'), to);
  return { width: info.width, height: info.pageHeight ?? info.height, bytes: (await stat(to)).size };
};

const reading = (file: string, isAnimated: boolean): Sharp =>
  sharp(file, { limitInputPixels: MOST_PIXELS, failOn: 'error', animated: isAnimated });

const readFacts = async (file: string): Promise<PictureFacts> => {
  try {
    const { width, height, pages = 1, pageHeight, hasAlpha } = await sharp(file, { failOn: 'error' }).metadata();
    return { width, height: pageHeight ?? height, frames: pages, hasAlpha };
  } catch (error) {
    throw unreadable(error);
  }
};

const encoded = (picture: Sharp, format: RasterFormat, use: 'master' | 'rendition'): Sharp => {
  const isMaster = use === 'master';
  switch (format) {
    case 'jpeg':
      return picture.jpeg(isMaster ? { quality: 93, chromaSubsampling: '4:4:4' } : { quality: 78, mozjpeg: true });
    case 'png':
      return picture.png({ compressionLevel: isMaster ? 6 : 9 });
    case 'webp':
      return picture.webp({ quality: isMaster ? 93 : 78, effort: 4 });
    case 'avif':
      // Effort 4 takes three times as long for 5 % less.
      return picture.avif({ quality: isMaster ? 75 : 52, effort: 2 });
    case 'gif':
      return picture.gif({ effort: 4 });
  }
};

const writing = async (picture: Sharp, to: string): Promise<OutputInfo> => {
  try {
    return await picture.toFile(to);
  } catch (error) {
    throw unreadable(error);
  }
};

/** libvips says what is wrong in its own words; only that a disk is full is not about the picture. */
const unreadable = (error: unknown): Error => {
  const message = error instanceof Error ? error.message : String(error);
  if (/No space left|ENOSPC|unable to write/i.test(message)) return new Error('no room for the picture', { cause: error });
  if (/pixel limit/i.test(message)) return new PictureError(`it has more than ${MOST_PIXELS / 1e6} megapixels`, { cause: error });
  return new PictureError('the picture is damaged or not complete', { cause: error });
};
