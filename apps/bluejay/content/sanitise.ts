/** Rich text: what of it is kept, and what is made of it. Kept is what stands in the lists below; everything else goes. */
import sanitizeHtml from 'sanitize-html';
import { escapeHtml, type Html, trusted } from '../html/html.ts';
import { slugOf } from './slug.ts';
import { withoutUnseen } from './typed-text.ts';

/** Deeper than any text of an editor; what is nested deeper loses its tags and keeps its words. */
const NESTING_LIMIT = 40;
/** Texts that still change then are no texts; nobody has seen one. */
const MOST_PASSES = 8;
/** The parser takes time by the square of what is open at once: a second for twenty thousand. No document has a thousand. */
const MOST_OPEN = 5_000;

/**
 * HTML of whatever origin becomes HTML of ours: headings 2 to 4, paragraphs, lists, quotes, code, tables, links that lead to
 * the web or this site, pictures of the media library as `<img data-media="7" alt="">`. Saying it twice changes nothing more.
 * An empty document is ''.
 */
export const sanitiseRichText = (html: string): string => {
  // What is left when tags go can be read in another way, as by a browser: until nothing changes. Almost always that is once more.
  // A box that becomes a paragraph and held paragraphs leaves empty ones around them.
  const hasBoxes = BOXES.test(html);
  let clean = isTooDeep(html) ? escapeHtml(html.replace(/<[/!a-z][^<>]*>?/gi, ' ')) : html;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const before = clean;
    clean = sanitiseOnce(before);
    if (hasBoxes) clean = clean.replaceAll('<p></p>', '');
    if (clean === before) return plainText(clean) === '' && !/<(?:img|hr|table)\b/.test(clean) ? '' : clean;
  }
  return escapeHtml(plainText(clean));
};

/** Counts tags that are never ended, without regard to where: more than the parser would find open, never less. */
const isTooDeep = (html: string): boolean => {
  const open = new Map<string, number>();
  let all = 0;
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][^\s/>]{0,20})/gi)) {
    const tag = name.toLowerCase();
    const count = open.get(tag) ?? 0;
    if (slash === '' && !VOID_TAGS.has(tag)) {
      open.set(tag, count + 1);
      all++;
    } else if (slash !== '' && count > 0) {
      open.set(tag, count - 1);
      all--;
    }
    if (all > MOST_OPEN) return true;
  }
  return false;
};

const VOID_TAGS = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'param',
  'source',
  'track',
  'wbr',
]);

// ` />` can only end a tag of ours: a `>` of the text or of an attribute is escaped.
const sanitiseOnce = (html: string): string => sanitizeHtml(html, OPTIONS).replaceAll(' />', '>').trim();

/** The words of sanitised HTML, one line for each block. */
export const plainText = (html: string): string =>
  decode(
    html
      .replace(/\s+/g, ' ')
      .replace(/<\/?(?:p|h[2-4]|ul|ol|li|blockquote|pre|table|thead|tbody|tr|caption|hr|br)\b[^>]*>/g, '\n')
      .replace(/<\/t[dh]>/g, ' ')
      .replace(/<[^>]*>/g, ''),
  )
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim();

/** How many words one has to read. */
export const wordsOf = (html: string): number => plainText(html).match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’.-]*/gu)?.length ?? 0;

/**
 * Sanitised HTML as visitors get it: `picture` makes the library's <picture> of an id and the text that the editor gave it ('' is
 * none), headings get ids to link to. The ids begin with `h-`, so that no heading takes the name of something of the browser.
 */
export const expandRichText = (html: string, picture: (id: number, alt: string) => Html): Html => {
  const taken = new Set<string>();
  return trusted(
    html
      .replace(/<img\b[^>]*>/g, (tag) => {
        const id = /\bdata-media="(\d+)"/.exec(tag)?.[1];
        return id === undefined ? '' : picture(Number(id), decode(/\balt="([^"]*)"/.exec(tag)?.[1] ?? '')).html;
      })
      .replace(/<(h[2-4])((?: class="[^"]*")?)>(.*?)<\/\1>/gs, (_, tag: string, attributes: string, inner: string) => {
        const id = untaken(`h-${slugOf(plainText(inner)) || 'section'}`, taken);
        return `<${tag}${attributes} id="${escapeHtml(id)}">${inner}</${tag}>`;
      }),
  );
};

/** Of pages of others: their words stay apart as paragraphs. */
const BOX_TAGS = [
  'div',
  'section',
  'article',
  'aside',
  'main',
  'header',
  'footer',
  'figure',
  'figcaption',
  'address',
  'center',
  'dt',
  'dd',
];
const BOXES = new RegExp(`<(?:${BOX_TAGS.join('|')})\\b`, 'i');

