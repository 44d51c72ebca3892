/** What a page says to search engines, in the words of schema.org. */
import { type Html, trusted } from '../html/html.ts';
import { siteSettings } from '../types/site-settings.ts';
import { headerSettings } from '../types/header-settings.ts';
import type { Breadcrumb } from './parts/breadcrumbs.ts';
import { socialPages } from './social-links.ts';
import type { PageContext } from './site-frame.ts';

export type Structured = Readonly<Record<string, unknown>>;

const SCHEMA = 'https://schema.org';

/** As one <script>: data, which no policy for scripts concerns. What could end the element is written differently. */
export const structuredData = (data: Structured): Html => {
  const json = JSON.stringify({ '@context': SCHEMA, ...data });
  const safe = json.replaceAll(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return trusted(`<script type="application/ld+json">${safe}</script>`);
};

export const breadcrumbData = ({ origin }: PageContext, crumbs: readonly Breadcrumb[]): Structured => ({
  '@type': 'BreadcrumbList',
  itemListElement: [{ label: 'Home', path: '/' }, ...crumbs].map(({ label, path }, index) => ({
    '@type': 'ListItem',
    position: index + 1,
    name: label,
    item: origin + path,
  })),
});

export const organizationData = (context: PageContext): Structured => {
  const { fields } = context.view.single(siteSettings);
  const logo = context.imagePath(context.view.single(headerSettings).fields.logo, 512);
  const pages = socialPages(fields).map(({ href }) => href);
  return {
    '@type': 'Organization',
    name: fields.siteName,
    url: `${context.origin}/`,
    ...(logo === undefined ? {} : { logo: context.origin + logo }),
    ...(fields.aboutText === '' ? {} : { description: fields.aboutText }),
    ...(fields.contactEmail === '' ? {} : { email: fields.contactEmail }),
    ...(fields.contactPhone === '' ? {} : { telephone: fields.contactPhone }),
    ...(pages.length === 0 ? {} : { sameAs: pages }),
  };
};

export const websiteData = (context: PageContext): Structured => ({
  '@type': 'WebSite',
  name: context.view.single(siteSettings).fields.siteName,
  url: `${context.origin}/`,
  potentialAction: {
    '@type': 'SearchAction',
    target: { '@type': 'EntryPoint', urlTemplate: `${context.origin}/search?q={search_term_string}` },
    'query-input': 'required name=search_term_string',
  },
});
