/** For everybody who edits: axe finds nothing serious in the forms and in the screen of a conflict, on a desk and on a phone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EDITOR } from '../../admin/form/testing/form-parts.ts';
import { installFormSite } from '../../admin/form/testing/form-site.ts';
import { findBarriers } from '../../testing/axe.ts';
import { blogTag } from '../../types/blog-tag.ts';
import { product } from '../../types/product.ts';
import { productCategory } from '../../types/product-category.ts';

const site = installFormSite();

const prepare = (name: string) => {
  const { content } = site();
  const fields = { name: `${name} pumps`, description: 'All' };
  const category = content.create(productCategory, { status: 'published', fields }, EDITOR).id;
  for (const tag of ['Pumps', 'Valves']) content.create(blogTag, { fields: { name: `${tag} ${name}` } }, EDITOR);
  return content.create(
    product,
    {
      status: 'published',
      fields: { name, sku: name, category, description: '<p>Fast <a href="/contact">and</a> quiet</p>', primaryImage: 3 },
      children: {
        features: [{ text: 'Steel' }],
        certifications: [{ name: 'CE', icon: 'verified' }],
        specs: [{ section: 'Size', key: 'Width', value: '2 m' }],
      },
    },
    EDITOR,
  );
};

for (const { what, options } of [
  { what: 'desk', options: {} },
  { what: 'phone', options: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } },
])
  test(`axe finds nothing serious in forms and conflicts on a ${what}, and nothing is wider than the screen`, async () => {
    const { content, open } = site();
    const record = prepare(what);
    const { page, complaints } = await open(`/admin/products/${record.id}/edit`, options);
    const look = async (where: string): Promise<void> => {
      assert.deepEqual(await findBarriers(page), [], where);
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(tooWide, 0, `${where} is too wide`);
    };
    await page.getByRole('toolbar').first().waitFor();
    await look('a form');
    await page.locator('#in-field-featuredOrder').fill('twelve');
    await page.getByRole('button', { name: 'Update' }).click();
    await page.getByText('Not saved: one thing has to be corrected.').waitFor();
    await look('a form with a problem');
    await page.locator('#in-field-featuredOrder').fill('12');
    await page.locator('#in-field-tagline').fill('Mine is quiet and fast');
    const theirs = { fields: { tagline: 'Theirs is loud and fast', videoUrl: 'https://example.com/' } };
    content.update(product, record.id, theirs, { version: 1, actor: { id: 2, name: 'Bob' } });
    await page.getByRole('button', { name: 'Update' }).click();
    await page.getByText('while you were writing').waitFor();
    await look('a conflict');
    await page.goto(`${site().base}/admin/blog/posts/new`);
    await page.getByRole('combobox', { name: /Tags/ }).fill(what);
    await page.locator('li[role="option"]').first().waitFor();
    await look('a picker');
    assert.deepEqual(complaints, []);
  });
