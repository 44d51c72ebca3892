/** Lists of stories that can be narrowed to one kind by its number: `?industry=3`. */
import type { ContentType, RecordOf } from '../../content/content-type.ts';
import type { ContentView } from '../../content/content-view.ts';
import { html } from '../../html/html.ts';
import { pageHead } from '../parts/page-head.ts';
import type { SitePage } from '../site-frame.ts';

export type Chosen<T extends ContentType> =
  | { readonly chosen: RecordOf<T> | undefined }
  /** 'wrong': it is no number; 'unknown': there is none of that number. */
  | { readonly failure: 'wrong' | 'unknown' };

export const chosenBy = <T extends ContentType>(view: ContentView, type: T, given: string | undefined): Chosen<T> => {
  if (given === undefined || given === '') return { chosen: undefined };
  if (!/^[1-9]\d{0,14}$/.test(given)) return { failure: 'wrong' };
  const chosen = view.find(type, Number(given));
  return chosen === undefined ? { failure: 'unknown' } : { chosen };
};

export const wrongFilterPage = (title: string, path: string): SitePage => ({
  title: 'This filter does not exist',
  status: 400,
  noIndex: true,
  canonical: path,
  breadcrumbs: [{ label: title, path }],
  body: pageHead({
    label: 'Error 400',
    title: 'This filter does not exist',
    text: 'The address asks for a kind by something that is no number.',
    body: html`<p class="buttons"><a class="button button-primary" href="${path}">${title}, all of them</a></p>`,
  }),
});
