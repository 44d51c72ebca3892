/** Every page that tells something: good HTML, the right facts, and nothing of what is not published. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Content } from '../../content/content.ts';
import type { ContentType } from '../../content/content-type.ts';
import * as types from '../../types/index.ts';
import { findHtmlMistakes } from '../testing/html-validator.ts';
import { minutesToRead } from './blog/post-facts.ts';
import { HIDDEN } from './testing/example-stories.ts';
import { openStorySite, type StorySite } from './testing/story-site.ts';

const ARTICLE = '/blog/why-zero-is-the-hardest-number-to-measure';
const STORY = '/case-studies/a-brewery-that-hears-its-tanks';
const PAPER = '/whitepapers/how-often-to-calibrate';

const PAGES = [
  '/blog',
  '/blog?page=2',
  '/blog?category=company',
  '/blog?category=company&page=2',
  '/blog?tag=water',
  '/blog?category=company&tag=field-notes',
  ARTICLE,
  '/blog/how-a-leak-sounds',
  '/case-studies',
  '/case-studies?industry=3',
  STORY,
  '/whitepapers',
  '/whitepapers?topic=1',
  PAPER,
  '/about',
  '/partners',
  '/contact',
  '/contact?type=rfq',
  '/contact?type=rfq&product=WR-4-100',
];
const FEEDS = ['/blog/feed.xml', '/blog/atom.xml', '/blog/feed.json', '/sitemap.xml', '/robots.txt'];

const structuredOf = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  [...text.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/g)].map(([, json = '']) => JSON.parse(json));

const set = (content: Content, type: ContentType, fields: Readonly<Record<string, string | number | boolean | null>>): void => {
  const { id, version } = content.single(type);
  content.update(type, id, { fields }, { version, actor: null });
};

describe('pages that tell', () => {
  let site: StorySite;
  const textOf = async (path: string): Promise<string> => (await site.get(path)).text;

  before(async () => {
    site = await openStorySite();
  });
  after(() => site[Symbol.asyncDispose]());

  for (const path of PAGES)
    test(`${path} is valid, has its headings in order, and no style of its own`, async () => {
      const { status, text } = await site.get(path);
      assert.equal(status, 200);
      assert.deepEqual(await findHtmlMistakes(text), []);
      const levels = [...text.matchAll(/<h([1-6])[\s>]/g)].map(([, level]) => Number(level));
      assert.equal(levels.filter((level) => level === 1).length, 1);
      for (const [index, level] of levels.entries()) assert.ok(level - (levels[index - 1] ?? 0) <= 1, `h${level} at ${index}`);
      assert.doesNotMatch(text, / style=|<style|<script>|undefined|NaN|\[object/);
      for (const data of structuredOf(text)) assert.equal(data['@context'], 'https://schema.org');
    });

  test('nothing that nobody may see is on any page, feed or sitemap, nor on what they link to, until its moment', async () => {
    await using site = await openStorySite();
    const crawl = async (): Promise<{ readonly seen: ReadonlySet<string>; readonly hidden: readonly string[] }> => {
      const [seen, hidden] = [new Set<string>(), new Set<string>()];
      const waiting = ['/', ...PAGES, ...FEEDS, '/search?q=peregrine', '/search/suggest?q=peregrine', '/sitemap-blog-post-1.xml'];
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
        if (seen.has(path)) continue;
        seen.add(path);
        const { status, text } = await site.get(path);
        if (status !== 200) continue;
        // Words that were asked for are repeated.
        for (const [found] of text.replaceAll('peregrine', '').matchAll(new RegExp(`${HIDDEN} [a-z0-9]+`, 'gi')))
          hidden.add(found);
        for (const [, link = ''] of text.matchAll(/(?:href="|<loc>https:\/\/www\.example\.com)(\/[^"#<]*)/g))
          waiting.push(link.replaceAll('&amp;', '&'));
      }
      return { seen, hidden: [...hidden] };
    };
    const first = await crawl();
    assert.deepEqual(first.hidden, []);
    assert.ok(first.seen.size > 60, `${first.seen.size} pages were looked at`);
    site.clock.nowMs = site.example.appearsAtMs;
    const { hidden } = await crawl();
    assert.ok(hidden.includes(`${HIDDEN} 2`), 'what was scheduled is there');
    for (const number of [0, 1, 3]) assert.ok(!hidden.includes(`${HIDDEN} ${number}`), `${number} is not`);
    for (const what of ['partner', 'quote', 'office']) assert.ok(!hidden.includes(`${HIDDEN} ${what}`), what);
  });

  for (const folder of ['blog', 'case-studies', 'whitepapers'])
    for (const number of [0, 1, 2, 3])
      test(`/${folder}/peregrine-${number} is not found`, async () => {
        assert.equal((await site.get(`/${folder}/peregrine-${number}`)).status, 404);
      });

  for (const [path, status] of [
    ['/case-studies?industry=abc', 400],
    ['/case-studies?industry=1e2', 400],
    ['/case-studies?industry=-1', 400],
    ['/whitepapers?topic=x', 400],
    ['/case-studies?industry=999999', 404],
    ['/case-studies?industry=', 200],
    ['/whitepapers?topic=999999', 404],
    ['/blog?category=nonsense', 404],
    ['/blog?tag=nonsense', 404],
    ['/blog?page=3', 404],
    ['/blog?page=x', 404],
    ['/blog/nonsense', 404],
  ] as const)
    test(`${path} answers ${status}, with a valid page`, async () => {
      const answer = await site.get(path);
      assert.equal(answer.status, status);
      assert.deepEqual(await findHtmlMistakes(answer.text), []);
    });

  test('every article is on exactly one page of the blog, the newest first and large', async () => {
    const pages = await Promise.all(['/blog', '/blog?page=2'].map(textOf));
    const links = pages.flatMap((text) =>
      [...text.matchAll(/class="card-link[^"]*" href="(\/blog\/[^"]+)"/g)].map(([, link]) => link),
    );
    assert.equal(links.length, 15);
    assert.equal(new Set(links).size, 15);
    assert.match(pages[0] ?? '', /lead-post[^]*?\/blog\/ten-years-in-a-dairy/);
    assert.doesNotMatch(pages[1] ?? '', /lead-post/);
    assert.match(pages[0] ?? '', /rel="alternate" type="application\/rss\+xml"[^>]* href="\/blog\/feed\.xml"/);
  });

  test('an article tells programs who wrote it, when, and for how long one reads', async () => {
    const article = structuredOf(await textOf(ARTICLE)).find((data) => data['@type'] === 'BlogPosting');
    assert.partialDeepStrictEqual(article, {
      headline: 'Why zero is the hardest number to measure',
      author: { '@type': 'Person', name: 'Tomas Reuter', jobTitle: 'Head of calibration' },
      publisher: { '@type': 'Organization', name: 'Bluejay Instruments' },
      mainEntityOfPage: { '@id': `https://www.example.com${ARTICLE}` },
      articleSection: 'Company',
      datePublished: new Date(site.clock.nowMs - 8 * 86_400_000).toISOString(),
    });
  });

  test('reading takes a minute for 200 words, and never less', () => {
    for (const [words, minutes] of [
      [0, 1],
      [199, 1],
      [299, 1],
      [301, 2],
      [2_000, 10],
    ] as const)
      assert.equal(minutesToRead(`<p>${'word '.repeat(words)}</p>`), minutes, `${words} words`);
  });

  test('from each article one comes to the next and the previous one, through all of them', async () => {
    const seen: string[] = [];
    for (let path: string | undefined = '/blog/ten-years-in-a-dairy'; path !== undefined; ) {
      seen.push(path);
      const text = await textOf(path);
      const newer: string | undefined = /rel="next" href="(\/blog\/[^"]+)"><span/.exec(text)?.[1];
      assert.equal(newer, seen.at(-2), `after ${path}`);
      path = /rel="prev" href="(\/blog\/[^"]+)"><span/.exec(text)?.[1];
    }
    assert.equal(new Set(seen).size, 15);
  });

  for (const [type, field, path, pattern] of [
    [types.blogSettings, 'showAuthor', ARTICLE, /Tomas Reuter/],
    [types.blogSettings, 'showDate', ARTICLE, /24 May 2026|datePublished/],
    [types.blogSettings, 'showCategories', '/blog', /Engineering/],
    [types.blogSettings, 'showTags', ARTICLE, /\/blog\?tag=|keywords":/],
    [types.blogSettings, 'showSearch', '/blog', /Search the blog/],
    [types.aboutSettings, 'showMission', '/about', /What we want|What we hold to/],
    [types.aboutSettings, 'showMilestones', '/about', /The first Wren/],
    [types.aboutSettings, 'showCertifications', '/about', /ISO 9001/],
    [types.aboutSettings, 'showTeam', '/about', /Tomas Reuter/],
  ] as const)
    test(`${field} shows and hides`, async () => {
      assert.match(await textOf(path), pattern);
      set(site.content, type, { [field]: false });
      assert.doesNotMatch(await textOf(path), pattern);
      set(site.content, type, { [field]: true });
      assert.match(await textOf(path), pattern);
    });

  test('the primary office stands first, and a quote is asked for a product that exists', async () => {
    const contact = await textOf('/contact');
    assert.match(contact, /Head office[^]*Pune/);
    assert.match(await textOf('/contact?type=rfq&product=WR-4-100'), /name="product" value="WR-4-100"/);
    assert.match(await textOf('/contact?type=rfq&product=SECRET-1'), /name="product" value=""/, 'a draft is not known');
    assert.doesNotMatch(contact, /name="product"/);
  });

  test('addresses that somebody makes up are not kept', async () => {
    await textOf('/contact?type=rfq&product=WR-4-100');
    const { size } = site.site.cache;
    for (let number = 0; number < 20; number += 1) {
      await textOf(`/contact?type=rfq&product=X-${number}`);
      await textOf(`/contact?type=${number}`);
      await textOf(`/case-studies?industry=x${number}`);
    }
    assert.equal(site.site.cache.size, size);
  });

  test('a page is kept for as long as was agreed, and made anew at once when what it shows changes', async () => {
    await using site = await openStorySite();
    const misses = async (path: string): Promise<number> => {
      const { misses: earlier } = site.counts;
      await site.get(path);
      return site.counts.misses - earlier;
    };
    for (const [path, seconds] of [
      ['/blog', 300],
      [ARTICLE, 600],
      ['/case-studies', 600],
      [STORY, 1_800],
      ['/whitepapers', 600],
      [PAPER, 900],
      ['/about', 300],
      ['/partners', 300],
      ['/contact', 3_599],
    ] as const) {
      site.clock.nowMs += 86_400_000;
      assert.equal(await misses(path), 1, path);
      site.clock.nowMs += seconds * 1_000 - 1;
      assert.equal(await misses(path), 0, path);
      site.clock.nowMs += 1_001;
      assert.equal(await misses(path), 1, path);
    }
    assert.match(String((await site.get('/about')).headers['cache-control']), /^no-cache$/);
    set(site.content, types.companyOverview, { headline: 'Changed at once' });
    assert.match((await site.get('/about')).text, /Changed at once/);
  });

  test('a whitepaper is given out by no page, only its size is told', async () => {
    const text = await textOf(PAPER);
    assert.doesNotMatch(text, /\/files\/|\/uploads\/file-9|\/downloads\/|calibrate\.pdf/);
    assert.match(text, /PDF, 2\.3 MB/);
    assert.equal([...text.matchAll(/<h3 class="card-title">/g)].length, 3, 'three of the same topic');
    assert.doesNotMatch(text, /Gateways that forget nothing/);
  });

  test('a site without any story has all of its pages', async () => {
    await using empty = await openStorySite({ isEmpty: true });
    for (const path of ['/blog', '/case-studies', '/whitepapers', '/about', '/partners', '/contact']) {
      const { status, text } = await empty.get(path);
      assert.equal(status, 200, path);
      assert.deepEqual(await findHtmlMistakes(text), [], path);
    }
  });
});
