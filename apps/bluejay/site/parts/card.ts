/** Cards: one thing each, the whole of it a link. */
import { html, type Html, type Printable } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';

export type Card = {
  readonly title: string;
  /** Where it leads; without it, it is no link. */
  readonly href?: string | undefined;
  readonly text?: string | undefined;
  /** A picture from `context.picture`; shown 4 to 3. */
  readonly picture?: Html | undefined;
  /** Name of an icon; shown where there is no picture. */
  readonly icon?: string | undefined;
  /** In a corner of the picture: a SKU, "Featured". */
  readonly badge?: string | undefined;
  /** Small, above the title: a category, a date. */
  readonly meta?: Printable;
  /** Small, at the foot: a count, an author. */
  readonly foot?: Printable;
  /** Level of the title; default 3. */
  readonly level?: 2 | 3;
};

export type CardGrid = {
  /** On a wide screen; default 3. */
  readonly columns?: 2 | 3 | 4;
  readonly class?: string;
};

export const card = ({ title, href, text = '', picture, icon: iconName, badge, meta, foot, level = 3 }: Card): Html => {
  const name = href === undefined ? html`${title}` : html`<a class="card-link" href="${href}">${title}</a>`;
  const hasPicture = picture !== undefined && picture.html !== '';
  const hasIcon = !hasPicture && iconName !== undefined && iconName !== '';
  return html`<article class="card${href === undefined ? '' : ' card-leads'}">
${hasPicture && html`<div class="card-picture">${picture}${badge && html`<span class="badge">${badge}</span>`}</div>`}
${!hasPicture && badge !== undefined && badge !== '' && html`<p class="card-tag"><span class="badge">${badge}</span></p>`}
<div class="card-body">
${hasIcon && html`<span class="card-icon">${icon(iconName)}</span>`}
${meta && html`<p class="card-meta">${meta}</p>`}
${level === 2 ? html`<h2 class="card-title">${name}</h2>` : html`<h3 class="card-title">${name}</h3>`}
${text !== '' && html`<p class="card-text">${text}</p>`}
${foot && html`<p class="card-foot">${foot}</p>`}
</div>
</article>`;
};

/** Nothing when there are no cards. */
export const cardGrid = (cards: readonly Html[], { columns = 3, class: more = '' }: CardGrid = {}): Html | undefined =>
  cards.length === 0
    ? undefined
    : html`<ul class="grid grid-${columns}${more === '' ? '' : ` ${more}`}">${cards.map((one) => html`<li>${one}</li>`)}</ul>`;
