/** A product in a list. */
import type { RecordOf } from '../../content/content-type.ts';
import type { Html } from '../../html/html.ts';
import { plainText } from '../../content/sanitise.ts';
import { product } from '../../types/product.ts';
import { productCategory } from '../../types/product-category.ts';
import { card } from '../parts/card.ts';
import { shorten } from '../parts/shorten.ts';
import type { PageContext } from '../site-frame.ts';

type Product = RecordOf<typeof product>;

const CARD_SIZES = '(min-width: 64rem) 25rem, (min-width: 40rem) 45vw, 92vw';

/** @param level of its title: 2 where the list has no heading of its own */
export const productCard = (context: PageContext, record: Product, level: 2 | 3 = 3): Html => {
  const { view } = context;
  const { fields } = record;
  const category = view.find(productCategory, fields.category);
  return card({
    title: fields.name,
    href: view.pathOf(product, record),
    text: fields.tagline === '' ? shorten(plainText(fields.description), 110) : fields.tagline,
    picture: context.picture(pictureOf(record), { sizes: CARD_SIZES, alt: '' }),
    icon: category?.fields.icon,
    badge: fields.sku,
    meta: category?.fields.name,
    foot: fields.isFeatured ? 'Featured' : undefined,
    level,
  });
};

/** Those that are featured, in the order that editors gave them; those without a number stand last. */
export const inFeaturedOrder = (products: readonly Product[]): readonly Product[] =>
  products.toSorted((one, other) => (one.fields.featuredOrder ?? Infinity) - (other.fields.featuredOrder ?? Infinity) || 0);

/** The one that is marked for lists, else the main picture, else the first of the gallery. */
const pictureOf = ({ fields, children }: Product): number | null =>
  children.images.find(({ isThumbnail }) => isThumbnail)?.image ?? fields.primaryImage ?? children.images[0]?.image ?? null;
