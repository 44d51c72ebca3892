/**
 * Markdown that strangers wrote, made harmless: no HTML of theirs, links only to the web and to mail, and pictures as links,
 * so that nothing is fetched from anywhere by merely looking.
 */
import MarkdownIt from 'markdown-it';

const ALLOWED_LINK = /^(?:https?:\/\/|mailto:)/i;

const renderer = new MarkdownIt({ html: false, linkify: true, typographer: false });
renderer.validateLink = (url) => ALLOWED_LINK.test(url.trim());
renderer.renderer.rules['link_open'] = (tokens, index, options, _environment, self) => {
  const token = tokens[index];
  token?.attrSet('rel', 'noopener noreferrer nofollow');
  token?.attrSet('target', '_blank');
  return self.renderToken(tokens, index, options);
};
renderer.renderer.rules['image'] = (tokens, index) => {
  const token = tokens[index];
  const { escapeHtml } = renderer.utils;
  const words = escapeHtml(token?.content === undefined || token.content === '' ? 'picture' : token.content);
  return `<a href="${escapeHtml(String(token?.attrGet('src') ?? ''))}" rel="noopener noreferrer nofollow" target="_blank">${words}</a>`;
};
// A column's alignment would come as a style attribute, which the page's policy forbids.
for (const rule of ['td_open', 'th_open'])
  renderer.renderer.rules[rule] = (tokens, index, options, _environment, self) => {
    const token = tokens[index];
    if (token !== undefined) token.attrs = null;
    return self.renderToken(tokens, index, options);
  };

/** HTML of the above rules alone. */
export const markdownToHtml = (markdown: string): string => renderer.render(markdown);

/** In a document of its own until it is done: there nothing is loaded and nothing runs. */
export function renderMarkdown(markdown: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(markdownToHtml(markdown), 'text/html');
  const fragment = document.createDocumentFragment();
  fragment.append(...parsed.body.childNodes);
  return fragment;
}
