/** The mark of the site where no logo was uploaded: a jay, in four corners. */
import { html, type Html, trusted } from '../html/html.ts';

const DRAWING =
  '<path fill="#06c" d="M0 0h32v32H0z"/><path fill="#fff" d="M4 25 13 8l9 3 7 1-6 4-5 9z"/><path fill="#000" d="m4 25 9-17 3 9zM20 12h2v2h-2z"/>';

export const mark = (): Html =>
  trusted(`<svg class="mark" viewBox="0 0 32 32" width="36" height="36" aria-hidden="true">${DRAWING}</svg>`);

export const wordmark = (siteName: string): Html => html`${mark()}<span class="wordmark">${siteName}</span>`;

/** Of the browser's tab. */
export const ICON_FILE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${DRAWING}</svg>`;
