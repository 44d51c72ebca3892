/** Public pages about what is made: front page, products, solutions, search. */
import type { Bluejay } from '../bluejay.ts';
import { ICON_FILE } from './brand.ts';
import { homePage } from './home/home-page.ts';
import { categoryPage } from './products/category-page.ts';
import { productPage } from './products/product-page.ts';
import { productSearchPage } from './products/product-search.ts';
import { productsPage } from './products/products-page.ts';
import { searchPage, searchSuggestions } from './search/search-page.ts';
import { solutionPage } from './solutions/solution-page.ts';
import { solutionsPage } from './solutions/solutions-page.ts';

const DAY_SEC = 86_400;
/** Answers to arbitrary words would push out everything else. */
const NEVER_KEPT = { isKept: false };

export const siteRoutes = (_server: unknown, { site }: Pick<Bluejay, 'site'>): void => {
  site.page('/', null, homePage);
  site.page('/products', null, productsPage);
  site.page('/products/search', NEVER_KEPT, productSearchPage);
  site.page('/products/:category', null, (context, { category = '' }) => categoryPage(context, category));
  site.page('/products/:category/:slug', null, (context, { category = '', slug = '' }) => productPage(context, category, slug));
  site.page('/solutions', null, solutionsPage);
  site.page('/solutions/:slug', null, (context, { slug = '' }) => solutionPage(context, slug));
  site.page('/search', NEVER_KEPT, searchPage);
  site.page('/search/suggest', NEVER_KEPT, searchSuggestions);
  site.document('/icon.svg', 'image/svg+xml', () => ICON_FILE, { maxAgeSec: DAY_SEC });
};
