/** A picture as pages show it: every format and size that there is, and the browser chooses. */
import { attribute, html, type Html } from '../html/html.ts';
import type { MediaFile, PictureOptions } from './media.ts';
import { type Rendered, fallbackFormat, formatsOf, widthsOf } from './rendition-plan.ts';

type Shown = Pick<MediaFile, 'alt' | 'isDecorative' | 'focal' | 'mimeType'> & {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly hasAlpha: boolean;
};

/** Pixels; what is shown by something that knows no `srcset`. */
const PLAIN_WIDTH = 960;

/** @param addressOf path under which a rendition is reached */
export const renderPicture = (
  picture: Shown,
  renditions: readonly Rendered[],
  options: PictureOptions,
  addressOf: (rendition: Rendered) => string,
): Html => {
  const drawing = renditions.find(({ format }) => format === 'svg');
  const fallbacks = drawing === undefined ? renditions.filter(({ format }) => format === fallbackFormat(picture)) : [drawing];
  const plain = fallbacks.find(({ width }) => width >= PLAIN_WIDTH) ?? fallbacks.at(-1);
  if (plain === undefined) return html``;

  const sourceSet = (files: readonly Rendered[]): string => files.map((one) => `${addressOf(one)} ${one.width}w`).join(', ');
  const image = html`<img${className(picture, options)} src="${addressOf(plain)}"${
    fallbacks.length > 1 && html` srcset="${sourceSet(fallbacks)}" sizes="${options.sizes}"`
  } width="${picture.width}" height="${picture.height}" alt="${alternativeOf(picture, options)}"${
    options.eager === true ? html` loading="eager" fetchpriority="high"` : html` loading="lazy"`
  } decoding="async">`;
  // A format of which only small sizes are made yet would be chosen for large places as well.
  const modern = formatsOf(picture)
    .slice(0, -1)
    .map((format) => ({ format, files: renditions.filter((one) => one.format === format) }))
    .filter(({ files }) => drawing === undefined && files.length === widthsOf(picture).length);
  if (modern.length === 0) return image;
  return html`<picture>${modern.map(
    ({ format, files }) => html`<source type="image/${format}" srcset="${sourceSet(files)}" sizes="${options.sizes}">`,
  )}${image}</picture>`;
};

const alternativeOf = ({ alt, isDecorative }: Shown, options: PictureOptions): string => options.alt ?? (isDecorative ? '' : alt);

/** `fx-30 fy-70`: classes, because the site's policy allows no style attributes. The middle needs none. */
const className = ({ focal }: Shown, options: PictureOptions): Html => {
  const [x, y] = [Math.round(focal.x / 10) * 10, Math.round(focal.y / 10) * 10];
  const names = [options.class, x !== 50 && `fx-${x}`, y !== 50 && `fy-${y}`].filter((name) => typeof name === 'string');
  return attribute('class', names.length === 0 ? null : names.join(' '));
};
