/** Feeds and sitemaps of a full site, read by a real XML parser (`xmllint` of libxml2-utils), and the links in them followed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { blogPost } from '../../types/blog-post.ts';
import { openStorySite, type StorySite } from './testing/story-site.ts';

const ORIGIN = 'https://www.example.com';

describe('what programs read', () => {
  let site: StorySite;

  before(async () => {
    site = await openStorySite();
    // What is escaped in a page is escaped differently here.
    const { content, example } = site;
    const { fields } = content.find(blogPost, example.post) ?? { fields: {} };
    const title = `Cogs & <wheels> "]]>" \u{1F426}`;
    content.create(blogPost, { status: 'published', fields: { ...fields, title, excerpt: '&amp; ]]> <b>' } }, null);
  });
  after(() => site[Symbol.asyncDispose]());

  const parse = (text: string, ...more: readonly string[]): string => {
    const { status, stdout, stderr, error } = spawnSync('xmllint', ['--nonet', ...more, '-'], { input: text, encoding: 'utf8' });
    assert.ifError(error);
    assert.equal(status, 0, stderr);
    return stdout;
  };

  for (const path of ['/blog/feed.xml', '/blog/atom.xml'])
    test(`${path} is well-formed, and its entries lead to articles`, async () => {
      const { status, text } = await site.get(path);
      assert.equal(status, 200);
      parse(text, '--noout');
      assert.match(parse(text, '--xpath', '(//*[local-name()="title"])[2]/text()'), /Cogs &amp; &lt;wheels&gt;/);
      const links = [...text.matchAll(/(?:<link>|<link href=")(https:[^<"]+\/blog\/[^<"]+)/g)].map(([, link = '']) => link);
      const articles = links.filter((link) => !/\.(?:xml|json)$/.test(link));
      assert.equal(articles.length, 16);
      for (const link of articles) assert.equal((await site.get(link.replace(ORIGIN, ''))).status, 200, link);
    });

  test('every sitemap of the index is well-formed, and every address in it is there', async () => {
    const index = await site.get('/sitemap.xml');
    parse(index.text, '--noout');
    const locations = (text: string): readonly string[] =>
      [...text.matchAll(/<loc>https:\/\/www\.example\.com([^<]+)<\/loc>/g)].map(([, path = '']) => path);
    const lists = locations(index.text);
    assert.ok(lists.length >= 6, lists.join(' '));
    let count = 0;
    for (const list of lists) {
      const { text } = await site.get(list);
      parse(text, '--noout');
      for (const path of locations(text)) {
        assert.equal((await site.get(path)).status, 200, path);
        count += 1;
      }
    }
    assert.ok(count > 40, `${count} addresses`);
  });

  test('the JSON feed is JSON Feed 1.1', async () => {
    const feed = JSON.parse((await site.get('/blog/feed.json')).text) as {
      version: string;
      items: readonly { id: string; url: string }[];
    };
    assert.equal(feed.version, 'https://jsonfeed.org/version/1.1');
    assert.equal(new Set(feed.items.map(({ id }) => id)).size, 16);
  });

  test('robots are told where the sitemap is, and to leave the panel alone', async () => {
    assert.deepEqual((await site.get('/robots.txt')).text.split('\n'), [
      'User-agent: *',
      'Allow: /',
      'Disallow: /admin/',
      `Sitemap: ${ORIGIN}/sitemap.xml`,
      '',
    ]);
  });
});
