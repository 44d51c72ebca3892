/** Products by words: a page, and while one types its results alone. */
import { html, type Html } from '../../html/html.ts';
import { product } from '../../types/product.ts';
import { cardGrid } from '../parts/card.ts';
import { liveSearch } from '../parts/live-search.ts';
import { pageHead } from '../parts/page-head.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { wordsAskedFor } from '../search/search-words.ts';
import { productCard } from './product-card.ts';

const MOST = 24;
const RESULTS = 'products-found';

export const productSearchPage = (context: PageContext): SitePage => {
  const words = wordsAskedFor(context);
  const fragment = results(context, words);
  return {
    title: words === '' ? 'Search products' : `Products for “${words}”`,
    noIndex: true,
    canonical: '/products/search',
    breadcrumbs: [
      { label: 'Products', path: '/products' },
      { label: 'Search', path: '/products/search' },
    ],
    fragment,
    body: html`${pageHead({
      title: 'Search products',
      body: liveSearch({ action: '/products/search', label: 'Search products', words, target: RESULTS }),
    })}
<div class="wide found" id="${RESULTS}" aria-live="polite">${fragment}</div>`,
  };
};

const results = (context: PageContext, words: string): Html => {
  if (words === '') return html``;
  const { view } = context;
  const hits = view.search(words, { types: [product.name], limit: MOST });
  if (hits.length === 0)
    return html`<p class="empty">No product has “${words}”. <a href="/contact">Ask us</a>; perhaps we make it.</p>`;
  const products = view.findAll(
    product,
    hits.map(({ id }) => id),
  );
  const count =
    hits.length === MOST ? `The first ${MOST} products` : hits.length === 1 ? 'One product' : `${hits.length} products`;
  return html`<p class="found-count">${count} for “${words}”</p>${cardGrid(products.map((one) => productCard(context, one, 2)))}`;
};
