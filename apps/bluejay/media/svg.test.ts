import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sanitiseSvg, SvgError } from './svg.ts';
import { HOSTILE_SVG } from './testing/hostile-svg.ts';

const clean = (inner: string): string =>
  sanitiseSvg(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">${inner}</svg>`).text;
const inside = (text: string): string => /^<svg [^>]*>(.*)<\/svg>$/s.exec(text)?.[1] ?? '';

for (const [name, given] of HOSTILE_SVG)
  test(`nothing that acts is left of ${name}`, () => {
    let text: string;
    try {
      ({ text } = sanitiseSvg(given));
    } catch (error) {
      assert.ok(error instanceof SvgError, String(error));
      return;
    }
    assert.doesNotMatch(
      text,
      /<(?!\/?(?:svg|g|rect|path|text|style|title|use|linearGradient|filter|feFlood|circle|defs|desc|pattern)\b)/,
    );
    assert.doesNotMatch(text, /javascript:|evil\.example|<!|<\?|@import|\shref="(?!#)/i);
    // What stands in texts and in values is only words.
    const bare = text.replace(/"[^"]*"/g, '""').replace(/>[^<]*</g, '><');
    assert.doesNotMatch(bare, /\son\w+=|script|\bbase\b/i);
    assert.equal(sanitiseSvg(text).text, text);
  });

/** What is written, and what is left of it. */
const KEPT: readonly (readonly [name: string, given: string, kept: string])[] = [
  ['shapes and paint', '<path d="M0 0L9 9" fill="none" stroke="#f00"/>', '<path d="M0 0L9 9" fill="none" stroke="#f00"/>'],
  [
    'references within the drawing',
    '<linearGradient id="a"/><rect width="1" height="1" fill="url(#a)"/><use xlink:href="#a"/>',
    '<linearGradient id="a"/><rect width="1" height="1" fill="url(#a)"/><use href="#a"/>',
  ],
  [
    'words, spaces among them',
    '<text>a <tspan>b</tspan> &amp; &#60;c&gt;</text>',
    '<text>a <tspan>b</tspan> &amp; &lt;c&gt;</text>',
  ],
  [
    'a harmless sheet',
    '<style>.a { fill: red } g > path { stroke: #000 }</style>',
    '<style>.a { fill: red } g &gt; path { stroke: #000 }</style>',
  ],
  ['the content of a link', '<a href="https://example.com"><rect width="1"/></a>', '<rect width="1"/>'],
];

for (const [name, given, kept] of KEPT)
  test(`${name} stay as they are`, () => {
    assert.equal(inside(clean(given)), kept);
  });

/** Attributes of the root, width and height. */
const SIZES: readonly (readonly [attributes: string, width: number, height: number])[] = [
  ['width="40" height="20"', 40, 20],
  ['width="40px" height="1in"', 40, 96],
  ['viewBox="0 0 120 60"', 120, 60],
  ['viewBox="0,0,120,60" width="60"', 60, 30],
  ['viewBox="0 0 120 60" width="100%" height="100%"', 120, 60],
  ['', 300, 150],
  ['width="-1" height="1e9" viewBox="0 0 0 0"', 300, 150],
];

for (const [attributes, width, height] of SIZES)
  test(`a drawing with ${attributes || 'no size'} is ${width} by ${height}`, () => {
    const drawing = sanitiseSvg(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}/>`);
    assert.deepEqual([drawing.width, drawing.height], [width, height]);
    assert.match(drawing.text, new RegExp(` width="${width}" height="${height}"| height="${height}" width="${width}"`));
  });
