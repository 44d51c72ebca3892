/** The tree of Ghost's editor as HTML: text, headings, lists, quotes, code, links and pictures. */
import { escapeHtml } from '../../html/html.ts';
import { asList, asObject, numberIn, own, parseObject, textIn, type Untrusted } from '../untrusted.ts';

/** Deeper than any text. */
const DEEPEST = 40;

/** `onUnknown` gets the names of what was left out. */
export const lexicalToHtml = (json: string, onUnknown: (kind: string) => void): string => {
  const root = asObject(own(parseObject(json) ?? {}, 'root'));
  return root === undefined ? '' : childrenOf(root, onUnknown, 0);
};

const childrenOf = (node: Untrusted, onUnknown: (kind: string) => void, depth: number): string =>
  depth > DEEPEST
    ? ''
    : asList(own(node, 'children'))
        .map((child) => nodeToHtml(asObject(child) ?? {}, onUnknown, depth + 1))
        .join('');

const nodeToHtml = (node: Untrusted, onUnknown: (kind: string) => void, depth: number): string => {
  const inner = (): string => childrenOf(node, onUnknown, depth);
  const kind = textIn(node, 'type');
  switch (kind) {
    case 'text':
    case 'extended-text':
      return formatted(escapeHtml(textIn(node, 'text', 1_000_000)), numberIn(node, 'format') ?? 0);
    case 'linebreak':
      return '<br>';
    case 'paragraph':
      return `<p>${inner()}</p>`;
    case 'heading':
    case 'extended-heading': {
      const tag = /^h[1-6]$/.exec(textIn(node, 'tag'))?.[0] ?? 'h2';
      return `<${tag}>${inner()}</${tag}>`;
    }
    case 'list':
      return textIn(node, 'listType') === 'number' ? `<ol>${inner()}</ol>` : `<ul>${inner()}</ul>`;
    case 'listitem':
      return `<li>${inner()}</li>`;
    case 'quote':
    case 'extended-quote':
    case 'aside':
      return `<blockquote><p>${inner()}</p></blockquote>`;
    case 'link':
      return `<a href="${escapeHtml(textIn(node, 'url'))}">${inner()}</a>`;
    case 'codeblock':
      return `<pre><code>${escapeHtml(textIn(node, 'code', 1_000_000))}</code></pre>`;
    case 'horizontalrule':
      return '<hr>';
    case 'image':
      return `<p><img src="${escapeHtml(textIn(node, 'src'))}" alt="${escapeHtml(textIn(node, 'alt'))}"></p>${captionOf(node)}`;
    case 'html':
    case 'markdown':
      return textIn(node, kind, 1_000_000);
    default:
      onUnknown(kind === '' ? 'unknown' : kind);
      return inner();
  }
};

const captionOf = (node: Untrusted): string =>
  textIn(node, 'caption') === '' ? '' : `<p><em>${textIn(node, 'caption')}</em></p>`;

/** Bits of the editor: bold, italic, struck, underlined, code. */
const FORMATS = [
  [1, 'strong'],
  [2, 'em'],
  [4, 's'],
  [8, 'u'],
  [16, 'code'],
] as const;

const formatted = (text: string, bits: number): string =>
  FORMATS.reduce((html, [bit, tag]) => ((bits & bit) === 0 ? html : `<${tag}>${html}</${tag}>`), text);
