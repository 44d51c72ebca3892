/** SVG drawings, made harmless: read into a tree, and written anew from an allow-list. What is not on it is not in the result. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { escapeHtml } from '../html/html.ts';
import { isSafeStyleSheet, isSafeValue, SVG_ATTRIBUTES, SVG_ELEMENTS, SVG_UNWRAPPED } from './svg-allowed.ts';

export const MOST_SVG_BYTES = 2 ** 20;
const MOST_ELEMENTS = 20_000;
const MOST_DEPTH = 64;
/** Elements that a drawing may become when every `use` is followed: nested ones multiply. */
const MOST_DRAWN_ELEMENTS = 100_000;

export type Drawing = { readonly text: string; readonly width: number; readonly height: number };

/** It cannot be read as a drawing; the message completes "… cannot be read: ". */
export class SvgError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SvgError';
  }
}

/** Throws SvgError. The result holds no script, no event, no reference to anything outside of it, no entity, no animation. */
export const sanitiseSvg = (given: string): Drawing => {
  const root = parse(given);
  const reading: Reading = { elements: 0 };
  const clean = cleanElement(root, reading, 0);
  if (clean === undefined) throw new SvgError('it is no SVG drawing');
  if (drawnElements(clean) > MOST_DRAWN_ELEMENTS) throw new SvgError('its parts repeat each other without end');
  const { width, height } = sizeOf(clean.attributes);
  const attributes = new Map(clean.attributes);
  if (!attributes.has('viewBox')) attributes.set('viewBox', `0 0 ${width} ${height}`);
  attributes.set('width', String(width)).set('height', String(height));
  const text = write({ ...clean, attributes: new Map([['xmlns', 'http://www.w3.org/2000/svg'], ...attributes]) });
  return { text, width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
};

/** What fast-xml-parser gives with `preserveOrder`. */
type Parsed = Readonly<Record<string, unknown>>;

type Element = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (Element | string)[];
};

type Reading = { elements: number };

const PARSER = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Entities are ours to read: the five of XML and numbers, nothing that a document declares.
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

const parse = (given: string): Parsed => {
  const text = given.replace(/^\uFEFF/, '').replace(/<!DOCTYPE\s+svg\b[^[>]*>/i, '');
  if (/<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)/i.test(text)) throw new SvgError('it declares entities of its own');
  if (text.includes('\0')) throw new SvgError('it is no XML');
  const valid = XMLValidator.validate(text, { allowBooleanAttributes: false });
  if (valid !== true) throw new SvgError(`it is no well-formed XML (line ${valid.err.line})`);
  const roots = parseText(text).filter((node) => nameOf(node) !== '#text');
  const [root] = roots;
  if (root === undefined || roots.length !== 1 || nameOf(root) !== 'svg') throw new SvgError('it is no SVG drawing');
  return root;
};

const parseText = (text: string): readonly Parsed[] => {
  try {
    return PARSER.parse(text) as readonly Parsed[];
  } catch (error) {
    // The parser refuses names that are dangerous in JavaScript, and nesting without end.
    throw new SvgError('its parts cannot be told apart', { cause: error });
  }
};

const nameOf = (node: Parsed): string => Object.keys(node).find((key) => key !== ':@') ?? '';

const cleanElement = (node: Parsed, reading: Reading, depth: number): Element | undefined => {
  const name = nameOf(node);
  if (!SVG_ELEMENTS.has(name)) return undefined;
  reading.elements += 1;
  if (reading.elements > MOST_ELEMENTS || depth > MOST_DEPTH) throw new SvgError('it has too many parts');
  const attributes = cleanAttributes(name, (node[':@'] ?? {}) as Readonly<Record<string, unknown>>);
  const children = cleanChildren((node[name] ?? []) as readonly Parsed[], reading, depth);
  if (name !== 'style') return { name, attributes, children };
  const sheet = children.filter((child) => typeof child === 'string').join('');
  return isSafeStyleSheet(sheet) ? { name, attributes: new Map(), children: [sheet] } : undefined;
};

