/** The pages of a list of the panel. */
import { attribute, html, type Html } from '../html/html.ts';

export const renderPages = (page: number, pages: number, addressOf: (page: number) => string): Html => {
  if (pages <= 1) return html``;
  const shown = [...new Set([1, page - 2, page - 1, page, page + 1, page + 2, pages])].filter((one) => one >= 1 && one <= pages);
  return html`<nav class="pages" aria-label="Pages">
${page > 1 && html`<a href="${addressOf(page - 1)}" rel="prev">Previous</a>`}
${shown.map((one) => html`<a href="${addressOf(one)}"${attribute('aria-current', one === page ? 'page' : null)}><span class="visually-hidden">Page </span>${one}</a>`)}
${page < pages && html`<a href="${addressOf(page + 1)}" rel="next">Next</a>`}
</nav>`;
};
