import type { PageContext } from '../site-frame.ts';

const MOST_CHARACTERS = 100;

/** What somebody searches for: the parameter `q`, in one line, '' when there is none. */
export const wordsAskedFor = (context: PageContext): string =>
  (context.query('q') ?? '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS)
    .toWellFormed();
