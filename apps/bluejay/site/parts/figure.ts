/** A picture in a frame, with what is said about it. */
import { html, type Html } from '../../html/html.ts';

/** Nothing without a picture. */
export const figure = (picture: Html, caption = ''): Html | undefined =>
  picture.html === ''
    ? undefined
    : html`<figure class="frame">${picture}${caption !== '' && html`<figcaption>${caption}</figcaption>`}</figure>`;
