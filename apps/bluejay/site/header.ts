/** What stands above every page: contact, logo, navigation, search. */
import { html, type Html } from '../html/html.ts';
import { icon } from '../html/icons.ts';
import { headerSettings } from '../types/header-settings.ts';
import { siteSettings } from '../types/site-settings.ts';
import { wordmark } from './brand.ts';
import type { ReadMenu } from './menu.ts';
import { navigationLinks, navigationList } from './navigation.ts';
import { button } from './parts/button.ts';
import { phoneLink } from './parts/phone-link.ts';
import type { PageContext } from './site-frame.ts';
import { socialLinks } from './social-links.ts';

export const siteHeader = (context: PageContext, readMenu: ReadMenu): Html => {
  const { fields } = context.view.single(headerSettings);
  const site = context.view.single(siteSettings).fields;
  const links = navigationLinks(context, readMenu, ['header']);
  const mobileLinks = navigationLinks(context, readMenu, ['mobile', 'header']);
  const logo = context.picture(fields.logo, { sizes: '180px', class: 'logo', eager: true, alt: site.siteName });
  const style = fields.callStyle === 'secondary' ? 'secondary' : 'primary';
  const call = fields.callEnabled ? button({ text: fields.callText, link: fields.callLink }, style) : undefined;
  return html`${topBar(context)}
<header class="site-header">
<div class="wide">
<a class="site-logo" href="/">${logo.html === '' ? wordmark(site.siteName) : logo}</a>
<nav class="site-nav" aria-label="Main">${navigationList(links, context, 'site-nav')}</nav>
<div class="site-tools">
${searchBox()}
${call && html`<div class="site-call">${call}</div>`}
<details class="menu">
<summary><span class="visually-hidden">Menu</span>${icon('menu')}</summary>
<div class="menu-panel">
<nav aria-label="Main, on small screens">${navigationList(mobileLinks, context, 'menu')}</nav>
${call}
</div>
</details>
</div>
</div>
</header>`;
};

const searchBox = (): Html => html`<details class="search-box" data-search>
<summary><span class="visually-hidden">Search</span>${icon('search')}<kbd class="search-keys" aria-hidden="true">Ctrl K</kbd></summary>
<div class="search-panel">
<form class="wide" role="search" action="/search" data-live="/search/suggest" data-target="search-suggestions" aria-label="Site">
<label class="visually-hidden" for="site-search">Search this site</label>
<input class="input" id="site-search" type="search" name="q" placeholder="Search products, articles, solutions" maxlength="100" autocomplete="off">
<button class="button button-primary" type="submit">Search</button>
</form>
<div class="wide suggestions" id="search-suggestions" aria-live="polite"></div>
</div>
</details>`;

const topBar = ({ view }: PageContext): Html | undefined => {
  const { fields } = view.single(headerSettings);
  const site = view.single(siteSettings).fields;
  const phone = fields.showPhone && site.contactPhone !== '' && site.contactPhone;
  const email = fields.showEmail && site.contactEmail !== '' && site.contactEmail;
  const social = fields.showSocial ? socialLinks(site, fields.socialStyle) : undefined;
  if (phone === false && email === false && social === undefined) return undefined;
  return html`<aside class="top-bar" aria-label="Contact"><div class="wide">
${
  (phone !== false || email !== false) &&
  html`<ul class="top-contact">
${phone !== false && html`<li>${phoneLink(phone, icon('phone'))}</li>`}
${email !== false && html`<li><a href="mailto:${email}">${icon('mail')}${email}</a></li>`}
</ul>`
}
${social}
</div></aside>`;
};
