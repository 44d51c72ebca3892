/** XML as text: what a template is given is escaped, and characters that XML 1.0 does not know are left out. */
import { escapeHtml } from '../../html/html.ts';

export type Xml = { readonly xml: string };
type Printable = Xml | string | number | null | undefined | readonly Printable[];

/** XML 1.0, section 2.2: everything below the space but tab and line ends, halves of pairs, and two that are no characters. */
const NOT_CHARACTERS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

export const xml = (strings: TemplateStringsArray, ...values: readonly Printable[]): Xml => {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += print(value) + (strings[index + 1] ?? '');
  return { xml: text };
};

/** A document with its declaration. */
export const xmlDocument = ({ xml: text }: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${text.trim()}\n`;

const print = (value: Printable): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return escapeHtml(value.replace(NOT_CHARACTERS, ''));
  if (typeof value === 'number') return String(value);
  if ('xml' in value) return value.xml;
  return value.map(print).join('');
};
