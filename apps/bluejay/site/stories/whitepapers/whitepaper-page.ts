/** One whitepaper, and the form before it. */
import type { FormGuard } from '../../../forms/form-guard.ts';
import { formPlace, renderForm, type ShownForm } from '../../../forms/render-form.ts';
import { whitepaperAction, WHITEPAPER_FIELDS, whitepaperForm } from '../../../forms/whitepaper-form.ts';
import { html, type Html } from '../../../html/html.ts';
import { icon } from '../../../html/icons.ts';
import type { Media } from '../../../media/media.ts';
import { whitepaper } from '../../../types/whitepaper.ts';
import { whitepaperTopic } from '../../../types/whitepaper-topic.ts';
import { cardGrid } from '../../parts/card.ts';
import { chips } from '../../parts/chips.ts';
import { moment } from '../../parts/moment.ts';
import { pageHead } from '../../parts/page-head.ts';
import { section } from '../../parts/section.ts';
import { shorten } from '../../parts/shorten.ts';
import type { PageContext, SitePage } from '../../site-frame.ts';
import { organizationData, type Structured } from '../../structured.ts';
import { coverOf, datedMs, pagesOf, type Whitepaper, whitepaperCard } from './whitepaper-card.ts';

const MOST_OTHERS = 3;

export const WHITEPAPER_SHOWN: Pick<ShownForm, 'id' | 'submit' | 'note'> = {
  id: 'lead',
  submit: 'Get the whitepaper',
  note: html`We keep what you type here to know who reads us. Without the tick we write to you only if you ask.`,
};

export const openWhitepaperPage =
  ({ guard, media }: { readonly guard: Pick<FormGuard, 'inputs'>; readonly media: Pick<Media, 'find'> }) =>
  (context: PageContext, slug: string): SitePage | undefined => {
    const record = context.view.bySlug(whitepaper, slug);
    if (record === undefined) return undefined;
    const content = renderForm({
      ...WHITEPAPER_SHOWN,
      action: whitepaperAction(record.slug),
      fields: WHITEPAPER_FIELDS,
      inputs: guard.inputs(whitepaperForm(record.id)),
      values: {},
      problems: {},
    });
    return whitepaperPageOf(context, record, { content, media });
  };

/** @param content the form, or what stands in its place */
export const whitepaperPageOf = (
  context: PageContext,
  record: Whitepaper,
  { content, media }: { readonly content: Html; readonly media: Pick<Media, 'find'> },
): SitePage => {
  const { view } = context;
  const { fields, seo } = record;
  const topic = view.find(whitepaperTopic, fields.topic);
  const description = seo.description || shorten(fields.description, 160);
  const path = `/whitepapers/${record.slug}`;
  return {
    title: seo.title || fields.title,
    description,
    canonical: path,
    image: seo.image,
    type: 'article',
    structured: [reportData(context, record, { description, path })],
    breadcrumbs: [
      { label: 'Whitepapers', path: '/whitepapers' },
      { label: fields.title, path },
    ],
    edit: { type: whitepaper.name, id: record.id },
    body: html`${pageHead({
      title: fields.title,
      label: 'Whitepaper',
      text: fields.description,
      picture: coverOf(record),
      body: [
        topic && chips([{ label: topic.fields.name, href: `/whitepapers?topic=${topic.id}`, color: topic.fields.color }]),
        facts(context, record, media),
      ],
    })}
<div class="wide whitepaper">
${learningPoints(record)}
<section class="whitepaper-form" id="get"><h2>Get it</h2>
${isThere(context, record, media) ? formPlace(content) : html`<p class="empty">It is not available at the moment. <a href="/contact">Ask us for it.</a></p>`}
</section>
</div>
${others(context, record)}`,
  };
};

const isThere = ({ view }: PageContext, { fields }: Whitepaper, media: Pick<Media, 'find'>): boolean => {
  if (fields.file === null) return false;
  view.dependsOn(`media:${fields.file}`);
  return media.find(fields.file) !== undefined;
};

const facts = (context: PageContext, record: Whitepaper, media: Pick<Media, 'find'>): Html | undefined => {
  const { file } = record.fields;
  const bytes = isThere(context, record, media) && file !== null ? media.find(file)?.bytes : undefined;
  const all = [moment(datedMs(record)), pagesOf(record), bytes === undefined ? undefined : html`PDF, ${sizeOf(bytes)}`];
  const said = all.filter((one) => one !== undefined);
  return said.length === 0 ? undefined : html`<ul class="facts">${said.map((one) => html`<li>${one}</li>`)}</ul>`;
};

const sizeOf = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1_000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

const learningPoints = ({ children }: Whitepaper): Html | undefined =>
  children.learningPoints.length === 0
    ? undefined
    : html`<section><h2>What you will learn</h2>
<ul class="story-points">${children.learningPoints.map(({ text }) => html`<li>${icon('check')}<span>${text}</span></li>`)}</ul></section>`;

const others = (context: PageContext, { id, fields }: Whitepaper): Html | undefined => {
  const all = context.view.list(whitepaper, { where: { topic: fields.topic ?? 0 }, except: id, limit: MOST_OTHERS });
  if (all.length === 0) return undefined;
  return section({
    tone: 'grey',
    heading: 'On the same topic',
    action: { text: 'All whitepapers', link: '/whitepapers' },
    body: cardGrid(all.map((one) => whitepaperCard(context, one))),
  });
};

const reportData = (
  context: PageContext,
  record: Whitepaper,
  { description, path }: Record<'description' | 'path', string>,
): Structured => {
  const { title, publishedDate, pageCount } = record.fields;
  const publisher = organizationData(context);
  return {
    '@type': 'Report',
    name: title,
    headline: title,
    description,
    url: context.origin + path,
    author: publisher,
    publisher,
    ...(publishedDate !== null && { datePublished: publishedDate }),
    ...(pageCount !== null && { numberOfPages: pageCount }),
  };
};
