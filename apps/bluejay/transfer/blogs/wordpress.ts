/** WordPress: its export file (WXR 1.2), an item at a time; a document type and with it every entity of its own is refused. */
import { XMLParser } from 'fast-xml-parser';
import { escapeHtml } from '../../html/html.ts';
import { notUnderstood } from '../errors.ts';
import type { Report } from '../report.ts';
import { asList, asObject, own, type Untrusted } from '../untrusted.ts';
import { type ForeignBlog, type ForeignPost, pathOfAddress } from './blog.ts';

/** Pages of WordPress become posts of this category. */
export const PAGES = 'Pages';
const NO_CATEGORY = 'Uncategorised';

export const readWordPress = (
  xml: string,
  { asPublished, report }: { readonly asPublished: boolean; readonly report: Report },
): ForeignBlog => {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml.slice(0, 4_096)))
    throw notUnderstood('the file declares a document type, which no export of WordPress has');
  if (!xml.slice(0, 8_192).includes('wordpress.org/export'))
    throw notUnderstood('this is no export of WordPress', 'Make it under Tools, Export, All content.');
  const { head, items } = split(xml);
  const parsed = items.map((item) => parse(item));
  const categories = new Map<string, string>();
  const tags = new Map<string, string>();
  const alts = new Map<string, string>();
  const attachments = new Map<string, string>();
  for (const item of parsed.filter((each) => text(each, 'wp:post_type') === 'attachment')) {
    const address = text(item, 'wp:attachment_url');
    attachments.set(text(item, 'wp:post_id'), address);
    alts.set(address, metaOf(item, '_wp_attachment_image_alt'));
  }
  const authors = new Map(
    [...head.matchAll(/<wp:author>[\s\S]*?<\/wp:author>/g)].map(([author]) => {
      const one = parse(author);
      const login = text(one, 'wp:author_login');
      return [
        login,
        { name: text(one, 'wp:author_display_name') || login, email: text(one, 'wp:author_email'), bio: '' },
      ] as const;
    }),
  );
  const posts = parsed.flatMap((item): ForeignPost[] => {
    const kind = text(item, 'wp:post_type');
    const title = text(item, 'title') || '(without a title)';
    const comments = many(item, 'wp:comment').length;
    if (comments > 0) report.leftOut('comments', `${comments} of “${title}”`);
    if (kind === 'attachment') return [];
    if (kind !== 'post' && kind !== 'page') {
      report.leftOut(kind || 'item', 'this kind has no place here');
      return [];
    }
    const state = text(item, 'wp:status');
    if (state === 'trash' || state === 'auto-draft' || state === 'inherit') {
      report.leftOut(`${kind} “${title}”`, `its status is ${state}`);
      return [];
    }
    if (text(item, 'wp:post_password') !== '') report.leftOut(`${kind} “${title}”`, 'its password; it comes as a draft');
    const of = (domain: string) =>
      many(item, 'category').flatMap((each) =>
        asObject(each) !== undefined && own(asObject(each) ?? {}, '@domain') === domain ? [asObject(each) ?? {}] : [],
      );
    for (const each of of('category')) categories.set(String(own(each, '@nicename')), decode(valueOf(each)));
    for (const each of of('post_tag')) tags.set(String(own(each, '@nicename')), decode(valueOf(each)));
    const own_ = kind === 'page' ? ['pages'] : of('category').map((each) => String(own(each, '@nicename')));
    if (kind === 'page') categories.set('pages', PAGES);
    if (own_.length === 0) categories.set('uncategorised', NO_CATEGORY);
    const author = text(item, 'dc:creator');
    if (!authors.has(author)) authors.set(author, { name: author || 'Unknown', email: '', bio: '' });
    const isPublic = (state === 'publish' || state === 'future') && text(item, 'wp:post_password') === '';
    const date = Date.parse(`${text(item, 'wp:post_date_gmt').replace(' ', 'T')}Z`);
    const link = text(item, 'link');
    return [
      {
        title,
        slug: text(item, 'wp:post_name'),
        excerpt: text(item, 'excerpt:encoded'),
        html: htmlOf(text(item, 'content:encoded'), { attachments, report }),
        status: isPublic && asPublished ? 'published' : 'draft',
        publishedAtMs: Number.isNaN(date) || date < 0 ? undefined : date,
        categories: own_.length === 0 ? ['uncategorised'] : own_,
        tags: of('post_tag').map((each) => String(own(each, '@nicename'))),
        author,
        pictureAlt: '',
        picture: attachments.get(metaOf(item, '_thumbnail_id')),
        oldPath: link === '' || link.includes('?') ? undefined : pathOfAddress(link),
      },
    ];
  });
  if (posts.some(({ categories: [first] }) => first === 'pages'))
    report.leftOut('pages', `they come as posts of the category “${PAGES}”`);
  return { categories, tags, authors, alts, posts };
};

