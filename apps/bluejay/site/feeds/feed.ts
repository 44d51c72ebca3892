/** The blog for readers of feeds: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1, of the same entries. */
import { expandRichText } from '../../content/sanitise.ts';
import { html, type Html } from '../../html/html.ts';
import type { Media } from '../../media/media.ts';
import type { PageContext } from '../site-frame.ts';
import { blogAuthor, blogPost, blogTag, siteSettings } from '../../types/index.ts';
import { xml, xmlDocument } from './xml.ts';

const ENTRIES = 20;
const PICTURE_PIXELS = 1_280;

export type FeedSource = {
  readonly context: PageContext;
  readonly media: Pick<Media, 'find'>;
};

type Entry = {
  readonly url: string;
  readonly title: string;
  readonly summary: string;
  readonly content: string;
  readonly author: string;
  readonly tags: readonly string[];
  readonly publishedAtMs: number;
  readonly updatedAtMs: number;
};

type Feed = {
  readonly title: string;
  readonly description: string;
  readonly entries: readonly Entry[];
  readonly updatedAtMs: number;
};

export const renderRss = (source: FeedSource): string => {
  const { title, description, entries } = readFeed(source);
  const items = entries.map(
    (entry) => xml`<item>
<title>${entry.title}</title>
<link>${entry.url}</link>
<guid isPermaLink="true">${entry.url}</guid>
<pubDate>${new Date(entry.publishedAtMs).toUTCString()}</pubDate>
<dc:creator>${entry.author}</dc:creator>
${entry.tags.map((tag) => xml`<category>${tag}</category>\n`)}<description>${entry.summary}</description>
<content:encoded>${entry.content}</content:encoded>
</item>
`,
  );
  return xmlDocument(xml`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>${title}</title>
<link>${source.context.origin}/blog</link>
<description>${description}</description>
<atom:link href="${source.context.origin}/blog/feed.xml" rel="self" type="application/rss+xml"/>
${items}</channel>
</rss>`);
};

export const renderAtom = (source: FeedSource): string => {
  const { title, description, entries, updatedAtMs } = readFeed(source);
  const items = entries.map(
    (entry) => xml`<entry>
<title>${entry.title}</title>
<link href="${entry.url}"/>
<id>${entry.url}</id>
<published>${new Date(entry.publishedAtMs).toISOString()}</published>
<updated>${new Date(entry.updatedAtMs).toISOString()}</updated>
<author><name>${entry.author}</name></author>
${entry.tags.map((tag) => xml`<category term="${tag}"/>\n`)}<summary>${entry.summary}</summary>
<content type="html">${entry.content}</content>
</entry>
`,
  );
  return xmlDocument(xml`<feed xmlns="http://www.w3.org/2005/Atom">
<title>${title}</title>
<subtitle>${description}</subtitle>
<link href="${source.context.origin}/blog"/>
<link href="${source.context.origin}/blog/atom.xml" rel="self"/>
<id>${source.context.origin}/blog</id>
<updated>${new Date(updatedAtMs).toISOString()}</updated>
${items}</feed>`);
};

export const renderJsonFeed = (source: FeedSource): string => {
  const { title, description, entries } = readFeed(source);
  const items = entries.map((entry) => ({
    id: entry.url,
    url: entry.url,
    title: entry.title,
    summary: entry.summary,
    content_html: entry.content,
    date_published: new Date(entry.publishedAtMs).toISOString(),
    date_modified: new Date(entry.updatedAtMs).toISOString(),
    authors: [{ name: entry.author }],
    tags: entry.tags,
  }));
  const feed = {
    version: 'https://jsonfeed.org/version/1.1',
    title,
    description,
    home_page_url: `${source.context.origin}/blog`,
    feed_url: `${source.context.origin}/blog/feed.json`,
    items,
  };
  return `${JSON.stringify(feed)}\n`;
};

const readFeed = ({ context, media }: FeedSource): Feed => {
  const { view, origin } = context;
  const { siteName, siteTagline, metaDescription } = view.single(siteSettings).fields;
  const entries = view.list(blogPost, { limit: ENTRIES }).map((post): Entry => {
    const { title, excerpt, body, author, tags } = post.fields;
    return {
      url: origin + (view.pathOf(blogPost, post) ?? '/blog'),
      title,
      summary: excerpt,
      content: absolute(expandRichText(body, (id) => pictureOf(id, { context, media })).html, origin),
      author: view.find(blogAuthor, author)?.fields.name ?? siteName,
      tags: view.findAll(blogTag, tags).map((tag) => tag.fields.name),
      publishedAtMs: post.publishAtMs ?? post.createdAtMs,
      updatedAtMs: post.updatedAtMs,
    };
  });
  // Atom wants a moment also of a feed without entries.
  const updatedAtMs = Math.max(0, ...entries.map((entry) => Math.max(entry.updatedAtMs, entry.publishedAtMs)));
  return { title: siteName, description: siteTagline || metaDescription || `News of ${siteName}`, entries, updatedAtMs };
};

/** One plain <img>: readers of feeds know no <picture>. */
const pictureOf = (id: number, { context, media }: FeedSource): Html => {
  const path = context.imagePath(id, PICTURE_PIXELS);
  return path === undefined ? html`` : html`<img src="${context.origin + path}" alt="${media.find(id)?.alt}">`;
};

/** Readers of feeds show the text elsewhere: links into the site need its address. */
const absolute = (text: string, origin: string): string => text.replaceAll(/ (href|src)="\/(?!\/)/g, ` $1="${origin}/`);
