/** Where the header's links lead: what editors put together, or what the settings of the header show. */
import { attribute, html, type Html, safeLink } from '../html/html.ts';
import type { RecordOf } from '../content/content-type.ts';
import { headerSettings } from '../types/header-settings.ts';
import type { MenuLink, MenuLocation, ReadMenu } from './menu.ts';
import type { PageContext } from './site-frame.ts';

type HeaderFields = RecordOf<typeof headerSettings>['fields'];

export const navigationLinks = (
  { view }: PageContext,
  readMenu: ReadMenu,
  locations: readonly MenuLocation[],
): readonly MenuLink[] => {
  for (const location of locations) {
    const menu = readMenu(location, view);
    if (menu !== undefined) return menu;
  }
  return builtIn(view.single(headerSettings).fields);
};

/** As a list; what has links below it opens without a script. */
export const navigationList = (links: readonly MenuLink[], { path }: PageContext, group: string): Html =>
  html`<ul>${links.map(
    (link) =>
      html`<li>${
        link.children.length === 0
          ? anchor(link, path)
          : html`<details class="nav-group" name="${group}"><summary>${link.label}</summary>
<ul>
${link.href !== undefined && html`<li>${anchor({ ...link, label: `All of ${link.label}` }, path)}</li>`}
${link.children.map((child) => html`<li>${anchor(child, path)}${child.children.length > 0 && html`<ul>${child.children.map((one) => html`<li>${anchor(one, path)}</li>`)}</ul>`}</li>`)}
</ul></details>`
      }</li>`,
  )}</ul>`;

const anchor = ({ label, href, opensNewTab }: Omit<MenuLink, 'children'>, path: string): Html => {
  if (href === undefined) return html`<span>${label}</span>`;
  const isWithin = href !== '/' && path.startsWith(`${href}/`);
  const current = href === path ? 'page' : isWithin ? 'true' : undefined;
  const target = opensNewTab ? html` target="_blank" rel="noopener"` : undefined;
  return html`<a href="${safeLink(href)}"${attribute('aria-current', current)}${target}>${label}</a>`;
};

const builtIn = (fields: HeaderFields): readonly MenuLink[] =>
  [
    { isShown: fields.showHome, label: fields.homeLabel, href: '/' },
    { isShown: fields.showProducts, label: fields.productsLabel, href: '/products' },
    { isShown: fields.showSolutions, label: fields.solutionsLabel, href: '/solutions' },
    { isShown: fields.showCaseStudies, label: fields.caseStudiesLabel, href: '/case-studies' },
    { isShown: fields.showWhitepapers, label: fields.whitepapersLabel, href: '/whitepapers' },
    { isShown: fields.showBlog, label: fields.blogLabel, href: '/blog' },
    { isShown: fields.showAbout, label: fields.aboutLabel, href: '/about' },
    { isShown: fields.showPartners, label: fields.partnersLabel, href: '/partners' },
    { isShown: fields.showContact, label: fields.contactLabel, href: '/contact' },
  ].flatMap(({ isShown, label, href }) => (isShown ? [{ label, href, opensNewTab: false, children: [] }] : []));
