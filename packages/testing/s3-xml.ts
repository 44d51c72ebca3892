/** The little XML that S3 speaks: rendered from a tree, read by looking for elements. */
export type XmlElement = { readonly name: string; readonly content: string | readonly XmlElement[]; readonly attributes: string };

export const element = (
  name: string,
  content: string | number | boolean | readonly XmlElement[],
  attributes = '',
): XmlElement => ({
  name,
  content: typeof content === 'object' ? content : String(content),
  attributes,
});

/** A whole document. */
export const renderXml = (root: XmlElement): string => `<?xml version="1.0" encoding="UTF-8"?>\n${render(root)}`;

/** The answers of S3 have this namespace, its errors have none. */
export const S3_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** The inside of every element of that name, in order. */
export const findElements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:\\w+:)?${name}>`, 'g'))].map(
    ([, inside = '']) => inside,
  );

/** The text of the first element of that name. */
export const findText = (xml: string, name: string): string | undefined => {
  const [inside] = findElements(xml, name);
  return inside === undefined ? undefined : unescape(inside);
};

const render = ({ name, content, attributes }: XmlElement): string =>
  `<${name}${attributes === '' ? '' : ` ${attributes}`}>${
    typeof content === 'string' ? escape(content) : content.map(render).join('')
  }</${name}>`;

const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // Line ends and other controls would not survive a parser.
    .replaceAll(/[\u0000-\u001f\u007f]/g, (char) => `&#x${char.charCodeAt(0).toString(16)};`);

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescape = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return NAMED[name ?? ''] ?? whole;
  });