const BLOCK_CLASSES = ['align-center', 'align-right', 'lead'];

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['p', 'h2', 'h3', 'h4', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'hr', 'br'],
    ...['strong', 'em', 'u', 's', 'sub', 'sup', 'a', 'img'],
    ...['table', 'caption', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    img: ['data-media', 'alt'],
    ol: ['start'],
    td: ['colspan', 'rowspan'],
    th: ['colspan', 'rowspan', 'scope'],
  },
  allowedClasses: {
    p: BLOCK_CLASSES,
    h2: BLOCK_CLASSES,
    h3: BLOCK_CLASSES,
    h4: BLOCK_CLASSES,
    td: BLOCK_CLASSES,
    th: BLOCK_CLASSES,
    code: [/^language-[a-z0-9+#-]{1,30}$/],
  },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowProtocolRelative: false,
  // Their content is no text of the page; browsers and the parser disagree about where some of them end.
  nonTextTags: [
    ...['script', 'style', 'textarea', 'option', 'select', 'xmp', 'noscript', 'iframe', 'noembed', 'noframes', 'plaintext'],
    ...['template', 'svg', 'math', 'title', 'object', 'embed', 'applet', 'audio', 'video', 'canvas', 'head', 'button'],
  ],
  nestingLimit: NESTING_LIMIT,
  parseStyleAttributes: false,
  textFilter: withoutUnseen,
  // A link that leads nowhere goes, and its words stay. (To rename it to a tag that is not allowed confuses the library's ends.)
  exclusiveFilter: (frame) =>
    frame.tag === 'a' && frame.attribs['href'] === undefined
      ? 'excludeTag'
      : frame.tag === 'img' && frame.attribs['data-media'] === undefined,
  transformTags: {
    ...Object.fromEntries(BOX_TAGS.map((tag) => [tag, 'p'])),
    b: 'strong',
    i: 'em',
    del: 's',
    strike: 's',
    h1: 'h2',
    h5: 'h4',
    h6: 'h4',
    a: (_, attributes) => {
      const href = withoutUnseen(attributes['href'] ?? '').trim();
      if (!SAFE_LINK.test(href)) return { tagName: 'a', attribs: {} };
      const title = withoutUnseen(attributes['title'] ?? '');
      return {
        tagName: 'a',
        attribs: {
          href,
          ...(title !== '' && { title }),
          ...(/^https?:/i.test(href) && { rel: 'noopener noreferrer' }),
        },
      };
    },
    img: (tagName, attributes) => {
      const id = attributes['data-media'] ?? '';
      return {
        tagName,
        attribs: MEDIA_ID.test(id) ? { 'data-media': id, alt: withoutUnseen(attributes['alt'] ?? '') } : {},
      };
    },
    ol: (tagName, attributes) => ({ tagName, attribs: numbersOf(attributes, ['start']) }),
    td: (tagName, attributes) => ({ tagName, attribs: { ...classOf(attributes), ...spansOf(attributes) } }),
    th: (tagName, attributes) => ({
      tagName,
      attribs: {
        ...classOf(attributes),
        ...spansOf(attributes),
        ...(/^(?:col|row)$/.test(attributes['scope'] ?? '') && { scope: attributes['scope'] ?? '' }),
      },
    }),
  },
};

/** The web, a mail, a telephone, or this site; never `//elsewhere`. Whitespace of any kind has no place in it but at its ends. */
const SAFE_LINK = /^(?:https?:\/\/|mailto:|tel:|\/(?![/\\])|[#?])[^\s\\]*$/i;
const MEDIA_ID = /^[1-9]\d{0,14}$/;

type Attributes = Readonly<Record<string, string>>;

const classOf = (attributes: Attributes): Record<string, string> =>
  attributes['class'] === undefined ? {} : { class: attributes['class'] };

/** A span of one is what there is without saying so. */
const spansOf = (attributes: Attributes): Record<string, string> =>
  Object.fromEntries(Object.entries(numbersOf(attributes, ['colspan', 'rowspan'])).filter(([, value]) => value !== '1'));

const numbersOf = (attributes: Attributes, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.map((name) => [name, attributes[name] ?? '']).filter(([, value]) => /^[1-9]\d{0,2}$/.test(value ?? '')),
  );

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** Sanitised HTML knows only these; the numbers are for what is stored by others. */
const decode = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|([a-z]{2,4}));/g, (all: string, code: string | undefined, name: string | undefined) =>
    code === undefined ? (NAMED[name ?? ''] ?? all) : Number(code) > 0x10_ff_ff ? all : String.fromCodePoint(Number(code)),
  );

const untaken = (name: string, taken: Set<string>): string => {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number++) candidate = `${name}-${number}`;
  taken.add(candidate);
  return candidate;
};
