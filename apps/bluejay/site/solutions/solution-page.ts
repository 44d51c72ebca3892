/** One solution: what it solves, with which products. */
import type { RecordOf } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { caseStudy } from '../../types/case-study.ts';
import { industry } from '../../types/industry.ts';
import { product } from '../../types/product.ts';
import { siteSettings } from '../../types/site-settings.ts';
import { solution } from '../../types/solution.ts';
import { sectionCall, sectionTexts } from '../page-sections.ts';
import { callBand } from '../parts/call-band.ts';
import { cardGrid } from '../parts/card.ts';
import { chips } from '../parts/chips.ts';
import { pageHead } from '../parts/page-head.ts';
import { richText } from '../parts/rich-text.ts';
import { section } from '../parts/section.ts';
import { stats } from '../parts/stats.ts';
import { productCard } from '../products/product-card.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { solutionCard } from './solution-card.ts';

type Solution = RecordOf<typeof solution>;

const MOST_OTHERS = 3;

export const solutionPage = (context: PageContext, slug: string): SitePage | undefined => {
  const { view } = context;
  const record = view.bySlug(solution, slug);
  if (record === undefined) return undefined;
  const { fields, children, seo } = record;
  const path = `/solutions/${record.slug}`;
  const description = seo.description || fields.shortDescription;
  return {
    title: seo.title || fields.title,
    description,
    image: seo.image ?? fields.heroImage,
    structured: [serviceData(context, { name: fields.title, description, path })],
    breadcrumbs: [
      { label: 'Solutions', path: '/solutions' },
      { label: fields.title, path },
    ],
    edit: { type: solution.name, id: record.id },
    body: html`${pageHead({
      title: fields.heroTitle || fields.title,
      label: fields.referenceCode || fields.title,
      text: fields.heroDescription || fields.shortDescription,
      picture: context.picture(fields.heroImage, { sizes: '(min-width: 64rem) 34rem, 92vw', eager: true }),
      body: chips(
        view.findAll(industry, fields.industries).map((one) => ({
          label: one.fields.name,
          href: `/solutions?industry=${encodeURIComponent(one.slug)}`,
        })),
      ),
    })}
${children.stats.length > 0 && html`<div class="figures"><div class="wide">${stats(children.stats)}</div></div>`}
${fields.overview !== '' && section({ heading: 'Overview', body: richText(context, fields.overview) })}
${challenges(record)}
${products(context, record)}
${stories(context, record)}
${children.callsToAction.map((call) => ownCall(call))}
${children.callsToAction.length === 0 && sectionCall(view, 'solution_detail.call', { solution_title: fields.title })}
${others(context, record)}`,
  };
};

const challenges = ({ children }: Solution): Html | undefined => {
  if (children.challenges.length === 0) return undefined;
  const items = children.challenges.map(
    (one) =>
      html`<li><span class="card-icon">${icon(one.icon)}</span><div><h3>${one.title}</h3><p>${one.description}</p></div></li>`,
  );
  return section({ tone: 'grey', heading: 'Challenges it answers', body: html`<ul class="points">${items}</ul>` });
};

const products = (context: PageContext, { fields }: Solution): Html | undefined => {
  const cards = context.view.findAll(product, fields.products).map((one) => productCard(context, one));
  return cards.length === 0 ? undefined : section({ heading: 'Products in it', body: cardGrid(cards) });
};

/** Of customers who use at least one of its products. */
const stories = ({ view }: PageContext, { fields }: Solution): Html | undefined => {
  const found = new Map(
    fields.products.flatMap((id) => view.list(caseStudy, { where: { products: id }, limit: 2 })).map((one) => [one.id, one]),
  );
  const links = [...found.values()].slice(0, MOST_OTHERS).map((one) => {
    const path = view.pathOf(caseStudy, one);
    return html`<li><p class="label">${one.fields.clientName}</p><p><a href="${path ?? '/case-studies'}">${one.fields.title}</a></p></li>`;
  });
  return links.length === 0 ? undefined : section({ heading: 'In use', body: html`<ul class="lines">${links}</ul>` });
};

const ownCall = (call: Solution['children']['callsToAction'][number]): Html =>
  callBand({
    heading: call.heading,
    text: call.subheading,
    primary: { text: call.primaryText, link: call.primaryLink },
    secondary: { text: call.secondaryText, link: call.secondaryLink },
    phone: call.phone,
  });

const others = (context: PageContext, { id }: Solution): Html | undefined => {
  const texts = sectionTexts(context.view, 'solution_detail.others');
  const all = context.view.list(solution, { except: id, limit: MOST_OTHERS });
  if (texts === undefined || all.length === 0) return undefined;
  return section({
    heading: texts.heading,
    label: texts.label,
    text: texts.text,
    action: texts.primary,
    body: cardGrid(all.map((one) => solutionCard(context, one))),
  });
};

const serviceData = ({ view, origin }: PageContext, facts: Record<'name' | 'description' | 'path', string>) => ({
  '@type': 'Service',
  name: facts.name,
  description: facts.description,
  url: origin + facts.path,
  provider: { '@type': 'Organization', name: view.single(siteSettings).fields.siteName, url: `${origin}/` },
});
