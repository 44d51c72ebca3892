/** What stands beside the title of an article: as much of it as the settings of the blog allow. */
import type { RecordOf } from '../../../content/content-type.ts';
import { wordsOf } from '../../../content/sanitise.ts';
import { html, type Html } from '../../../html/html.ts';
import { blogAuthor } from '../../../types/blog-author.ts';
import { blogCategory } from '../../../types/blog-category.ts';
import type { blogPost } from '../../../types/blog-post.ts';
import { blogSettings } from '../../../types/blog-settings.ts';
import { blogTag } from '../../../types/blog-tag.ts';
import { swatch } from '../../parts/chips.ts';
import { moment } from '../../parts/moment.ts';
import type { PageContext } from '../../site-frame.ts';

export type Post = RecordOf<typeof blogPost>;

export type PostFacts = {
  readonly category: RecordOf<typeof blogCategory> | undefined;
  readonly author: RecordOf<typeof blogAuthor> | undefined;
  readonly tags: readonly RecordOf<typeof blogTag>[];
  readonly publishedAtMs: number | null;
  /** To read it. */
  readonly minutes: number;
};

const WORDS_A_MINUTE = 200;

export const postFacts = ({ view }: PageContext, { fields, publishAtMs }: Post): PostFacts => {
  const shown = view.single(blogSettings).fields;
  return {
    category: shown.showCategories ? view.find(blogCategory, fields.category) : undefined,
    author: shown.showAuthor ? view.find(blogAuthor, fields.author) : undefined,
    tags: shown.showTags ? view.findAll(blogTag, fields.tags) : [],
    publishedAtMs: shown.showDate ? publishAtMs : null,
    minutes: minutesToRead(fields.body),
  };
};

export const minutesToRead = (body: string): number => Math.max(1, Math.round(wordsOf(body) / WORDS_A_MINUTE));

/** “1 June 2026 · Edda Brandt · 3 min read” */
export const byline = ({ author, publishedAtMs, minutes }: PostFacts): Html => {
  const parts = [moment(publishedAtMs), author && html`${author.fields.name}`, html`${minutes} min read`];
  const said = parts.filter((one) => one !== undefined);
  return html`${said.map((one, index) => html`${index > 0 && ' · '}${one}`)}`;
};

export const categoryMark = ({ category }: PostFacts): Html | undefined =>
  category && html`${swatch(category.fields.color)} ${category.fields.name}`;
