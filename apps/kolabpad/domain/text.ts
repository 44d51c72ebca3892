/**
 * Text counted in Unicode code points, as the protocol counts, while JavaScript counts UTF-16 units. The two differ only
 * where a character lies beyond U+FFFF and takes two units (a surrogate pair). Most texts have none, so everything here
 * asks that first and then need not look at single characters.
 */

const SURROGATE = /[\ud800-\udfff]/;

/** Some character takes two UTF-16 units, so that positions in the two countings differ. */
export const hasSurrogates = (text: string): boolean => SURROGATE.test(text);

/** Length in code points. */
export const codePointLength = (text: string): number => {
  if (text.length < 2 || !SURROGATE.test(text)) return text.length;
  let length = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if (!isPair(text, i)) continue;
    length--;
    i++;
  }
  return length;
};

/** Size in bytes as UTF-8. A lone surrogate counts as the U+FFFD that stands for it. */
export const utf8Length = (text: string): number => {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else {
      bytes += 2;
      // A pair takes four bytes: its two units and the two just added.
      if (isPair(text, i)) i++;
    }
  }
  return bytes;
};

/** Lone surrogates, which cannot be written as UTF-8, become U+FFFD, so that all peers count alike. */
export const wellFormed = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed());

/** Orders by code point, which is also the order of the UTF-8 bytes. `<` orders by UTF-16 unit and differs for U+E000 and up. */
export const compareCodePoints = (a: string, b: string): number => {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
};

/** The UTF-16 offset `count` code points after the offset `from`; the end of the text where it has fewer. */
export const advance = (text: string, from: number, count: number): number => {
  let at = from;
  for (let left = count; left > 0 && at < text.length; left--) at += isPair(text, at) ? 2 : 1;
  return at;
};

/** Code points between two UTF-16 offsets. */
export const countBetween = (text: string, from: number, to: number): number => {
  let count = 0;
  for (let at = from; at < to; at += isPair(text, at) ? 2 : 1) count++;
  return count;
};

/** The UTF-16 offset of a position in code points, at most the end of the text. */
export const toUtf16 = (text: string, codePoint: number): number =>
  hasSurrogates(text) ? advance(text, 0, codePoint) : Math.min(Math.max(codePoint, 0), text.length);

/** The position in code points of a UTF-16 offset. Inside a pair, the position after it. */
export const toCodePoint = (text: string, utf16: number): number => {
  const at = Math.min(Math.max(utf16, 0), text.length);
  return hasSurrogates(text) ? countBetween(text, 0, at) : at;
};

/** A surrogate pair, one character, begins at this offset. */
export const isPair = (text: string, at: number): boolean => {
  const first = text.charCodeAt(at);
  if (first < 0xd800 || first > 0xdbff) return false;
  const second = text.charCodeAt(at + 1);
  return second >= 0xdc00 && second <= 0xdfff;
};

// Surrogates stand for what lies beyond U+FFFF, so they have to rank above U+E000 to U+FFFF.
const codePointRank = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
};
