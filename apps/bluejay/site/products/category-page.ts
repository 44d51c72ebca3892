/** The products of a category, page by page. */
import type { RecordOf } from '../../content/content-type.ts';
import type { ContentView } from '../../content/content-view.ts';
import { html } from '../../html/html.ts';
import { product } from '../../types/product.ts';
import { productCategory } from '../../types/product-category.ts';
import { productsSettings } from '../../types/products-settings.ts';
import { sectionCall } from '../page-sections.ts';
import { cardGrid } from '../parts/card.ts';
import { chips } from '../parts/chips.ts';
import { pageHead } from '../parts/page-head.ts';
import { neighbours, type Pages, paginate, pagination } from '../parts/pagination.ts';
import { section } from '../parts/section.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { inFeaturedOrder, productCard } from './product-card.ts';

const ORDERS = {
  name_asc: { by: 'name', direction: 'ascending' },
  name_desc: { by: 'name', direction: 'descending' },
  newest: { by: 'publishedAt', direction: 'descending' },
  oldest: { by: 'publishedAt', direction: 'ascending' },
} as const;

export const categoryPage = (context: PageContext, slug: string): SitePage | undefined => {
  const { view } = context;
  const category = view.bySlug(productCategory, slug);
  if (category === undefined) return undefined;
  const { fields } = category;
  const settings = view.single(productsSettings).fields;
  const total = view.count(product, { where: { category: category.id } });
  const pages = paginate(total, settings.perPage ?? 12, context.query('page'));
  if (pages === undefined) return undefined;
  const list = { ...pages, path: `/products/${category.slug}` };
  const order = ORDERS[settings.defaultSort as keyof typeof ORDERS] ?? ORDERS.newest;
  const cards = productsOf(view, category.id, { pages, order }).map((one) => productCard(context, one, 2));
  return {
    ...neighbours(list),
    title: pages.page === 1 ? fields.name : `${fields.name}, page ${pages.page}`,
    description: fields.description,
    image: fields.image,
    breadcrumbs: [
      { label: 'Products', path: '/products' },
      { label: fields.name, path: list.path },
    ],
    edit: { type: productCategory.name, id: category.id },
    body: html`${pageHead({
      title: fields.name,
      label: total === 1 ? '1 product' : `${total} products`,
      text: fields.description,
      picture: context.picture(fields.image, { sizes: '(min-width: 64rem) 30rem, 92vw', eager: true }),
      body: settings.showCategories && otherCategories(view, category),
    })}
${section({
  body: [cardGrid(cards) ?? html`<p class="empty">Nothing is in this category yet.</p>`, pagination(list)],
})}
${sectionCall(view, 'products_category.call')}`,
  };
};

type Listing = { readonly pages: Pages; readonly order: (typeof ORDERS)[keyof typeof ORDERS] };

/** The featured ones stand first, in their own order, on as many pages as they fill. */
const productsOf = (view: ContentView, category: number, { pages, order }: Listing) => {
  const featured = inFeaturedOrder(view.list(product, { where: { category, isFeatured: true }, order: [order] }));
  const first = featured.slice(pages.offset, pages.offset + pages.limit);
  const missing = pages.limit - first.length;
  if (missing === 0) return first;
  const offset = Math.max(0, pages.offset - featured.length);
  return [...first, ...view.list(product, { where: { category, isFeatured: false }, order: [order], offset, limit: missing })];
};

const otherCategories = (view: ContentView, present: RecordOf<typeof productCategory>) =>
  chips(
    view.list(productCategory).map((one) => ({
      label: one.fields.name,
      href: view.pathOf(productCategory, one),
      isCurrent: one.id === present.id,
    })),
    'Categories',
  );