const cleanChildren = (nodes: readonly Parsed[], reading: Reading, depth: number): readonly (Element | string)[] =>
  nodes.flatMap((node) => {
    const name = nameOf(node);
    if (name === '#text') return [decode(String(node[name]))];
    // A link's content stays, the link does not.
    if (SVG_UNWRAPPED.has(name)) {
      if (depth > MOST_DEPTH) throw new SvgError('it has too many parts');
      return cleanChildren((node[name] ?? []) as readonly Parsed[], reading, depth + 1);
    }
    return cleanElement(node, reading, depth + 1) ?? [];
  });

const cleanAttributes = (element: string, given: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> => {
  const kept = new Map<string, string>();
  for (const [rawName, rawValue] of Object.entries(given)) {
    const name = rawName === 'xlink:href' ? 'href' : rawName;
    const value = decode(String(rawValue));
    if (name === 'href' ? isInnerReference(element, value) : SVG_ATTRIBUTES.has(name) && isSafeValue(name, value))
      kept.set(name, value.trim());
  }
  return kept;
};

const REFERRING = new Set(['use', 'textPath', 'linearGradient', 'radialGradient', 'pattern', 'filter']);

const isInnerReference = (element: string, value: string): boolean =>
  REFERRING.has(element) && /^#[\w.:-]{1,200}$/.test(value.trim());

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Unknown entities, and characters that XML cannot hold, are left out. */
const decode = (text: string): string =>
  text
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{1,32}));?/gi, (_all, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? '';
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
    })
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');

const write = ({ name, attributes, children }: Element): string => {
  const written = [...attributes].map(([key, value]) => ` ${key}="${escapeHtml(value)}"`).join('');
  const content = children.map((child) => (typeof child === 'string' ? escapeHtml(child) : write(child))).join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
};

/** Elements that are drawn when every reference of a `use` is followed; Infinity for one that contains itself. */
const drawnElements = (root: Element): number => {
  const byId = new Map<string, Element>();
  const collect = (element: Element): void => {
    const id = element.attributes.get('id');
    if (id !== undefined && !byId.has(id)) byId.set(id, element);
    for (const child of element.children) if (typeof child !== 'string') collect(child);
  };
  collect(root);

  const known = new Map<Element, number>();
  const count = (element: Element): number => {
    const before = known.get(element);
    if (before !== undefined) return before;
    known.set(element, Number.POSITIVE_INFINITY);
    const target = byId.get((element.attributes.get('href') ?? '').slice(1));
    let sum = 1 + (target === undefined || element.name !== 'use' ? 0 : count(target));
    for (const child of element.children) if (typeof child !== 'string') sum += count(child);
    known.set(element, sum);
    return sum;
  };
  return count(root);
};

/** In pixels: its own width and height, or those of its view box, or what browsers take for a drawing that says nothing. */
const sizeOf = (attributes: ReadonlyMap<string, string>): { readonly width: number; readonly height: number } => {
  const [, , boxWidth, boxHeight] = (attributes.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const box = isLength(boxWidth) && isLength(boxHeight) ? { width: boxWidth, height: boxHeight } : undefined;
  const width = pixels(attributes.get('width'));
  const height = pixels(attributes.get('height'));
  if (width !== undefined && height !== undefined) return { width, height };
  if (box === undefined) return { width: width ?? 300, height: height ?? 150 };
  if (width !== undefined) return { width, height: (width * box.height) / box.width };
  if (height !== undefined) return { width: (height * box.width) / box.height, height };
  return box;
};

const isLength = (value: number | undefined): value is number => value !== undefined && value > 0 && value < 100_000;

const PIXELS: Readonly<Record<string, number>> = { '': 1, px: 1, pt: 4 / 3, pc: 16, mm: 96 / 25.4, cm: 96 / 2.54, in: 96 };

const pixels = (length: string | undefined): number | undefined => {
  const [, amount = '', unit = ''] = /^\s*(\d*\.?\d+)(px|pt|pc|mm|cm|in)?\s*$/.exec(length ?? '') ?? [];
  const value = Number(amount) * (PIXELS[unit] ?? Number.NaN);
  return isLength(value) ? Math.round(value * 100) / 100 : undefined;
};
