/** Text as somebody typed or pasted it, made into what is stored: one way to write each character, none that nobody sees. */

/** A single line: line ends and tabs become spaces, runs of them one. */
export const lineOf = (typed: string): string =>
  wellFormed(withoutUnseen(typed.replace(/\s/g, ' ')))
    .replace(/\s+/g, ' ')
    .trim();

/** Several lines, ended by LF; nothing at the ends of lines and of the text. */
export const linesOf = (typed: string): string =>
  wellFormed(withoutUnseen(typed.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')))
    .replace(/[^\S\n]+(?=\n)/g, '')
    .trim();

/** As people count: a letter outside of the basic plane is one. */
export const lengthOf = (text: string): number => {
  let length = 0;
  for (const _ of text) length++;
  return length;
};

/** NFC, and half a surrogate pair becomes a question mark in a diamond: the database takes nothing else. */
export const wellFormed = (typed: string): string => typed.toWellFormed().normalize('NFC');

export const withoutUnseen = (text: string): string => text.replace(UNSEEN, '');

/** Control characters but tab and line feed, marks that turn the direction of what follows, and the byte order mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;
