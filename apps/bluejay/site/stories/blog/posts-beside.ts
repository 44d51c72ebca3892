/** The articles before and after one, by the day on which they appeared. */
import type { ContentView } from '../../../content/content-view.ts';
import { blogPost } from '../../../types/blog-post.ts';
import type { Post } from './post-facts.ts';

export type PostsBeside = { readonly newer: Post | undefined; readonly older: Post | undefined };

/**
 * Halves the list, newest first, until it has found the article: ten small questions for a thousand articles, whose texts need
 * not be read.
 */
export const postsBeside = (view: ContentView, post: Post): PostsBeside => {
  const at = (offset: number): Post | undefined => (offset < 0 ? undefined : view.list(blogPost, { limit: 1, offset })[0]);
  let first = 0;
  let last = view.count(blogPost);
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    const found = at(middle);
    if (found !== undefined && isNewer(found, post)) first = middle + 1;
    else last = middle;
  }
  return { newer: at(first - 1), older: at(first + 1) };
};

/** In the order of the list: of the same moment, the one that was made later. */
const isNewer = (one: Post, other: Post): boolean => {
  const [first, second] = [one.publishAtMs ?? -Infinity, other.publishAtMs ?? -Infinity];
  return first === second ? one.id > other.id : first > second;
};
