/** The titles of the tests of a file, as they stand in its source: placeholders of a template stay as they were written. */

const TITLE = /\b(?:test|it|testInside)\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** In order of appearance. Tests that are commented out, skipped for good or named by an expression have none. */
export const testTitles = (source: string): string[] =>
  [...source.replaceAll(/^\s*\/\/.*$/gm, '').matchAll(TITLE)].map(([, single, double, template]) =>
    (single ?? double ?? template ?? '').replaceAll(/\\(['"`\\])/g, '$1'),
  );
