/** The blog: the newest article large, then all others, page by page; also of one category or one tag. */
import type { RecordOf } from '../../../content/content-type.ts';
import { html, type Html } from '../../../html/html.ts';
import { blogCategory } from '../../../types/blog-category.ts';
import { blogPost } from '../../../types/blog-post.ts';
import { blogSettings } from '../../../types/blog-settings.ts';
import { blogTag } from '../../../types/blog-tag.ts';
import { siteSettings } from '../../../types/site-settings.ts';
import { card, cardGrid } from '../../parts/card.ts';
import { chips } from '../../parts/chips.ts';
import { liveSearch } from '../../parts/live-search.ts';
import { pageHead } from '../../parts/page-head.ts';
import { neighbours, paginate, pagination, pathOfPage } from '../../parts/pagination.ts';
import { section } from '../../parts/section.ts';
import type { PageContext, SitePage } from '../../site-frame.ts';
import { drawnCover } from '../drawn-cover.ts';
import { FEED_LINKS, feedsOf } from './feed-links.ts';
import { byline, categoryMark, type Post, type PostFacts, postFacts } from './post-facts.ts';

const PATH = '/blog';
const RESULTS = 'posts-found';
const MOST_TAGS = 24;
const CARD_SIZES = '(min-width: 64rem) 25rem, (min-width: 40rem) 45vw, 92vw';

type Filter = { readonly category?: RecordOf<typeof blogCategory>; readonly tag?: RecordOf<typeof blogTag> };

export const blogPage = (context: PageContext): SitePage | undefined => {
  const { view } = context;
  const settings = view.single(blogSettings).fields;
  const filter = filterOf(context);
  if (filter === undefined) return undefined;
  const { category, tag } = filter;
  const where = { ...(category && { category: category.id }), ...(tag && { tags: tag.id }) };
  // The newest stands by itself, above the first page.
  const others = Math.max(0, view.count(blogPost, { where }) - 1);
  const pages = paginate(others, settings.perPage ?? 9, context.query('page'));
  if (pages === undefined) return undefined;
  const list = { ...pages, path: PATH, parameters: { category: category?.slug, tag: tag?.slug } };
  const [newest] = pages.page === 1 ? view.list(blogPost, { where, limit: 1 }) : [];
  const posts = view.list(blogPost, { where, offset: 1 + pages.offset, limit: pages.limit });
  const name = [category?.fields.name, tag?.fields.name].filter((one) => one !== undefined).join(', ');
  const heading = name === '' ? 'Blog' : `Blog: ${name}`;
  const text = category?.fields.description ?? '';
  return {
    ...neighbours(list),
    title: pages.page === 1 ? heading : `${heading}, page ${pages.page}`,
    description: text || `Articles by ${view.single(siteSettings).fields.siteName}${name === '' ? '' : ` about ${name}`}.`,
    feeds: feedsOf(context),
    structured: [{ '@type': 'Blog', name: heading, url: context.origin + PATH }],
    breadcrumbs: [{ label: 'Blog', path: PATH }, ...(name === '' ? [] : [{ label: name, path: pathOfPage(1, list) }])],
    body: html`${pageHead({
      title: heading,
      text,
      body: [
        settings.showSearch &&
          liveSearch({
            action: '/search',
            fragment: '/search/suggest',
            label: 'Search the blog',
            target: RESULTS,
            type: blogPost.name,
          }),
        settings.showCategories && categories(context, category),
        FEED_LINKS,
      ],
    })}
<div class="wide found" id="${RESULTS}" aria-live="polite"></div>
${section({
  body: [
    newest !== undefined && leadPost(context, newest),
    cardGrid(posts.map((post) => postCard(context, post))),
    newest === undefined && posts.length === 0 && html`<p class="empty">Nothing has been written here yet.</p>`,
    pagination(list),
  ],
})}
${settings.showTags && tags(context, tag)}`,
  };
};

/** Undefined: there is no such category or tag. */
const filterOf = (context: PageContext): Filter | undefined => {
  const { view } = context;
  const [categorySlug = '', tagSlug = ''] = [context.query('category'), context.query('tag')];
  const category = view.bySlug(blogCategory, categorySlug);
  const tag = view.bySlug(blogTag, tagSlug);
  if ((categorySlug !== '' && category === undefined) || (tagSlug !== '' && tag === undefined)) return undefined;
  return { ...(category && { category }), ...(tag && { tag }) };
};

const leadPost = (context: PageContext, post: Post): Html => {
  const facts = postFacts(context, post);
  const picture = context.picture(post.fields.featuredImage, { sizes: '(min-width: 64rem) 44rem, 92vw', alt: '', eager: true });
  return html`<article class="lead-post card-leads${picture.html === '' ? ' lead-post-plain' : ''}">
${picture.html !== '' && html`<div class="lead-post-picture">${picture}</div>`}
<div class="lead-post-text">
<p class="label">Newest</p>
${facts.category && html`<p class="card-meta">${categoryMark(facts)}</p>`}
<h2><a class="card-link card-title" href="${context.view.pathOf(blogPost, post) ?? PATH}">${post.fields.title}</a></h2>
<p class="lead">${post.fields.excerpt}</p>
<p class="card-foot">${byline(facts)}</p>
</div>
</article>`;
};

const postCard = (context: PageContext, post: Post): Html => {
  const facts = postFacts(context, post);
  const picture = context.picture(post.fields.featuredImage, { sizes: CARD_SIZES, alt: '' });
  return card({
    title: post.fields.title,
    href: context.view.pathOf(blogPost, post),
    text: post.fields.excerpt,
    picture: picture.html === '' ? drawn(post, facts) : picture,
    meta: categoryMark(facts),
    foot: byline(facts),
    level: 2,
  });
};

/** In the colour of its category, so that a list has no holes. */
const drawn = ({ id }: Post, { category }: PostFacts): Html =>
  drawnCover({ name: `post-${id}`, number: id, from: category?.fields.color ?? '#374151', to: '#111827' });

const categories = ({ view }: PageContext, chosen: Filter['category']): Html | undefined => {
  const all = view.list(blogCategory);
  if (all.length === 0) return undefined;
  const each = all.map(({ id, fields, slug }) => ({
    label: fields.name,
    color: fields.color,
    href: pathOfPage(1, { path: PATH, parameters: { category: slug } }),
    isCurrent: id === chosen?.id,
  }));
  return chips([{ label: 'All articles', href: PATH, isCurrent: chosen === undefined }, ...each], 'Categories');
};

/** Those that lead to something. */
const tags = ({ view }: PageContext, chosen: Filter['tag']): Html | undefined => {
  const used = view.list(blogTag, { limit: MOST_TAGS }).filter(({ id }) => view.count(blogPost, { where: { tags: id } }) > 0);
  if (used.length === 0) return undefined;
  const each = used.map(({ id, fields, slug }) => ({
    label: fields.name,
    href: pathOfPage(1, { path: PATH, parameters: { tag: slug } }),
    isCurrent: id === chosen?.id,
  }));
  return section({ tone: 'grey', heading: 'By tag', body: chips(each, 'Tags') });
};
