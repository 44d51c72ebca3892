import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { openSubmissions } from '../leads/submissions.ts';
import { blogAuthor, blogCategory, blogPost, product, productCategory } from '../types/index.ts';
import { openTestPanel, type TestPanel } from './testing/test-panel.ts';

const EDITOR = { id: 1, name: 'Edda' };
const HOUR_MS = 3_600_000;

let panel: TestPanel;

/** The text of the page without its tags, in one line. */
const textOf = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

suite('the dashboard', () => {
  before(async () => {
    panel = await openTestPanel();
    const { content } = panel;
    const category = content.create(productCategory, { fields: { name: 'Sensors', description: 'x' } }, EDITOR).id;
    for (const [index, status] of (['published', 'published', 'draft', 'archived'] as const).entries())
      content.create(
        product,
        { status, fields: { name: `P-${index}`, sku: `P-${index}`, category, description: '<p>x</p>' } },
        EDITOR,
      );
    const topic = content.create(blogCategory, { fields: { name: 'News' } }, EDITOR).id;
    const author = content.create(blogAuthor, { fields: { name: 'Aura', title: 'Engineer' } }, EDITOR).id;
    const fields = { excerpt: 'x', body: '<p>x</p>', category: topic, author };
    for (const [title, hours] of [
      ['The later one', 20],
      ['The sooner one', 2],
    ] as const)
      content.create(
        blogPost,
        { status: 'published', publishAtMs: panel.clock.nowMs + hours * HOUR_MS, fields: { ...fields, title } },
        EDITOR,
      );
    const submissions = openSubmissions(panel.database, panel.bluejay.now);
    const message = { name: 'Vera', email: 'vera@example.com', phone: '1', company: 'V', message: 'Hello', product: '' };
    for (const name of ['Vera', 'Otto'])
      submissions.add({ ...message, name, inquiry: 'sales', kind: 'contact', network: '192.0.2.0', userAgent: 'a browser' });
    submissions.update(1, { status: 'read', notes: '' });
    panel.bluejay.activity.record({
      actor: EDITOR,
      action: 'published',
      resource: 'product',
      resourceId: 1,
      title: 'P-0',
      description: 'Published the product “P-0”.',
    });
  });
  after(async () => panel[Symbol.asyncDispose]());

  test('it counts what is published, drafted, waiting and new', async () => {
    const text = textOf((await panel.get('editor', '/admin/dashboard')).body);
    assert.match(text, /Products 2 published 1 draft /);
    assert.match(text, /Blog posts 0 published 0 drafts · 2 scheduled/);
    assert.match(text, /Partners 0 /);
    assert.match(text, /Submissions 1 new 2 in all/);
    assert.match(text, /Published the product “P-0”\. Edda/);
  });

  test('what appears next stands first', async () => {
    assert.match(
      textOf((await panel.get('viewer', '/admin/dashboard')).body),
      /Scheduled The sooner one .* The later one .* Drafts P-2/,
    );
  });

  test('personal data, the activity log and what one may not begin are not there for everybody', async () => {
    const viewer = textOf((await panel.get('viewer', '/admin/dashboard')).body);
    for (const hidden of [/Submissions/, /Recent activity/, /New product/, /Upload/]) assert.doesNotMatch(viewer, hidden);
    assert.match(textOf((await panel.get('author', '/admin/dashboard')).body), /New product/);
  });
});
