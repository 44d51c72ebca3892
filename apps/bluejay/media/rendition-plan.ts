/** Which sizes and formats a picture gets. */
import type { RasterFormat } from './picture-file.ts';

export type Wanted = { readonly format: RasterFormat; readonly width: number };

export type Rendered = {
  readonly format: RasterFormat | 'svg';
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly bytes: number;
};

type Source = {
  readonly mimeType: string;
  readonly width: number;
  readonly frames: number;
  readonly hasAlpha: boolean;
};

const WIDTHS = [320, 640, 960, 1_280, 1_920];
/** An animation is many pictures: it gets fewer sizes, and none that is large. */
const ANIMATED_WIDTHS = [320, 640, 960];

/** The format that everything reads: what an `img` has in its `src`, and previews of links. */
export const fallbackFormat = ({ frames, hasAlpha }: Pick<Source, 'frames' | 'hasAlpha'>): RasterFormat => {
  if (frames > 1) return 'gif';
  return hasAlpha ? 'png' : 'jpeg';
};

/** In the format that everything reads, at least so wide; the widest where none is. Narrow ones come first in `there`. */
export const plainRendition = (
  source: Pick<Source, 'frames' | 'hasAlpha'>,
  there: readonly Rendered[],
  width: number,
): Rendered | undefined => {
  const plain = there.filter(({ format }) => format === fallbackFormat(source) || format === 'svg');
  return plain.find((one) => one.width >= width) ?? plain.at(-1);
};

/** Best format first: the order of `<source>`. */
export const formatsOf = (source: Pick<Source, 'frames' | 'hasAlpha'>): readonly RasterFormat[] =>
  source.frames > 1 ? ['webp', 'gif'] : ['avif', 'webp', fallbackFormat(source)];

/** Never wider than the picture itself; its own width is the widest where that is less. */
export const widthsOf = ({ width, frames }: Pick<Source, 'width' | 'frames'>): readonly number[] => {
  const steps = frames > 1 ? ANIMATED_WIDTHS : WIDTHS;
  const widest = Math.min(width, steps.at(-1) ?? width);
  return [...steps.filter((step) => step < widest), widest];
};

/** Nothing for an SVG: it has one file, and any size. */
export const planRenditions = (source: Source): readonly Wanted[] => {
  if (source.mimeType === 'image/svg+xml') return [];
  return formatsOf(source)
    .toReversed()
    .flatMap((format) => widthsOf(source).map((width) => ({ format, width })));
};

/** Those that are made before the upload is answered: with them the picture can be shown everywhere. */
export const firstRenditions = (source: Source): readonly Wanted[] => {
  const planned = planRenditions(source);
  if (source.width <= 640 && source.frames === 1) return planned;
  const widths = widthsOf(source);
  const needed = new Set([widths.find((width) => width >= 640) ?? widths.at(-1), widths.at(-1)]);
  return planned.filter(({ format, width }) => format === fallbackFormat(source) && needed.has(width));
};

export const missingRenditions = (wanted: readonly Wanted[], there: readonly Rendered[]): readonly Wanted[] =>
  wanted.filter(({ format, width }) => !there.some((one) => one.format === format && one.width === width));
