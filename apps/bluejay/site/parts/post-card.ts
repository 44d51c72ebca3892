/** An article in a list. */
import type { RecordOf } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { blogCategory } from '../../types/blog-category.ts';
import { blogPost } from '../../types/blog-post.ts';
import { blogSettings } from '../../types/blog-settings.ts';
import type { PageContext } from '../site-frame.ts';
import { card } from './card.ts';
import { swatch } from './chips.ts';
import { moment } from './moment.ts';

/** @param level of its title: 2 where the list has no heading of its own */
export const postCard = (context: PageContext, post: RecordOf<typeof blogPost>, level: 2 | 3 = 3): Html => {
  const { view } = context;
  const settings = view.single(blogSettings).fields;
  const category = settings.showCategories ? view.find(blogCategory, post.fields.category) : undefined;
  const meta = category !== undefined && html`${swatch(category.fields.color)} ${category.fields.name}`;
  return card({
    title: post.fields.title,
    href: view.pathOf(blogPost, post),
    text: post.fields.excerpt,
    picture: context.picture(post.fields.featuredImage, {
      sizes: '(min-width: 64rem) 25rem, (min-width: 40rem) 45vw, 92vw',
      alt: '',
    }),
    meta,
    foot: settings.showDate ? moment(post.publishAtMs) : undefined,
    level,
  });
};
