/** Writes a catalogue into a migrated database, by the app's own engine: `node seed-process.ts FILE PRODUCTS`. */
import { silentLog } from '@berth/kit';
import type { AnyRecord, ContentType } from '../../apps/bluejay/content/content-type.ts';
import { openContent } from '../../apps/bluejay/content/open-content.ts';
import type { Value } from '../../apps/bluejay/content/field.ts';
import { openDatabase } from '../../apps/bluejay/store/open-database.ts';
import { inTransaction } from '../../apps/bluejay/store/transaction.ts';
import {
  blogAuthor,
  blogCategory,
  blogPost,
  CONTENT_TYPES,
  homepageHero,
  homepageStat,
  product,
  productCategory,
  solution,
} from '../../apps/bluejay/types/index.ts';

const CATEGORIES = 20;
/** What the front page has place for. */
const FEATURED = 6;
const FEW = 6;
const TOGETHER = 500;

const [file = '', products = '0'] = process.argv.slice(2);
const database = openDatabase(file);
const content = openContent({ database, types: CONTENT_TYPES, activity: { record: () => {} }, now: Date.now, log: silentLog });

type Rows = Readonly<Record<string, readonly Readonly<Record<string, Value>>[]>>;
const create = (type: ContentType, fields: Readonly<Record<string, Value>>, children?: Rows): number => {
  const draft = {
    fields,
    ...(type.lifecycle === 'publication' && { status: 'published' as const }),
    ...(children && { children }),
  };
  const record: AnyRecord = content.create(type, draft, null);
  return record.id;
};

const WORDS = 'signal relay channel carrier noise shield ground antenna mixer filter band pass gain phase lock drift level'.split(
  ' ',
);
const words = (seed: number, count: number): string =>
  Array.from({ length: count }, (_, n) => WORDS[(seed * 7 + n * (1 + (seed % 5))) % WORDS.length]).join(' ');
const paragraphs = (seed: number, count: number): string =>
  Array.from({ length: count }, (_, n) => `<p>${words(seed + n, 60)}.</p>`).join('');
const several = <T>(count: number, make: (number: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, n) => make(n + 1));

inTransaction(database, () => {
  several(2, (n) => create(homepageHero, { headline: `Radio ${n}`, subheadline: words(n, 20) }));
  several(4, (n) => create(homepageStat, { value: `${n}00`, label: words(n, 2) }));
  several(FEW, (n) => create(solution, { title: `Solution ${n}`, icon: 'hub', shortDescription: words(n, 25) }));
  const category = create(blogCategory, { name: 'News' });
  const author = create(blogAuthor, { name: 'Ada', title: 'Engineer' });
  several(FEW, (n) => create(blogPost, { title: `Post ${n}`, excerpt: words(n, 25), body: paragraphs(n, 6), category, author }));
});
const categories = several(CATEGORIES, (n) =>
  create(productCategory, { name: `Category ${n}`, description: words(n, 20), icon: 'category' }),
);

for (let first = 1; first <= Number(products); first += TOGETHER)
  inTransaction(database, () => {
    for (let n = first; n < first + TOGETHER && n <= Number(products); n += 1) {
      const fields = {
        name: `Product ${n}`,
        sku: `P-${n}`,
        tagline: words(n, 8).slice(0, 100),
        category: categories[n % CATEGORIES] ?? 0,
        description: paragraphs(n, 4),
        overview: paragraphs(n + 1, 2),
        isFeatured: n <= FEATURED,
        featuredOrder: n <= FEATURED ? n : null,
      };
      const specs = several(8, (row) => ({
        section: row > 4 ? 'Power' : 'Radio',
        key: `Value ${row}`,
        value: words(n + row, 3),
      }));
      create(product, fields, { specs, features: several(4, (row) => ({ text: words(n + row, 8) })) });
    }
  });
database.close();
