/** Lists on several pages: `?page=2`. */
import { html, type Html } from '../../html/html.ts';

export type Pages = {
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  readonly offset: number;
  readonly limit: number;
};

export type Paginated = Pages & {
  readonly path: string;
  /** Other parameters that stay as they are: a filter. */
  readonly parameters?: Readonly<Record<string, string | undefined>>;
};

/** @param asked the parameter `page`. Undefined: there is no such page. An empty list has one. */
export const paginate = (total: number, perPage: number, asked: string | undefined): Pages | undefined => {
  const pages = Math.max(1, Math.ceil(total / perPage));
  const page = asked === undefined ? 1 : /^[1-9]\d{0,6}$/.test(asked) ? Number(asked) : 0;
  return page < 1 || page > pages ? undefined : { page, pages, offset: (page - 1) * perPage, limit: perPage };
};

/** Path of a page of the list: the first has no `page`. */
export const pathOfPage = (page: number, { path, parameters = {} }: Pick<Paginated, 'path' | 'parameters'>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined && value !== '') query.set(name, value);
  if (page > 1) query.set('page', String(page));
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
};

/** For `SitePage`: the canonical address of this page of a list, and its neighbours. */
export const neighbours = (list: Paginated): Record<'canonical' | 'previous' | 'next', string | undefined> => ({
  canonical: pathOfPage(list.page, list),
  previous: list.page > 1 ? pathOfPage(list.page - 1, list) : undefined,
  next: list.page < list.pages ? pathOfPage(list.page + 1, list) : undefined,
});

/** Nothing when there is one page only. */
export const pagination = (list: Paginated): Html | undefined => {
  if (list.pages < 2) return undefined;
  const { previous, next } = neighbours(list);
  return html`<nav class="pagination" aria-label="Pages">
${previous === undefined ? html`<span class="page-step" aria-hidden="true"></span>` : html`<a class="page-step" rel="prev" href="${previous}">← Previous</a>`}
<ol>
${shownPages(list).map((page) => {
  if (page === undefined) return html`<li><span class="page-gap">…</span></li>`;
  const isCurrent = page === list.page;
  return isCurrent
    ? html`<li><a aria-current="page" aria-label="Page ${page}" href="${pathOfPage(page, list)}">${page}</a></li>`
    : html`<li><a aria-label="Page ${page}" href="${pathOfPage(page, list)}">${page}</a></li>`;
})}
</ol>
${next === undefined ? html`<span class="page-step" aria-hidden="true"></span>` : html`<a class="page-step" rel="next" href="${next}">Next →</a>`}
</nav>`;
};

/** First, last, and those around the present one; undefined stands for a gap. */
const shownPages = ({ page, pages }: Pages): readonly (number | undefined)[] => {
  const near = Array.from({ length: pages }, (_, index) => index + 1).filter(
    (one) => one === 1 || one === pages || Math.abs(one - page) <= 1,
  );
  return near.flatMap((one, index) => (index > 0 && one - (near[index - 1] ?? 0) > 1 ? [undefined, one] : [one]));
};
