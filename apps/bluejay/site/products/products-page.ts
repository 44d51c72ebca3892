/** All categories, and a search over all products. */
import { html } from '../../html/html.ts';
import { product } from '../../types/product.ts';
import { productCategory } from '../../types/product-category.ts';
import { productsSettings } from '../../types/products-settings.ts';
import { sectionCall, sectionTexts } from '../page-sections.ts';
import { card, cardGrid } from '../parts/card.ts';
import { liveSearch } from '../parts/live-search.ts';
import { pageHead } from '../parts/page-head.ts';
import { section } from '../parts/section.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { inFeaturedOrder, productCard } from './product-card.ts';

const RESULTS = 'products-found';

export const productsPage = (context: PageContext): SitePage => {
  const { view } = context;
  const { fields } = view.single(productsSettings);
  const texts = sectionTexts(view, 'products.hero');
  const title = texts?.heading || 'Products';
  return {
    title,
    description: texts?.text || undefined,
    breadcrumbs: [{ label: 'Products', path: '/products' }],
    body: html`${pageHead({
      title,
      label: texts?.label,
      text: texts?.text,
      body: fields.showSearch && liveSearch({ action: '/products/search', label: 'Search products', target: RESULTS }),
    })}
<div class="wide found" id="${RESULTS}" aria-live="polite"></div>
${fields.showCategories ? categories(context) : featured(context)}
${sectionCall(view, 'products.call')}`,
  };
};

const categories = (context: PageContext) => {
  const { view } = context;
  const cards = view.list(productCategory).map((record) => {
    const count = view.count(product, { where: { category: record.id } });
    return card({
      title: record.fields.name,
      href: view.pathOf(productCategory, record),
      text: record.fields.description,
      icon: record.fields.icon,
      picture: context.picture(record.fields.image, { sizes: '(min-width: 64rem) 25rem, 92vw', alt: '' }),
      foot: count === 1 ? '1 product' : `${count} products`,
      level: 2,
    });
  });
  return section({ body: cardGrid(cards) ?? html`<p class="empty">There are no products yet.</p>` });
};

/** Without categories, something has to lead to products. */
const featured = (context: PageContext) => {
  const products = inFeaturedOrder(context.view.list(product, { where: { isFeatured: true }, limit: 24 }));
  return products.length > 0 && section({ body: cardGrid(products.map((one) => productCard(context, one, 2))) });
};
