import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENT_TYPES, product, productCategory } from '../types/index.ts';
import type { ContentType } from './content-type.ts';
import { openView } from './open-view.ts';
import { findForeignAddress, findRedirect, keepForeignAddress } from './redirects.ts';
import { openTestContent, type TestContent } from './testing/test-content.ts';

type Site = TestContent & {
  readonly leads: (path: string) => string | undefined;
  readonly rename: (type: ContentType, id: number, slug: string) => void;
  readonly category: number;
  readonly pump: number;
};

const openSite = async (): Promise<Site> => {
  const opened = await openTestContent();
  const { content, database, clock } = opened;
  const category = content.create(productCategory, { fields: { name: 'Pumps', description: 'All' } }, null).id;
  const pump = content.create(
    product,
    { status: 'published', fields: { name: 'P1', sku: 'P1', category, description: '<p>a</p>' } },
    null,
  ).id;
  return Object.assign(opened, {
    category,
    pump,
    leads: (path: string) => openView({ database, types: CONTENT_TYPES, now: () => clock.nowMs }).redirectFor(path),
    rename: (type: ContentType, id: number, slug: string) => {
      content.update(type, id, { slug, fields: {} }, { version: content.find(type, id)?.version ?? 0, actor: null });
    },
  });
};

test('an address leads to where the record is now, in one step whatever it was called in between', async () => {
  using site = await openSite();
  for (const slug of ['p2', 'p3', 'p4']) site.rename(product, site.pump, slug);
  for (const slug of ['p1', 'p2', 'p3']) assert.equal(site.leads(`/products/pumps/${slug}`), '/products/pumps/p4');
});

test('where it is now leads nowhere else', async () => {
  using site = await openSite();
  site.rename(product, site.pump, 'p2');
  assert.equal(site.leads('/products/pumps/p2'), undefined);
});

test('a slug that comes back makes no circle', async () => {
  using site = await openSite();
  site.rename(product, site.pump, 'p2');
  site.rename(product, site.pump, 'p1');
  assert.equal(site.leads('/products/pumps/p1'), undefined);
  assert.equal(site.leads('/products/pumps/p2'), '/products/pumps/p1');
});

test('a slug that another record takes is that of the other', async () => {
  using site = await openSite();
  site.rename(product, site.pump, 'p2');
  const other = site.content.create(
    product,
    { status: 'published', slug: 'p1', fields: { name: 'New', sku: 'N', category: site.category, description: '<p>b</p>' } },
    null,
  );
  assert.equal(other.slug, 'p1');
  assert.equal(site.leads('/products/pumps/p1'), undefined);
  assert.equal(findRedirect(site.database, product, 'p1'), undefined);
});

test('a category that is renamed takes its products with it, by whichever name they were known', async () => {
  using site = await openSite();
  site.rename(product, site.pump, 'p2');
  site.rename(productCategory, site.category, 'all-pumps');
  assert.equal(site.leads('/products/pumps'), '/products/all-pumps');
  assert.equal(site.leads('/products/pumps/p2'), '/products/all-pumps/p2');
  assert.equal(site.leads('/products/pumps/p1'), '/products/all-pumps/p2');
});

test('a product that moves to another category is found under its former one', async () => {
  using site = await openSite();
  const valves = site.content.create(productCategory, { fields: { name: 'Valves', description: 'All' } }, null).id;
  const version = site.content.find(product, site.pump)?.version ?? 0;
  site.content.update(product, site.pump, { fields: { category: valves } }, { version, actor: null });
  assert.equal(site.leads('/products/pumps/p1'), '/products/valves/p1');
});

const nowhere = [
  '/products/pumps/never',
  '/nothing',
  '/products',
  '/products/pumps/p1/more',
  '/products/pumps/%E0%A4%A',
  '//evil.example',
  '',
];
for (const path of nowhere) {
  test(`${JSON.stringify(path)} was never an address`, async () => {
    using site = await openSite();
    assert.equal(site.leads(path), undefined);
  });
}

test('a slash too many is taken away', async () => {
  using site = await openSite();
  assert.equal(site.leads('/products/pumps/p1/'), '/products/pumps/p1');
});

test('what is deleted leaves no address behind', async () => {
  using site = await openSite();
  site.rename(product, site.pump, 'p2');
  site.content.remove(product, site.pump, null);
  assert.equal(site.leads('/products/pumps/p1'), undefined);
  assert.equal(site.database.prepare('SELECT count(*) AS n FROM redirects').get()?.['n'], 0);
});

const foreign = [
  ['/2024/01/pumps/', '/2024/01/pumps/'],
  ['/2024/01/pumps/', '/2024/01/pumps'],
  ['/%e6%b0%b4/', '/%E6%B0%B4'],
  ['/水', '/%e6%b0%b4'],
] as const;
for (const [kept, asked] of foreign) {
  test(`what another site showed under ${kept} is found when ${asked} is asked for`, async () => {
    using site = await openSite();
    const pump = { type: product.name, record: site.pump };
    assert.equal(keepForeignAddress(site.database, kept, pump), true);
    assert.equal(keepForeignAddress(site.database, asked, { ...pump, record: site.pump + 1 }), false, 'the first has it');
    assert.equal(site.leads(asked), '/products/pumps/p1');
    site.rename(product, site.pump, 'p2');
    assert.equal(site.leads(asked), '/products/pumps/p2');
    const version = site.content.find(product, site.pump)?.version ?? 0;
    site.content.update(product, site.pump, { status: 'draft', fields: {} }, { version, actor: null });
    assert.equal(site.leads(asked), undefined, 'a draft is nowhere');
    site.content.remove(product, site.pump, null);
    assert.equal(findForeignAddress(site.database, asked), undefined);
  });
}

test('a page of another site that has the address of ours leads nowhere', async () => {
  using site = await openSite();
  keepForeignAddress(site.database, '/products/pumps/p1', { type: product.name, record: site.pump });
  assert.equal(site.leads('/products/pumps/p1'), undefined);
});
