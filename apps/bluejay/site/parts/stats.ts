/** Figures in large type. */
import { html, type Html } from '../../html/html.ts';

/** Nothing when there are none. */
export const stats = (figures: readonly { readonly value: string; readonly label: string }[]): Html | undefined =>
  figures.length === 0
    ? undefined
    : html`<dl class="stats">${figures.map(({ value, label }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
