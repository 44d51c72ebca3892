/** Where the feeds of the blog are. */
import { html, type Html } from '../../../html/html.ts';
import { siteSettings } from '../../../types/site-settings.ts';
import type { PageContext, SitePage } from '../../site-frame.ts';

const FEEDS = [
  { name: 'RSS', type: 'application/rss+xml', path: '/blog/feed.xml' },
  { name: 'Atom', type: 'application/atom+xml', path: '/blog/atom.xml' },
  { name: 'JSON', type: 'application/feed+json', path: '/blog/feed.json' },
] as const;

/** For programs that read feeds. */
export const feedsOf = ({ view }: PageContext): NonNullable<SitePage['feeds']> => {
  const { siteName } = view.single(siteSettings).fields;
  return FEEDS.map(({ name, type, path }) => ({ title: `${siteName} (${name})`, type, path }));
};

/** For people. */
export const FEED_LINKS: Html = html`<p class="small feeds">Follow by ${FEEDS.map(
  ({ name, type, path }, index) => html`${index > 0 && ', '}<a href="${path}" type="${type}">${name}</a>`,
)}</p>`;
