/** A whole page: head, header, what it is about, footer. */
import { type AssetName, assetPath } from '../html/assets.ts';
import { attribute, html, type Html } from '../html/html.ts';
import { siteSettings } from '../types/site-settings.ts';
import { mark } from './brand.ts';
import { siteFooter } from './footer.ts';
import { siteHeader } from './header.ts';
import type { ReadMenu } from './menu.ts';
import { breadcrumbs } from './parts/breadcrumbs.ts';
import type { PageContext, SitePage } from './site-frame.ts';
import { breadcrumbData, structuredData } from './structured.ts';

export type PageParts = {
  readonly context: PageContext;
  readonly page: SitePage;
  readonly readMenu: ReadMenu;
  /** Above everything: the bar of a preview. */
  readonly bar?: Html | undefined;
};

export const renderPage = ({ context, page, readMenu, bar }: PageParts): string => {
  const crumbs = page.breadcrumbs ?? [];
  return document(
    head(context, page),
    html`<a class="skip" href="#content">Skip to the content</a>
${bar}
${siteHeader(context, readMenu)}
<main id="content" tabindex="-1">
${breadcrumbs(crumbs)}
${page.body}
</main>
${siteFooter(context, readMenu)}`,
  );
};

/** Without header and footer, which read from the database. */
export const renderFailure = (page: SitePage): string =>
  document(
    html`<title>${page.title}</title>
<meta name="robots" content="noindex">
${styles()}`,
    html`<header class="site-header"><div class="wide"><a class="site-logo" href="/" aria-label="Front page">${mark()}</a></div></header>
<main id="content">${page.body}</main>`,
  );

const document = (inHead: Html, inBody: Html): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${inHead}
</head>
<body>
${inBody}
</body>
</html>
`.html;

const FONTS: readonly AssetName[] = ['site/fonts/jetbrains-mono.woff2', 'site/fonts/inter.woff2'];

/** Fonts that the first view needs: the browser learns of them before it has read the style. Nothing before the first build. */
const preloads = (): readonly Html[] =>
  FONTS.flatMap((name) => {
    const path = assetPath(name);
    return path.endsWith(name) ? [] : [html`<link rel="preload" as="font" type="font/woff2" href="${path}" crossorigin>`];
  });

const styles = (): Html => html`${preloads()}
<link rel="stylesheet" href="${assetPath('site.css')}">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<meta name="theme-color" content="#0066cc">
<script type="module" src="${assetPath('site.ts')}"></script>`;

const head = (context: PageContext, page: SitePage): Html => {
  const site = context.view.single(siteSettings).fields;
  const title = titleOf(page.title, site.siteName);
  const description = page.description ?? site.metaDescription;
  const canonical = context.origin + (page.canonical ?? context.path);
  const image = context.imagePath(page.image ?? site.shareImage, 1_200);
  const isHidden = page.noIndex === true || context.view.isPreview;
  const structured = [
    ...(page.structured ?? []),
    ...(page.breadcrumbs?.length ? [breadcrumbData(context, page.breadcrumbs)] : []),
  ];
  return html`<title>${title}</title>
${named('description', description)}
${named('keywords', site.metaKeywords)}
${isHidden && html`<meta name="robots" content="noindex">`}
${!isHidden && html`<link rel="canonical" href="${canonical}">`}
${page.previous !== undefined && html`<link rel="prev" href="${context.origin}${page.previous}">`}
${page.next !== undefined && html`<link rel="next" href="${context.origin}${page.next}">`}
${styles()}
${property('og:type', page.type ?? 'website')}
${property('og:site_name', site.siteName)}
${property('og:title', page.title)}
${property('og:description', description)}
${property('og:url', canonical)}
${property('og:image', image === undefined ? '' : context.origin + image)}
${named('twitter:card', image === undefined ? 'summary' : 'summary_large_image')}
${(page.feeds ?? []).map((feed) => html`<link rel="alternate" type="${feed.type}"${attribute('title', feed.title)} href="${feed.path}">`)}
${structured.map(structuredData)}`;
};

const titleOf = (title: string, siteName: string): string => (title.includes(siteName) ? title : `${title} · ${siteName}`);

const named = (name: string, content: string): Html | undefined =>
  content === '' ? undefined : html`<meta name="${name}" content="${content}">`;
const property = (name: string, content: string): Html | undefined =>
  content === '' ? undefined : html`<meta property="${name}" content="${content}">`;
