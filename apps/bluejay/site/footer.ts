/** What stands below every page. */
import { html, type Html, type Printable, safeLink } from '../html/html.ts';
import { icon } from '../html/icons.ts';
import { footerSettings } from '../types/footer-settings.ts';
import { headerSettings } from '../types/header-settings.ts';
import { office } from '../types/office.ts';
import { productCategory } from '../types/product-category.ts';
import { siteSettings } from '../types/site-settings.ts';
import { solution } from '../types/solution.ts';
import { wordmark } from './brand.ts';
import type { MenuLink, ReadMenu } from './menu.ts';
import { phoneLink } from './parts/phone-link.ts';
import type { PageContext } from './site-frame.ts';
import { socialLinks } from './social-links.ts';

/** More would make the footer the longest part of the page. */
const MOST_LINKS = 8;

export const siteFooter = (context: PageContext, readMenu: ReadMenu): Html => {
  const { view } = context;
  const { fields, children } = view.single(footerSettings);
  const site = view.single(siteSettings).fields;
  const own = children.ownColumns.map(({ heading, text, links }) =>
    column(heading, [text !== '' && html`<p>${text}</p>`, linkList(links.map(ownLink))]),
  );
  const columns = [
    fields.showCategories && recordColumn(context, fields.categoriesHeading, productCategory),
    fields.showSolutions && recordColumn(context, fields.solutionsHeading, solution),
    ...(fields.showResources ? resourceColumns(context, fields.resourcesHeading, readMenu) : []),
    ...own,
    fields.showContact && contactColumn(context, fields.contactHeading),
  ].filter((one) => one !== false && one !== undefined);
  const legal = fields.showLegal ? legalLinks(context, readMenu) : [];
  return html`<footer class="site-footer footer-${fields.background}">
<div class="wide">
${
  fields.showAbout &&
  html`<div class="footer-about"><p class="footer-name">${wordmark(site.siteName)}</p>
${site.aboutText !== '' && html`<p>${site.aboutText}</p>`}
${fields.text !== '' && html`<p>${fields.text}</p>`}
${fields.showSocial && socialLinks(site, fields.socialStyle)}</div>`
}
<div class="footer-columns footer-${fields.columns}">${columns}</div>
<div class="footer-end">
<p>${copyright(context, fields.copyright)}</p>
${!fields.showAbout && fields.showSocial && socialLinks(site, fields.socialStyle)}
${legal.length > 0 && html`<nav aria-label="Legal">${linkList(legal)}</nav>`}
</div>
</div>
</footer>`;
};

type PlainLink = { readonly label: string; readonly href: string };

const column = (heading: string, body: Printable): Html =>
  html`<section class="footer-column">${heading !== '' && html`<h2>${heading}</h2>`}${body}</section>`;

const linkList = (links: readonly PlainLink[]): Html | undefined =>
  links.length === 0
    ? undefined
    : html`<ul>${links.map(({ label, href }) => html`<li><a href="${safeLink(href)}">${label}</a></li>`)}</ul>`;

const recordColumn = (
  { view }: PageContext,
  heading: string,
  type: typeof productCategory | typeof solution,
): Html | undefined => {
  const links = view.list(type, { limit: MOST_LINKS }).flatMap((record) => {
    const href = view.pathOf(type, record);
    const label = 'name' in record.fields ? record.fields.name : record.fields.title;
    return href === undefined ? [] : [{ label, href }];
  });
  return links.length === 0 ? undefined : column(heading, linkList(links));
};

/** Editors' menu of the footer: what has links below it is a column of its own. */
const resourceColumns = ({ view }: PageContext, heading: string, readMenu: ReadMenu): readonly Html[] => {
  const menu = readMenu('footer', view);
  if (menu === undefined) return [column(heading, linkList(resources(view)))];
  const single = menu.filter(({ children }) => children.length === 0);
  return [
    ...(single.length === 0 ? [] : [column(heading, linkList(leading(single)))]),
    ...menu
      .filter(({ children }) => children.length > 0)
      .map(({ label, children }) => column(label, linkList(leading(children)))),
  ];
};

const resources = (view: PageContext['view']): readonly PlainLink[] => {
  const { fields } = view.single(headerSettings);
  return [
    { label: fields.blogLabel, href: '/blog' },
    { label: fields.caseStudiesLabel, href: '/case-studies' },
    { label: fields.whitepapersLabel, href: '/whitepapers' },
    { label: fields.aboutLabel, href: '/about' },
    { label: fields.partnersLabel, href: '/partners' },
    { label: fields.contactLabel, href: '/contact' },
  ];
};

const contactColumn = ({ view }: PageContext, heading: string): Html => {
  const site = view.single(siteSettings).fields;
  const offices = view.list(office, { where: { isActive: true } });
  const primary = (offices.find(({ fields }) => fields.isPrimary) ?? offices[0])?.fields;
  const address = primary === undefined ? site.address.split('\n') : addressLines(primary);
  const phone = primary?.phone || site.contactPhone;
  const email = primary?.email || site.contactEmail;
  return column(heading, [
    address.some((line) => line !== '') &&
      html`<address>${address.filter(Boolean).map((line) => html`<span>${line}</span>`)}</address>`,
    html`<ul>
${phone !== '' && html`<li>${phoneLink(phone, icon('phone'))}</li>`}
${email !== '' && html`<li><a href="mailto:${email}">${icon('mail')}${email}</a></li>`}
<li><a href="/contact">${icon('place')}All offices</a></li>
</ul>`,
    site.businessHours !== '' && html`<p>${site.businessHours}</p>`,
  ]);
};

type OfficeFields = Record<'name' | 'addressLine1' | 'addressLine2' | 'city' | 'state' | 'postalCode' | 'country', string>;

const addressLines = (fields: OfficeFields): readonly string[] => [
  fields.name,
  fields.addressLine1,
  fields.addressLine2,
  `${fields.city}, ${fields.state} ${fields.postalCode}`,
  fields.country,
];

const legalLinks = ({ view }: PageContext, readMenu: ReadMenu): readonly PlainLink[] => {
  const menu = readMenu('footer_legal', view);
  if (menu !== undefined) return leading(menu);
  return view.single(footerSettings).children.legalLinks.map(({ label, link }) => ({ label, href: link }));
};

const leading = (links: readonly MenuLink[]): readonly PlainLink[] =>
  links.flatMap(({ label, href }) => (href === undefined ? [] : [{ label, href }]));

/** A line of an own column: what it says | where it leads. */
const ownLink = (line: string): PlainLink => {
  const [label = '', href = '#'] = line.split('|').map((part) => part.trim());
  return { label, href };
};

const copyright = (context: PageContext, text: string): string => {
  const year = new Date(context.nowMs).getUTCFullYear();
  if (text.includes('{year}')) context.changesAt(Date.UTC(year + 1, 0, 1));
  return text.replaceAll('{year}', String(year));
};
