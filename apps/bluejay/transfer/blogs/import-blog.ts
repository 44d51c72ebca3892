/** Brings a foreign blog into the site: categories, tags, authors, pictures, posts; again without doubling anything. */
import path from 'node:path';
import { ContentError } from '../../content/errors.ts';
import { keepForeignAddress } from '../../content/redirects.ts';
import { plainText, sanitiseRichText } from '../../content/sanitise.ts';
import { slugOf } from '../../content/slug.ts';
import { escapeHtml } from '../../html/html.ts';
import { blogAuthor, blogCategory, blogPost, blogTag } from '../../types/index.ts';
import type { Destination } from '../destination.ts';
import { createRecordIntake } from '../record-intake.ts';
import type { Report } from '../report.ts';
import { type ForeignBlog, type ForeignPost, pathOfAddress } from './blog.ts';
import type { LocalFiles } from './local-files.ts';

const EXCERPT_LENGTH = 280;

export const importBlog = async (
  destination: Destination,
  blog: ForeignBlog,
  { files, report }: { readonly files: LocalFiles; readonly report: Report },
): Promise<void> => {
  const intake = createRecordIntake(destination);
  const take = (
    kind: string,
    type: typeof blogTag | typeof blogCategory | typeof blogAuthor | typeof blogPost,
    draft: Parameters<typeof intake.take>[1]['draft'],
    createdAtMs?: number,
  ): number | undefined => {
    try {
      const { id, outcome } = intake.take(type, { draft, createdAtMs });
      report.count(kind, outcome);
      return id;
    } catch (error) {
      if (!(error instanceof ContentError) || error.statusCode >= 500) throw error;
      report.refuse(kind, String(draft.fields[type.title] ?? ''), error.message);
      return undefined;
    }
  };
  const named = (
    kind: string,
    type: typeof blogTag | typeof blogCategory,
    names: ReadonlyMap<string, string>,
  ): Map<string, number> => {
    const ids = new Map<string, number>();
    for (const [key, name] of names) {
      const id = take(kind, type, { slug: slugOf(key) || slugOf(name), fields: { name: name.slice(0, 60) } });
      if (id !== undefined) ids.set(key, id);
    }
    return ids;
  };
  const categories = named('category', blogCategory, blog.categories);
  const tags = named('tag', blogTag, blog.tags);
  const authors = new Map<string, number>();
  for (const [key, { name, email, bio }] of blog.authors) {
    const id = take('author', blogAuthor, {
      slug: slugOf(name) || slugOf(key),
      fields: { name, title: 'Author', email, bio: bio.slice(0, 1_000) },
    });
    if (id !== undefined) authors.set(key, id);
  }

  const pictures = new Map<string, number | undefined>();
  /** What nobody has described gets the words of where it stands: no picture is shown without. */
  const picture = async (address: string, words: string): Promise<number | undefined> => {
    if (pictures.has(address)) return pictures.get(address);
    const file = await files.find(address);
    let id: number | undefined;
    if (file === undefined) report.leftOut('picture', `${address} is not among the files`);
    else {
      try {
        const described = blog.alts.get(address.replace(/-\d{2,5}x\d{2,5}(?=\.[a-z]{3,4}$)/i, '')) ?? '';
        const alt = (described.trim() === '' ? words : described).slice(0, 500);
        const added = await destination.addFile({ path: file, name: path.basename(file), about: { alt }, onlyNew: true });
        report.count('picture', added.outcome);
        id = added.id;
      } catch (error) {
        if (!(error instanceof ContentError) || error.statusCode >= 500) throw error;
        report.refuse('picture', address, error.message);
      }
    }
    pictures.set(address, id);
    return id;
  };

  const slugs = new Map(blog.posts.map((post) => [post, slugOf(post.slug) || slugOf(post.title) || 'post']));
  const newPaths = new Map(
    blog.posts.flatMap((post) =>
      post.oldPath === undefined ? [] : [[withoutSlash(post.oldPath), `/blog/${slugs.get(post)}`] as const],
    ),
  );
  for (const post of blog.posts) {
    const body = withNewLinks(await withPictures(post, picture), newPaths);
    const clean = sanitiseRichText(body);
    const featuredImage = post.picture === undefined ? undefined : await picture(post.picture, post.pictureAlt || post.title);
    const [category] = post.categories.map((key) => categories.get(key)).filter((id) => id !== undefined);
    const id = take(
      'post',
      blogPost,
      {
        slug: slugs.get(post) ?? '',
        status: post.status,
        ...(post.publishedAtMs !== undefined && { publishAtMs: post.publishedAtMs }),
        fields: {
          title: post.title.slice(0, 255),
          excerpt: excerptOf(post, clean),
          body: clean,
          featuredImage: featuredImage ?? null,
          category: category ?? null,
          author: authors.get(post.author) ?? null,
          tags: post.tags
            .map((key) => tags.get(key))
            .filter((id) => id !== undefined)
            .slice(0, 20),
        },
      },
      post.publishedAtMs,
    );
    if (id === undefined || post.oldPath === undefined || withoutSlash(post.oldPath) === '') continue;
    const isNew = keepForeignAddress(destination.database, post.oldPath, { type: blogPost.name, record: id });
    report.count('old address', isNew ? 'created' : 'left');
  }
};

const excerptOf = ({ excerpt }: ForeignPost, body: string): string => {
  const words = (plainText(sanitiseRichText(excerpt)) || plainText(body)).replaceAll('\n', ' ');
  return words.length <= EXCERPT_LENGTH ? words : `${words.slice(0, words.lastIndexOf(' ', EXCERPT_LENGTH))}…`;
};

/** Pictures become those of the library; what is not there leaves the text. */
const withPictures = async (
  { html, title }: ForeignPost,
  picture: (address: string, words: string) => Promise<number | undefined>,
): Promise<string> => {
  const parts: string[] = [];
  let from = 0;
  for (const match of html.matchAll(/<img\b[^<>]*>/gi)) {
    parts.push(html.slice(from, match.index));
    from = match.index + match[0].length;
    const source = attributeOf(match[0], 'src');
    const id = source === undefined ? undefined : await picture(source, attributeOf(match[0], 'alt')?.trim() || title);
    if (id !== undefined) parts.push(`<img data-media="${id}" alt="${escapeHtml(attributeOf(match[0], 'alt') ?? '')}">`);
  }
  // Numbers of a library that somebody typed himself would show files of this one.
  return [...parts, html.slice(from)].join('');
};

const attributeOf = (tag: string, name: string): string | undefined => {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  return match?.[1] ?? match?.[2];
};

/** Links to other posts of the blog lead to where those are now. */
const withNewLinks = (html: string, newPaths: ReadonlyMap<string, string>): string =>
  html.replace(/(<a\b[^<>]*?\shref=)(["'])([^"'<>]*)\2/gi, (all, before: string, _quote: string, address: string) => {
    const old = pathOfAddress(address);
    const now = old === undefined || old === '/' ? undefined : newPaths.get(withoutSlash(old));
    return now === undefined ? all : `${before}"${now}"`;
  });

const withoutSlash = (path: string): string => path.replace(/\/$/, '');
