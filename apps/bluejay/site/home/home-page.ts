/** The front page. */
import { html, type Html, safeLink } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { blogPost } from '../../types/blog-post.ts';
import { homepageCall } from '../../types/homepage-call.ts';
import { homepageSettings } from '../../types/homepage-settings.ts';
import { homepageStat } from '../../types/homepage-stat.ts';
import { partner } from '../../types/partner.ts';
import { product } from '../../types/product.ts';
import { siteSettings } from '../../types/site-settings.ts';
import { solution } from '../../types/solution.ts';
import { sectionTexts } from '../page-sections.ts';
import { callBand } from '../parts/call-band.ts';
import { cardGrid } from '../parts/card.ts';
import { postCard } from '../parts/post-card.ts';
import { section } from '../parts/section.ts';
import { stats } from '../parts/stats.ts';
import { inFeaturedOrder, productCard } from '../products/product-card.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { solutionCard } from '../solutions/solution-card.ts';
import { organizationData, websiteData } from '../structured.ts';
import { heroes } from './hero.ts';
import { testimonials } from './testimonials.ts';

const MOST_PRODUCTS = 6;
const MOST_SOLUTIONS = 6;
const MOST_PARTNERS = 12;
const MOST_POSTS = 3;

export const homePage = (context: PageContext): SitePage => {
  const { siteName, siteTagline } = context.view.single(siteSettings).fields;
  return {
    title: siteTagline === '' ? siteName : `${siteName} · ${siteTagline}`,
    canonical: '/',
    structured: [organizationData(context), websiteData(context)],
    body: html`${heroes(context)}
${figures(context)}
${featuredProducts(context)}
${solutions(context)}
${testimonials(context)}
${partners(context)}
${latestPosts(context)}
${call(context)}`,
  };
};

/** A part of the page under the heading that editors gave it; nothing when it is switched off or empty. */
const part = (context: PageContext, key: string, body: Html | undefined, tone: 'plain' | 'grey' = 'plain'): Html | undefined => {
  const texts = sectionTexts(context.view, key);
  if (texts === undefined || body === undefined) return undefined;
  return section({ heading: texts.heading, label: texts.label, text: texts.text, action: texts.primary, tone, body });
};

const featuredProducts = (context: PageContext) => {
  const featured = inFeaturedOrder(context.view.list(product, { where: { isFeatured: true } })).slice(0, MOST_PRODUCTS);
  return part(context, 'home.products', cardGrid(featured.map((one) => productCard(context, one))));
};

const solutions = (context: PageContext) => {
  const all = context.view.list(solution, { limit: MOST_SOLUTIONS });
  return part(context, 'home.solutions', cardGrid(all.map((one) => solutionCard(context, one))), 'grey');
};

const figures = ({ view }: PageContext): Html | undefined => {
  const { fields } = view.single(homepageSettings);
  const texts = sectionTexts(view, 'home.stats');
  if (!fields.showStats || texts === undefined) return undefined;
  const all = view.list(homepageStat, { where: { isActive: true }, limit: fields.maxStats ?? 6 });
  const body = stats(all.map((one) => one.fields));
  return body && html`<section class="figures" aria-label="${texts.heading}"><div class="wide">${body}</div></section>`;
};

const partners = (context: PageContext) => {
  const { view } = context;
  const all = view.list(partner, { where: { isActive: true, isFeatured: true }, limit: MOST_PARTNERS });
  const logos = all.map(({ fields }) => {
    const logo = context.picture(fields.logo, { sizes: '10rem', alt: fields.name });
    const shown = logo.html === '' ? html`${icon(fields.icon)}<span>${fields.name}</span>` : logo;
    const isLink = fields.website !== '';
    return html`<li>${isLink ? html`<a href="${safeLink(fields.website)}" rel="noopener">${shown}</a>` : html`<span>${shown}</span>`}</li>`;
  });
  return part(context, 'home.partners', logos.length === 0 ? undefined : html`<ul class="logos">${logos}</ul>`);
};

const latestPosts = (context: PageContext) => {
  const posts = context.view.list(blogPost, { limit: MOST_POSTS, order: [{ by: 'publishedAt', direction: 'descending' }] });
  return part(context, 'home.posts', cardGrid(posts.map((one) => postCard(context, one))));
};

const call = ({ view }: PageContext): Html | undefined => {
  const [record] = view.list(homepageCall, { where: { isActive: true }, limit: 1 });
  if (record === undefined || !view.single(homepageSettings).fields.showCall) return undefined;
  const { fields } = record;
  return callBand({
    heading: fields.headline,
    text: fields.description,
    primary: { text: fields.primaryText, link: fields.primaryLink },
    secondary: { text: fields.secondaryText, link: fields.secondaryLink },
    tone: fields.background === 'dark' || fields.background === 'light' ? fields.background : 'primary',
  });
};
