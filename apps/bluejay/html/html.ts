/** HTML as values: what a template is given is escaped, unless it is HTML already. */

export type Html = { readonly html: string };
/** What may stand in a template. null, undefined, true and false are nothing: `${isNew && html`<b>new</b>`}`. */
export type Printable = Html | string | number | boolean | null | undefined | readonly Printable[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

/**
 * html`<p title="${title}">${body}</p>`. Safe in the text of an element and in a quoted attribute, nowhere else: an address
 * that somebody typed goes through `safeLink` first, and nothing is ever put into a script or a style.
 */
export const html = (strings: TemplateStringsArray, ...values: readonly Printable[]): Html => {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += print(value) + (strings[index + 1] ?? '');
  return { html: text };
};

/** HTML that is known to be good: sanitised when it was stored, or made by ourselves. */
export const trusted = (text: string): Html => ({ html: text });

/** ` name="value"`, or nothing without a value; `true` gives the name alone. */
export const attribute = (name: string, value: string | number | boolean | null | undefined): Html => {
  if (value === null || value === undefined || value === false) return { html: '' };
  return { html: value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"` };
};

/** The address if a link may lead there (http, https, mailto, tel, or this site), otherwise '#'. */
export const safeLink = (address: string): string =>
  /^(?:https?:\/\/|mailto:|tel:|\/(?![/\\])|[#?])/i.test(address.trim()) ? address.trim() : '#';

const print = (value: Printable): string => {
  if (value === null || value === undefined || typeof value === 'boolean') return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if ('html' in value) return value.html;
  return value.map(print).join('');
};
