/** A rating of one to five. */
import { html, type Html } from '../../html/html.ts';

const ALL = 5;

export const stars = (rating: number): Html => {
  const count = Math.max(0, Math.min(ALL, Math.round(rating)));
  return html`<span class="stars" role="img" aria-label="${count} of ${ALL} stars">${'★'.repeat(count)}<span class="stars-off">${'★'.repeat(ALL - count)}</span></span>`;
};
