/** Everything that has certain words, by kind. */
import type { ContentType } from '../../content/content-type.ts';
import type { SearchHit } from '../../content/content-view.ts';
import { html, type Html } from '../../html/html.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import { chips } from '../parts/chips.ts';
import { foundText } from '../parts/found-text.ts';
import { liveSearch } from '../parts/live-search.ts';
import { pageHead } from '../parts/page-head.ts';
import { neighbours, paginate, pagination, pathOfPage } from '../parts/pagination.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { wordsAskedFor } from './search-words.ts';

const HITS_OF_A_KIND = 10;
const HITS_ON_A_PAGE = 20;
const SUGGESTIONS_OF_A_KIND = 5;
const RESULTS = 'search-found';

const SEARCHED: readonly ContentType[] = CONTENT_TYPES.filter(({ search, page }) => search !== undefined && page !== undefined);

export const searchPage = (context: PageContext): SitePage | undefined => {
  const words = wordsAskedFor(context);
  const type = typeAskedFor(context);
  const found =
    words === ''
      ? { body: html``, neighbours: {} }
      : type === undefined
        ? everyKind(context, words)
        : oneKind(context, words, type);
  if (found === undefined) return undefined;
  return {
    ...found.neighbours,
    canonical: '/search',
    title: words === '' ? 'Search' : `Search: ${words}`,
    noIndex: true,
    fragment: found.body,
    body: html`${pageHead({
      title: 'Search',
      body: liveSearch({ action: '/search', label: 'Search this site', words, target: RESULTS }),
    })}
<div class="wide found" id="${RESULTS}" aria-live="polite">${found.body}</div>`,
  };
};

/** While one types: the best few of each kind. */
export const searchSuggestions = (context: PageContext): Html => {
  const words = wordsAskedFor(context);
  const type = typeAskedFor(context);
  if (words === '') return html``;
  const groups = (type === undefined ? SEARCHED : [type]).map((one) => ({
    type: one,
    hits: context.view.search(words, { types: [one.name], limit: SUGGESTIONS_OF_A_KIND }),
  }));
  const shown = groups.filter(({ hits }) => hits.length > 0);
  if (shown.length === 0) return html`<p class="empty">Nothing has “${words}”.</p>`;
  const all = pathOfPage(1, { path: '/search', parameters: { q: words, type: type?.name } });
  return html`<div class="suggestion-groups">${shown.map(
    (group) => html`<section><h2 class="label">${group.type.label.many}</h2>
<ul>${group.hits.map(({ title, path }) => html`<li><a href="${path}">${title}</a></li>`)}</ul></section>`,
  )}</div>
<p class="small"><a href="${all}">All results for “${words}”</a></p>`;
};

/** A kind that is not searched counts as none. */
const typeAskedFor = (context: PageContext): ContentType | undefined => {
  const name = context.query('type');
  return SEARCHED.find((type) => type.name === name);
};

const everyKind = ({ view }: PageContext, words: string) => {
  const groups = SEARCHED.map((type) => ({
    type,
    total: view.countHits(words, type.name),
    hits: view.search(words, { types: [type.name], limit: HITS_OF_A_KIND }),
  })).filter(({ hits }) => hits.length > 0);
  const total = groups.reduce((sum, group) => sum + group.total, 0);
  if (total === 0) return { body: nothing(words), neighbours: {} };
  const links = groups.map(({ type, total: count }) => ({ label: `${type.label.many} (${count})`, href: `#found-${type.name}` }));
  return {
    neighbours: {},
    body: html`<p class="found-count">${total === 1 ? 'One result' : `${total} results`} for “${words}”</p>
${groups.length > 1 && chips(links, 'Kinds')}
${groups.map(({ type, total: count, hits }) => {
  const more = pathOfPage(1, { path: '/search', parameters: { q: words, type: type.name } });
  return html`<section class="found-kind" id="found-${type.name}"><h2>${type.label.many}</h2>${hitList(hits)}
${count > hits.length && html`<p><a href="${more}">All ${count} in ${type.label.many.toLowerCase()}</a></p>`}</section>`;
})}`,
  };
};

const oneKind = (context: PageContext, words: string, type: ContentType) => {
  const total = context.view.countHits(words, type.name);
  if (total === 0) return { body: nothing(words), neighbours: {} };
  const pages = paginate(total, HITS_ON_A_PAGE, context.query('page'));
  if (pages === undefined) return undefined;
  const list = { ...pages, path: '/search', parameters: { q: words, type: type.name } };
  const hits = context.view.search(words, { types: [type.name], limit: pages.limit, offset: pages.offset });
  return {
    neighbours: neighbours(list),
    body: html`<p class="found-count">${total} of ${type.label.many.toLowerCase()} for “${words}” · <a href="${pathOfPage(1, { path: '/search', parameters: { q: words } })}">Search everything</a></p>
<section class="found-kind"><h2>${type.label.many}</h2>${hitList(hits)}</section>
${pagination(list)}`,
  };
};

const hitList = (hits: readonly SearchHit[]): Html =>
  html`<ul class="lines">${hits.map(
    ({ title, path, excerpt }) =>
      html`<li><h3><a href="${path}">${title}</a></h3>${excerpt !== '' && html`<p>${foundText(excerpt)}</p>`}</li>`,
  )}</ul>`;

const nothing = (words: string): Html =>
  html`<p class="empty">Nothing on this site has “${words}”. Try fewer or other words, or <a href="/contact">ask us</a>.</p>`;
