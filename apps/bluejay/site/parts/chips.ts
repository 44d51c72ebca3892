/** Short words in boxes: tags, filters of a list. */
import { attribute, html, type Html } from '../../html/html.ts';

export type Chip = {
  readonly label: string;
  readonly href?: string | undefined;
  readonly isCurrent?: boolean;
  /** `#RRGGBB`; a small square before the word. */
  readonly color?: string | undefined;
};

/** With a name, it is a navigation. Nothing when there are none. */
export const chips = (all: readonly Chip[], name?: string): Html | undefined => {
  if (all.length === 0) return undefined;
  const list = html`<ul class="chips">${all.map((one) => html`<li>${chip(one)}</li>`)}</ul>`;
  return name === undefined ? list : html`<nav aria-label="${name}">${list}</nav>`;
};

export const chip = ({ label, href, isCurrent = false, color }: Chip): Html => {
  const mark = color !== undefined && swatch(color);
  return href === undefined
    ? html`<span class="chip">${mark}${label}</span>`
    : html`<a class="chip" href="${href}"${attribute('aria-current', isCurrent ? 'page' : undefined)}>${mark}${label}</a>`;
};

/** A square of a colour that an editor chose. */
export const swatch = (color: string): Html =>
  html`<svg class="swatch" viewBox="0 0 8 8" width="10" height="10" aria-hidden="true"><rect width="8" height="8" fill="${color}" /></svg>`;
