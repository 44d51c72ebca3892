/** What search engines are told is there: an index, and a list for the fixed pages and for each type that has pages. */
import type { ContentView } from '../../content/content-view.ts';
import type { ContentType } from '../../content/content-type.ts';
import { CONTENT_TYPES, siteSettings } from '../../types/index.ts';
import { type Xml, xml, xmlDocument } from './xml.ts';

/** The protocol allows 50,000 addresses in 50 MB; fewer are made faster. */
const ADDRESSES_PER_FILE = 5_000;
const NAMESPACE = 'http://www.sitemaps.org/schemas/sitemap/0.9';

type Entry = { readonly path: string; readonly changes: string; readonly priority: number; readonly changedAtMs?: number };

const FIXED_PAGES: readonly Entry[] = [
  { path: '/', changes: 'weekly', priority: 1 },
  { path: '/products', changes: 'weekly', priority: 0.9 },
  { path: '/solutions', changes: 'weekly', priority: 0.9 },
  { path: '/blog', changes: 'daily', priority: 0.8 },
  { path: '/case-studies', changes: 'weekly', priority: 0.7 },
  { path: '/whitepapers', changes: 'weekly', priority: 0.7 },
  { path: '/about', changes: 'monthly', priority: 0.7 },
  { path: '/partners', changes: 'monthly', priority: 0.7 },
  { path: '/contact', changes: 'monthly', priority: 0.6 },
];

/** `/sitemap.xml`: where the lists are. @param base `https://www.example.com` */
export const renderSitemapIndex = (view: ContentView, base: string): string => {
  const lists = listedTypes(view).flatMap((type) => {
    const files = Math.ceil(view.count(type) / ADDRESSES_PER_FILE);
    return Array.from({ length: files }, (_, index) => `/sitemap-${type.name}-${index + 1}.xml`);
  });
  const sitemaps = ['/sitemap-pages-1.xml', ...lists].map((path) => xml`<sitemap><loc>${base + path}</loc></sitemap>\n`);
  return xmlDocument(xml`<sitemapindex xmlns="${NAMESPACE}">\n${sitemaps}</sitemapindex>`);
};

/** `/sitemap-<name>.xml`; undefined for a name that the index does not give. @param name `product-1`, `pages-1` */
export const renderSitemap = (view: ContentView, base: string, name: string): string | undefined => {
  const entries = entriesOf(view, name);
  if (entries === undefined) return undefined;
  return xmlDocument(xml`<urlset xmlns="${NAMESPACE}">\n${entries.map((entry) => renderEntry(entry, base))}</urlset>`);
};

const entriesOf = (view: ContentView, name: string): readonly Entry[] | undefined => {
  if (name === 'pages-1') return FIXED_PAGES.filter(({ path }) => isListed(view, path));
  const [, typeName, number] = /^(.+)-([1-9]\d{0,3})$/.exec(name) ?? [];
  const type = listedTypes(view).find((one) => one.name === typeName);
  const { sitemap } = type ?? {};
  if (type === undefined || sitemap === undefined) return undefined;
  const offset = (Number(number) - 1) * ADDRESSES_PER_FILE;
  const records = view.list(type, { order: [{ by: 'id', direction: 'ascending' }], limit: ADDRESSES_PER_FILE, offset });
  if (records.length === 0) return undefined;
  return records.flatMap((record) => {
    const path = view.pathOf(type, record);
    return path === undefined ? [] : [{ path, changedAtMs: record.updatedAtMs, ...sitemap }];
  });
};

const renderEntry = ({ path, changes, priority, changedAtMs }: Entry, base: string): Xml => {
  const changed = changedAtMs === undefined ? null : xml`<lastmod>${new Date(changedAtMs).toISOString()}</lastmod>`;
  return xml`<url><loc>${base + path}</loc>${changed}<changefreq>${changes}</changefreq><priority>${priority.toFixed(1)}</priority></url>\n`;
};

const listedTypes = (view: ContentView): readonly ContentType[] =>
  CONTENT_TYPES.filter(({ sitemap, page }) => sitemap !== undefined && page !== undefined && isListed(view, page));

/** Two kinds of pages can be left out, with their lists. */
const isListed = (view: ContentView, path: string): boolean => {
  const { showCaseStudiesInSitemap, showWhitepapersInSitemap } = view.single(siteSettings).fields;
  if (path.startsWith('/case-studies')) return showCaseStudiesInSitemap;
  if (path.startsWith('/whitepapers')) return showWhitepapersInSitemap;
  return true;
};
