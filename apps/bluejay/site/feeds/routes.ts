/** What programs read: sitemaps, feeds, robots.txt. */
import type { Routes } from '../../bluejay.ts';
import { type FeedSource, renderAtom, renderJsonFeed, renderRss } from './feed.ts';
import { renderSitemap, renderSitemapIndex } from './sitemap.ts';

const XML = 'application/xml; charset=utf-8';

export const feedRoutes: Routes = (_server, { site, media }) => {
  const feeds: readonly [path: string, contentType: string, render: (source: FeedSource) => string][] = [
    ['/blog/feed.xml', 'application/rss+xml; charset=utf-8', renderRss],
    ['/blog/atom.xml', 'application/atom+xml; charset=utf-8', renderAtom],
    ['/blog/feed.json', 'application/feed+json; charset=utf-8', renderJsonFeed],
  ];
  for (const [path, contentType, render] of feeds) site.document(path, contentType, (context) => render({ context, media }));
  site.document('/sitemap.xml', XML, ({ view, origin }) => renderSitemapIndex(view, origin));
  site.document('/sitemap-:name.xml', XML, ({ view, origin }, { name = '' }) => renderSitemap(view, origin, name));
  site.document(
    '/robots.txt',
    'text/plain; charset=utf-8',
    ({ origin }) => `User-agent: *\nAllow: /\nDisallow: /admin/\nSitemap: ${origin}/sitemap.xml\n`,
  );
};
