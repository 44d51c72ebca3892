/** One article. */
import { wordsOf } from '../../../content/sanitise.ts';
import { html, type Html, safeLink } from '../../../html/html.ts';
import { icon } from '../../../html/icons.ts';
import { blogPost } from '../../../types/blog-post.ts';
import { product } from '../../../types/product.ts';
import { cardGrid } from '../../parts/card.ts';
import { chips } from '../../parts/chips.ts';
import { moment } from '../../parts/moment.ts';
import { pathOfPage } from '../../parts/pagination.ts';
import { richText } from '../../parts/rich-text.ts';
import { section } from '../../parts/section.ts';
import { productCard } from '../../products/product-card.ts';
import type { PageContext, SitePage } from '../../site-frame.ts';
import { organizationData, type Structured } from '../../structured.ts';
import { feedsOf } from './feed-links.ts';
import { type Post, type PostFacts, postFacts } from './post-facts.ts';
import { postsBeside } from './posts-beside.ts';

export const articlePage = (context: PageContext, slug: string): SitePage | undefined => {
  const { view } = context;
  const post = view.bySlug(blogPost, slug);
  if (post === undefined) return undefined;
  const { fields, seo } = post;
  const facts = postFacts(context, post);
  const path = `/blog/${post.slug}`;
  const description = seo.description || fields.excerpt;
  return {
    title: seo.title || fields.title,
    description,
    image: seo.image ?? fields.featuredImage,
    type: 'article',
    structured: [articleData(context, post, facts)],
    feeds: feedsOf(context),
    breadcrumbs: [
      { label: 'Blog', path: '/blog' },
      ...(facts.category ? [{ label: facts.category.fields.name, path: blogPath({ category: facts.category.slug }) }] : []),
      { label: fields.title, path },
    ],
    edit: { type: blogPost.name, id: post.id },
    body: html`<article class="article">
${articleHead(context, post, facts)}
<div class="wide article-body">
<div class="article-text">${richText(context, fields.body)}</div>
<aside class="article-aside" aria-label="About this article">
${authorCard(context, facts)}
${facts.tags.length > 0 && html`<div><h2 class="label">Tags</h2>${chips(facts.tags.map((tag) => ({ label: tag.fields.name, href: blogPath({ tag: tag.slug }) })))}</div>`}
</aside>
</div>
</article>
${products(context, post)}
${beside(context, post)}`,
  };
};

const blogPath = (parameters: Readonly<Record<string, string>>): string => pathOfPage(1, { path: '/blog', parameters });

const articleHead = (context: PageContext, { fields }: Post, { category, author, publishedAtMs, minutes }: PostFacts): Html => {
  const picture = context.picture(fields.featuredImage, { sizes: '(min-width: 84rem) 80rem, 96vw', eager: true });
  const facts = [author && html`By ${author.fields.name}`, moment(publishedAtMs), html`${minutes} min read`];
  return html`<header class="page-head">
<div class="wide"><div class="page-head-text">
${category && chips([{ label: category.fields.name, href: blogPath({ category: category.slug }), color: category.fields.color }])}
<h1>${fields.title}</h1>
<p class="lead">${fields.excerpt}</p>
<ul class="facts">${facts.filter((fact) => fact !== undefined).map((fact) => html`<li>${fact}</li>`)}</ul>
</div></div>
</header>
${picture.html !== '' && html`<div class="wide article-picture"><div class="frame">${picture}</div></div>`}`;
};

const authorCard = (context: PageContext, { author }: PostFacts): Html | undefined => {
  if (author === undefined) return undefined;
  const { name, title, bio, avatar, linkedin, email } = author.fields;
  const portrait = context.picture(avatar, { sizes: '4.5rem', alt: '', class: 'portrait' });
  const ways = [
    linkedin !== '' && html`<a href="${safeLink(linkedin)}" rel="noopener">LinkedIn</a>`,
    email !== '' && html`<a href="mailto:${email}">${email}</a>`,
  ].filter((way) => way !== false);
  return html`<section class="author"><h2 class="label">Written by</h2>
<div class="author-name">${portrait.html === '' ? html`<span class="author-icon">${icon('handshake')}</span>` : portrait}<p><strong>${name}</strong><span class="small">${title}</span></p></div>
${bio !== '' && html`<p>${bio}</p>`}
${ways.length > 0 && html`<ul class="author-ways">${ways.map((way) => html`<li>${way}</li>`)}</ul>`}
</section>`;
};

const products = (context: PageContext, { fields }: Post): Html | undefined => {
  const cards = context.view.findAll(product, fields.products).map((one) => productCard(context, one));
  return cards.length === 0 ? undefined : section({ tone: 'grey', heading: 'Products in this article', body: cardGrid(cards) });
};

const beside = ({ view }: PageContext, post: Post): Html | undefined => {
  const { newer, older } = postsBeside(view, post);
  const step = (one: Post | undefined, said: string, rel: 'prev' | 'next') =>
    one === undefined
      ? html`<span></span>`
      : html`<a class="beside beside-${rel}" rel="${rel}" href="${view.pathOf(blogPost, one) ?? '/blog'}"><span class="small">${said}</span><strong>${one.fields.title}</strong></a>`;
  if (newer === undefined && older === undefined) return undefined;
  return html`<nav class="wide besides" aria-label="More articles">${step(older, '← Previous article', 'prev')}${step(newer, 'Next article →', 'next')}</nav>`;
};

/** What the settings hide is hidden from programs too. */
const articleData = (
  context: PageContext,
  post: Post,
  { category, author, tags, publishedAtMs, minutes }: PostFacts,
): Structured => {
  const { fields, updatedAtMs, seo } = post;
  const url = context.origin + context.path;
  const image = context.imagePath(seo.image ?? fields.featuredImage, 1_200);
  return {
    '@type': 'BlogPosting',
    headline: fields.title,
    description: seo.description || fields.excerpt,
    url,
    mainEntityOfPage: { '@type': 'WebPage', '@id': url },
    inLanguage: 'en',
    wordCount: wordsOf(fields.body),
    timeRequired: `PT${minutes}M`,
    publisher: organizationData(context),
    ...(publishedAtMs !== null && {
      datePublished: new Date(publishedAtMs).toISOString(),
      dateModified: new Date(Math.max(updatedAtMs, publishedAtMs)).toISOString(),
    }),
    ...(author && {
      author: {
        '@type': 'Person',
        name: author.fields.name,
        jobTitle: author.fields.title,
        ...(author.fields.linkedin !== '' && { sameAs: [author.fields.linkedin] }),
      },
    }),
    ...(image !== undefined && { image: [context.origin + image] }),
    ...(category && { articleSection: category.fields.name }),
    ...(tags.length > 0 && { keywords: tags.map((tag) => tag.fields.name) }),
  };
};
