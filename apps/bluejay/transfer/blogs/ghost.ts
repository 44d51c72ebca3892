/** Ghost 5: its export as JSON. HTML is taken where it is; otherwise what is understood of the editor's own tree. */
import { asList, asObject, numberIn, own, parseObject, textIn, type Untrusted } from '../untrusted.ts';
import { notUnderstood } from '../errors.ts';
import type { Report } from '../report.ts';
import { type ForeignBlog, type ForeignPost } from './blog.ts';
import { lexicalToHtml } from './lexical.ts';

const LONGEST_TEXT = 5_000_000;

export const readGhost = (json: string, report: Report): ForeignBlog => {
  const file = parseObject(json);
  const data = asObject(own(asObject(asList(file && own(file, 'db'))[0]) ?? file ?? {}, 'data'));
  if (data === undefined || !Array.isArray(own(data, 'posts')))
    throw notUnderstood('this is no export of Ghost', 'Make it under Settings, Import/Export.');
  const rows = (name: string): readonly Untrusted[] =>
    asList(own(data, name)).flatMap((row) => {
      const object = asObject(row);
      return object === undefined ? [] : [object];
    });
  const tagsById = new Map(rows('tags').map((tag) => [textIn(tag, 'id'), tag]));
  const tagsOf = linked(rows('posts_tags'), 'tag_id');
  const authorsOf = linked(rows('posts_authors'), 'author_id');
  const meta = new Map(rows('posts_meta').map((row) => [textIn(row, 'post_id'), row]));
  const categories = new Map([['uncategorised', 'Uncategorised']]);
  const tags = new Map<string, string>();
  const authors = new Map(
    rows('users').map((user) => [
      textIn(user, 'id'),
      { name: textIn(user, 'name') || 'Unknown', email: textIn(user, 'email'), bio: textIn(user, 'bio') },
    ]),
  );
  if (authors.size === 0) authors.set('', { name: 'Unknown', email: '', bio: '' });
  const posts = rows('posts').map((post): ForeignPost => {
    const id = textIn(post, 'id');
    const title = textIn(post, 'title') || '(without a title)';
    const own_ = (tagsOf.get(id) ?? [])
      .map((tag) => tagsById.get(tag))
      .filter((tag) => tag !== undefined)
      .filter((tag) => !textIn(tag, 'name').startsWith('#'));
    const [primary, ...others] = own_.map((tag) => ({ slug: textIn(tag, 'slug'), name: textIn(tag, 'name') }));
    if (primary !== undefined) categories.set(primary.slug, primary.name);
    for (const { slug, name } of others) tags.set(slug, name);
    if (textIn(post, 'type') === 'page') report.leftOut('pages', 'they come as posts');
    if (textIn(post, 'visibility') !== '' && textIn(post, 'visibility') !== 'public')
      report.leftOut(`post “${title}”`, `it was for ${textIn(post, 'visibility')} only; it comes as a draft`);
    const state = textIn(post, 'status');
    const isPublic = (state === 'published' || state === 'scheduled') && ['', 'public'].includes(textIn(post, 'visibility'));
    const date = Date.parse(
      textIn(post, 'published_at')
        .replace(' ', 'T')
        .replace(/(?<=\d)$/, 'Z'),
    );
    const author = authorsOf.get(id)?.[0] ?? textIn(post, 'author_id');
    return {
      title,
      slug: textIn(post, 'slug'),
      excerpt: textIn(post, 'custom_excerpt'),
      html: htmlOf(post, title, report),
      status: isPublic ? 'published' : 'draft',
      publishedAtMs: Number.isNaN(date) || date < 0 ? undefined : date,
      categories: [primary?.slug ?? 'uncategorised'],
      tags: others.map(({ slug }) => slug),
      author: authors.has(author) ? author : ([...authors.keys()][0] ?? ''),
      pictureAlt: textIn(meta.get(id) ?? {}, 'feature_image_alt'),
      picture: textIn(post, 'feature_image') || undefined,
      oldPath: `/${textIn(post, 'slug')}/`,
    };
  });
  return { categories, tags, authors, alts: new Map(), posts };
};

/** Post → others, in their order. */
const linked = (rows: readonly Untrusted[], name: string): ReadonlyMap<string, readonly string[]> => {
  const links = new Map<string, string[]>();
  for (const row of rows.toSorted((one, other) => (numberIn(one, 'sort_order') ?? 0) - (numberIn(other, 'sort_order') ?? 0)))
    links.set(textIn(row, 'post_id'), [...(links.get(textIn(row, 'post_id')) ?? []), textIn(row, name)]);
  return links;
};

const htmlOf = (post: Untrusted, title: string, report: Report): string => {
  const html = textIn(post, 'html', LONGEST_TEXT);
  // Without their host, addresses are those of the site.
  if (html !== '') return html.replaceAll('__GHOST_URL__', '');
  const lexical = textIn(post, 'lexical', LONGEST_TEXT);
  if (lexical !== '')
    return lexicalToHtml(lexical, (what) => report.leftOut(`post “${title}”`, `a part of the kind “${what}”`)).replaceAll(
      '__GHOST_URL__',
      '',
    );
  if (textIn(post, 'mobiledoc', LONGEST_TEXT) !== '')
    report.leftOut(`post “${title}”`, 'its text is there only in the format of an old editor (mobiledoc)');
  return '';
};
