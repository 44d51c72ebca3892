/** One customer's story: the challenge, the solution, the outcome in figures. */
import type { RecordOf } from '../../../content/content-type.ts';
import { html, type Html, type Printable } from '../../../html/html.ts';
import { icon } from '../../../html/icons.ts';
import { caseStudy } from '../../../types/case-study.ts';
import { industry } from '../../../types/industry.ts';
import { product } from '../../../types/product.ts';
import { callBand } from '../../parts/call-band.ts';
import { cardGrid } from '../../parts/card.ts';
import { chips } from '../../parts/chips.ts';
import { pageHead } from '../../parts/page-head.ts';
import { richText } from '../../parts/rich-text.ts';
import { section } from '../../parts/section.ts';
import { shorten } from '../../parts/shorten.ts';
import { stats } from '../../parts/stats.ts';
import { productCard } from '../../products/product-card.ts';
import type { PageContext, SitePage } from '../../site-frame.ts';
import { organizationData, type Structured } from '../../structured.ts';
import { caseStudyCard } from './case-study-card.ts';

type CaseStudy = RecordOf<typeof caseStudy>;

const MOST_OTHERS = 3;

export const caseStudyPage = (context: PageContext, slug: string): SitePage | undefined => {
  const { view } = context;
  const record = view.bySlug(caseStudy, slug);
  if (record === undefined) return undefined;
  const { fields, children, seo } = record;
  const kind = view.find(industry, fields.industry);
  const description = seo.description || shorten(fields.summary, 160);
  return {
    title: seo.title || fields.title,
    description,
    image: seo.image ?? fields.heroImage,
    type: 'article',
    structured: [storyData(context, record, description)],
    breadcrumbs: [
      { label: 'Case studies', path: '/case-studies' },
      { label: fields.title, path: `/case-studies/${record.slug}` },
    ],
    edit: { type: caseStudy.name, id: record.id },
    body: html`${pageHead({
      title: fields.title,
      label: fields.clientName,
      text: fields.summary,
      picture: context.picture(fields.heroImage, { sizes: '(min-width: 64rem) 34rem, 92vw', eager: true }),
      body: kind && chips([{ label: kind.fields.name, href: `/case-studies?industry=${kind.id}` }]),
    })}
${children.metrics.length > 0 && html`<div class="wide figures">${stats(children.metrics)}</div>`}
<div class="story">
${part('01', fields.challengeTitle, [richText(context, fields.challengeContent), bullets(fields.challengeBullets)])}
${part('02', fields.solutionTitle, richText(context, fields.solutionContent))}
${part('03', fields.outcomeTitle, richText(context, fields.outcomeContent))}
</div>
${products(context, record)}
${others(context, record)}
${callBand({
  heading: 'Do you have something like it to solve?',
  primary: { text: 'Talk to an engineer', link: '/contact' },
  secondary: { text: 'More case studies', link: '/case-studies' },
})}`,
  };
};

const part = (number: string, heading: string, body: Printable): Html =>
  html`<section class="story-part"><div class="wide">
<div class="story-heading"><p class="story-number" aria-hidden="true">${number}</p><h2>${heading}</h2></div>
<div class="story-text">${body}</div>
</div></section>`;

const bullets = (lines: readonly string[]): Html | undefined =>
  lines.length === 0
    ? undefined
    : html`<ul class="story-points">${lines.map((line) => html`<li>${icon('check')}<span>${line}</span></li>`)}</ul>`;

const products = (context: PageContext, { fields }: CaseStudy): Html | undefined => {
  const cards = context.view.findAll(product, fields.products).map((one) => productCard(context, one));
  return cards.length === 0 ? undefined : section({ tone: 'grey', heading: 'Products in use', body: cardGrid(cards) });
};

const others = (context: PageContext, { id, fields }: CaseStudy): Html | undefined => {
  const all = context.view.list(caseStudy, { where: { industry: fields.industry ?? 0 }, except: id, limit: MOST_OTHERS });
  if (all.length === 0) return undefined;
  return section({ heading: 'From the same industry', body: cardGrid(all.map((one) => caseStudyCard(context, one))) });
};

const storyData = (
  context: PageContext,
  { fields, publishAtMs, updatedAtMs, seo }: CaseStudy,
  description: string,
): Structured => {
  const image = context.imagePath(seo.image ?? fields.heroImage, 1_200);
  const publisher = organizationData(context);
  return {
    '@type': 'Article',
    headline: fields.title,
    description,
    url: context.origin + context.path,
    about: { '@type': 'Organization', name: fields.clientName },
    author: publisher,
    publisher,
    ...(publishAtMs !== null && {
      datePublished: new Date(publishAtMs).toISOString(),
      dateModified: new Date(Math.max(updatedAtMs, publishAtMs)).toISOString(),
    }),
    ...(image !== undefined && { image: [context.origin + image] }),
  };
};
