/** Partners by tier, and what they say. */
import type { RecordOf } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { partner } from '../../types/partner.ts';
import { partnerTestimonial } from '../../types/partner-testimonial.ts';
import { partnerTier } from '../../types/partner-tier.ts';
import { callBand } from '../parts/call-band.ts';
import { pageHead } from '../parts/page-head.ts';
import { section } from '../parts/section.ts';
import type { PageContext, SitePage } from '../site-frame.ts';

type Partner = RecordOf<typeof partner>;

const TEXT = 'Companies that sell, install and maintain what we make, or whose things work well with ours.';

export const partnersPage = (context: PageContext): SitePage => {
  const { view } = context;
  const tiers = view
    .list(partnerTier)
    .map((tier) => ({ tier, partners: view.list(partner, { where: { tier: tier.id, isActive: true } }) }))
    .filter(({ partners }) => partners.length > 0);
  return {
    title: 'Partners',
    description: TEXT,
    breadcrumbs: [{ label: 'Partners', path: '/partners' }],
    body: html`${pageHead({ title: 'Partners', label: 'Together', text: TEXT })}
${tiers.length === 0 && section({ body: html`<p class="empty">Our partners will stand here soon.</p>` })}
${tiers.map(({ tier, partners }) =>
  section({
    heading: tier.fields.name,
    text: tier.fields.description,
    body: html`<ul class="grid grid-3">${partners.map((one) => html`<li>${partnerCard(context, one)}</li>`)}</ul>`,
  }),
)}
${testimonials(context)}
${callBand({
  heading: 'Become one of them',
  text: 'Tell us what you do, and where.',
  primary: { text: 'Write to us', link: '/contact' },
})}`,
  };
};

const partnerCard = (context: PageContext, { fields }: Partner): Html => {
  const logo = context.picture(fields.logo, { sizes: '14rem', alt: '' });
  return html`<article class="card">
<div class="partner-logo">${logo.html === '' ? icon(fields.icon) : logo}</div>
<div class="card-body"><h3 class="card-title">${fields.name}</h3>
${fields.description !== '' && html`<p class="card-text">${fields.description}</p>`}
${/^https?:/i.test(fields.website) && html`<p class="card-foot"><a href="${fields.website}" rel="noopener">${hostOf(fields.website)}</a></p>`}</div>
</article>`;
};

/** Only of partners who are shown themselves. */
const testimonials = (context: PageContext): Html | undefined => {
  const { view } = context;
  const quotes = view.list(partnerTestimonial, { where: { isActive: true } }).flatMap(({ fields }) => {
    const from = view.find(partner, fields.partner);
    if (from === undefined || !from.fields.isActive) return [];
    return [
      html`<li><figure class="quote"><blockquote><p>${fields.quote}</p></blockquote>
<figcaption><span><strong>${fields.authorName}</strong><span class="small">${fields.authorTitle}, ${from.fields.name}</span></span></figcaption></figure></li>`,
    ];
  });
  if (quotes.length === 0) return undefined;
  return section({
    tone: 'grey',
    heading: 'What they say',
    body: html`<ul class="grid grid-${quotes.length === 1 ? 2 : 3}">${quotes}</ul>`,
  });
};

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).hostname.replace(/^www\./, '') : address);
