/** The head of a page that is not the front page: what it is, on squared paper. */
import { html, type Html, type Printable } from '../../html/html.ts';

export type PageHead = {
  readonly title: string;
  readonly label?: string | undefined;
  readonly text?: string | undefined;
  /** Below the text: a search box, buttons, chips. */
  readonly body?: Printable;
  /** Right of it, or above it on a narrow screen. */
  readonly picture?: Html | undefined;
};

export const pageHead = ({ title, label = '', text = '', body, picture }: PageHead): Html => {
  const hasPicture = picture !== undefined && picture.html !== '';
  return html`<header class="page-head${hasPicture ? ' page-head-split' : ''}">
<div class="wide">
<div class="page-head-text">
${label !== '' && html`<p class="label">${label}</p>`}
<h1>${title}</h1>
${text !== '' && html`<p class="lead">${text}</p>`}
${body}
</div>
${hasPicture && html`<div class="frame">${picture}</div>`}
</div>
</header>`;
};
