/** A drawing where there is no picture: two colours of the editor's choice, and a figure that differs from one to the next. */
import { html, type Html } from '../../html/html.ts';

export type Cover = {
  /** At most one of a name is on a page, since its gradient is found by it. */
  readonly name: string;
  /** Chooses the figure. */
  readonly number: number;
  /** `#RRGGBB`, from corner to corner. */
  readonly from: string;
  readonly to: string;
};

/** Strokes on a sheet of 320 by 240. */
const FIGURES = [
  'M40 200h240M40 170h240M40 140h180M40 110h240M40 80h120',
  'M60 200V120M110 200V80M160 200V140M210 200V60M260 200V100M40 200h240',
  'M40 190l60-50 50 30 60-90 70 40M40 200V50M40 200h240',
  'M160 60a70 70 0 100 140 70 70 0 000-140zM160 90a40 40 0 100 80 40 40 0 000-80zM40 130h240M160 40v180',
];

/** Decoration: a title stands beside it. */
export const drawnCover = ({ name, number, from, to }: Cover): Html =>
  html`<svg class="cover" viewBox="0 0 320 240" width="320" height="240" aria-hidden="true">
<defs><linearGradient id="${name}" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${from}" /><stop offset="1" stop-color="${to}" /></linearGradient></defs>
<rect width="320" height="240" fill="url(#${name})" />
<path d="${FIGURES[number % FIGURES.length]}" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="10" />
<path d="M250 0h70v70z" fill="#fff" stroke="#000" stroke-width="3" />
</svg>`;
