/** All solutions, or those of an industry. */
import { html, type Html } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { industry } from '../../types/industry.ts';
import { solution } from '../../types/solution.ts';
import { solutionFeature } from '../../types/solution-feature.ts';
import { solutionsCall } from '../../types/solutions-call.ts';
import { solutionsSettings } from '../../types/solutions-settings.ts';
import { sectionTexts } from '../page-sections.ts';
import { callBand } from '../parts/call-band.ts';
import { cardGrid } from '../parts/card.ts';
import { chips } from '../parts/chips.ts';
import { liveSearch } from '../parts/live-search.ts';
import { pageHead } from '../parts/page-head.ts';
import { neighbours, paginate, pagination } from '../parts/pagination.ts';
import { section } from '../parts/section.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { solutionCard } from './solution-card.ts';

const RESULTS = 'solutions-found';

export const solutionsPage = (context: PageContext): SitePage | undefined => {
  const { view } = context;
  const settings = view.single(solutionsSettings).fields;
  const slug = context.query('industry');
  const chosen = slug === undefined ? undefined : view.bySlug(industry, slug);
  if (slug !== undefined && chosen === undefined) return undefined;
  const where = chosen === undefined ? {} : { industries: chosen.id };
  const pages = paginate(view.count(solution, { where }), settings.perPage ?? 12, context.query('page'));
  if (pages === undefined) return undefined;
  const list = { ...pages, path: '/solutions', parameters: { industry: chosen?.slug } };
  const texts = sectionTexts(view, 'solutions.hero');
  const heading = texts?.heading || 'Solutions';
  const title = chosen === undefined ? heading : `${heading}: ${chosen.fields.name}`;
  const cards = view
    .list(solution, { where, limit: pages.limit, offset: pages.offset })
    .map((one) => solutionCard(context, one, 2));
  const tools = [
    settings.showSearch &&
      liveSearch({
        action: '/search',
        fragment: '/search/suggest',
        label: 'Search solutions',
        target: RESULTS,
        type: solution.name,
      }),
    settings.showIndustries && industries(context, chosen?.slug),
  ];
  return {
    ...neighbours(list),
    title,
    description: chosen?.fields.description || texts?.text || undefined,
    breadcrumbs: [{ label: 'Solutions', path: '/solutions' }],
    body: html`${pageHead({ title, label: texts?.label, text: chosen?.fields.description || texts?.text, body: tools })}
<div class="wide found" id="${RESULTS}" aria-live="polite"></div>
${section({ body: [cardGrid(cards) ?? html`<p class="empty">Nothing here yet.</p>`, pagination(list)] })}
${features(context)}
${call(context)}`,
  };
};

const industries = ({ view }: PageContext, chosen: string | undefined): Html | undefined => {
  const all = view.list(industry);
  if (all.length === 0) return undefined;
  const each = all.map(({ fields, slug }) => ({
    label: fields.name,
    href: `/solutions?industry=${encodeURIComponent(slug)}`,
    isCurrent: slug === chosen,
  }));
  return chips([{ label: 'All industries', href: '/solutions', isCurrent: chosen === undefined }, ...each], 'Industries');
};

const features = ({ view }: PageContext): Html | undefined => {
  const all = view.list(solutionFeature, { where: { isActive: true } });
  if (all.length === 0) return undefined;
  const items = all.map(
    ({ fields }) =>
      html`<li><span class="card-icon">${icon(fields.icon)}</span><div><h3>${fields.title}</h3><p>${fields.description}</p></div></li>`,
  );
  return section({ tone: 'grey', heading: 'In every solution', body: html`<ul class="points">${items}</ul>` });
};

const call = ({ view }: PageContext): Html | undefined => {
  const { fields } = view.single(solutionsCall);
  if (!fields.isActive || fields.heading === '') return undefined;
  return callBand({
    heading: fields.heading,
    text: fields.subheading,
    primary: { text: fields.primaryText, link: fields.primaryLink },
    secondary: { text: fields.secondaryText, link: fields.secondaryLink },
  });
};