/** What stands in CDATA does not count: a post may be about XML. */
const split = (xml: string): { readonly head: string; readonly items: readonly string[] } => {
  const items: string[] = [];
  let start = -1;
  let first = xml.length;
  const marks = /<item>|<\/item>|<!\[CDATA\[/g;
  for (let mark = marks.exec(xml); mark !== null; mark = marks.exec(xml)) {
    if (mark[0] === '<![CDATA[') {
      const end = xml.indexOf(']]>', marks.lastIndex);
      if (end < 0) break;
      marks.lastIndex = end + 3;
    } else if (mark[0] === '<item>') {
      start = mark.index;
      first = Math.min(first, start);
    } else if (start >= 0) {
      items.push(xml.slice(start, marks.lastIndex));
      start = -1;
    }
  }
  return { head: xml.slice(0, first), items };
};

const PARSER = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  cdataPropName: '#cdata',
  processEntities: false,
  parseTagValue: false,
  trimValues: true,
});

const parse = (xml: string): Untrusted => {
  try {
    const parsed = asObject(PARSER.parse(xml)) ?? {};
    const [inner] = Object.values(parsed);
    return asObject(inner) ?? {};
  } catch (error) {
    throw notUnderstood(`the file is no sound XML: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const many = (item: Untrusted, name: string): readonly unknown[] => {
  const value = own(item, name);
  return value === undefined ? [] : Array.isArray(value) ? asList(value) : [value];
};

const text = (item: Untrusted, name: string): string => {
  const [value] = many(item, name);
  return asObject(value) === undefined ? decode(wordsOf(value)) : valueOf(asObject(value) ?? {});
};

const wordsOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** CDATA is as it stands; text between tags has entities. */
const valueOf = (element: Untrusted): string => {
  const cdata = many(element, '#cdata').map(String).join('');
  return cdata === '' ? decode(wordsOf(own(element, '#text'))) : cdata;
};

const metaOf = (item: Untrusted, key: string): string => {
  for (const each of many(item, 'wp:postmeta')) {
    const meta = asObject(each) ?? {};
    if (text(meta, 'wp:meta_key') === key) return text(meta, 'wp:meta_value');
  }
  return '';
};

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const decode = (given: string): string =>
  given.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? all;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : all;
    },
  );

/** Comments of blocks go; captions and galleries become what they show; other shortcodes go and are named. */
const htmlOf = (
  content: string,
  { attachments, report }: { readonly attachments: ReadonlyMap<string, string>; readonly report: Report },
): string => {
  const html = content
    .replace(/<!--\s*\/?wp:[^<>]*-->/g, '')
    .replace(
      /\[caption\b[^\]]*\]\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*<\/a>)?)([^[]*)\[\/caption\]/gi,
      (_, image: string, words: string) => `<p>${image}</p><p><em>${words.trim()}</em></p>`,
    )
    .replace(/\[gallery\b([^\]]*)\]/gi, (_, options: string) =>
      (/ids\s*=\s*["']([\d,\s]+)["']/.exec(options)?.[1] ?? '')
        .split(',')
        .map((id) => attachments.get(id.trim()))
        .filter((address) => address !== undefined)
        .map((address) => `<p><img src="${escapeHtml(address)}" alt=""></p>`)
        .join(''),
    )
    .replace(/\[(\/?)([a-z][a-z0-9_-]{1,40})(\s[^\]]*)?\]/g, (all, slash: string, name: string, options: string | undefined) => {
      // [sic] and the like are words of the author.
      const isShortcode = slash !== '' || options?.includes('=') === true || content.includes(`[/${name}]`) || /[_-]/.test(name);
      if (!isShortcode) return all;
      if (slash === '') report.leftOut('shortcode', `[${name}]`);
      return '';
    });
  return /<(?:p|h[1-6]|ul|ol|table|blockquote|figure|div)\b/i.test(html)
    ? html
    : html
        .split(/\n\s*\n/)
        .map((part) => (part.trim() === '' ? '' : `<p>${part.trim().replaceAll('\n', '<br>')}</p>`))
        .join('');
};
