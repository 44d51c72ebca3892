/** Pages for what is not there, and for what went wrong. */
import { html } from '../html/html.ts';
import { liveSearch } from './parts/live-search.ts';
import { pageHead } from './parts/page-head.ts';
import type { Failure, PageContext, SitePage } from './site-frame.ts';

export const notFoundPage = ({ path }: PageContext): SitePage => {
  const last = path.split('/').at(-1) ?? '';
  const words = /^[\w-]{3,80}$/.test(last) ? last.replaceAll(/[-_]+/g, ' ') : '';
  return {
    title: 'Page not found',
    noIndex: true,
    status: 404,
    body: html`${pageHead({
      label: 'Error 404',
      title: 'This page does not exist',
      text: 'It may have moved, or the address has a typing mistake. Search for it here.',
      body: liveSearch({
        action: '/search',
        fragment: '/search/suggest',
        label: 'Search this site',
        words,
        target: 'not-found-search',
      }),
    })}
<div class="wide found" id="not-found-search" aria-live="polite"></div>`,
  };
};

export const failurePage = ({ status, title, message }: Failure, requestId: string): SitePage => ({
  title,
  noIndex: true,
  status,
  body: html`${pageHead({
    label: `Error ${status}`,
    title,
    text: message,
    body: html`<p class="small">Request <code>${requestId}</code></p><p class="buttons"><a class="button button-primary" href="/">To the front page</a></p>`,
  })}`,
});
