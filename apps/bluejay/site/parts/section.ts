/** A band of a page: its heading, what it is about, and what it holds. */
import { attribute, html, type Html, type Printable } from '../../html/html.ts';
import { button, type Link } from './button.ts';

export type Heading = {
  readonly heading: string;
  /** Small, above it. */
  readonly label?: string | undefined;
  /** Below it. */
  readonly text?: string | undefined;
  /** Right of it. */
  readonly action?: Link | undefined;
  /** Default 2. */
  readonly level?: 1 | 2 | 3;
  readonly id?: string;
};

export type Section = Partial<Heading> & {
  /** `grey` has paper behind it, `dark` and `primary` white text on black and blue. Default `plain`. */
  readonly tone?: 'plain' | 'grey' | 'dark' | 'primary';
  readonly body: Printable;
};

export const sectionHeading = ({
  heading,
  label = '',
  text = '',
  action,
  level = 2,
  id,
}: Heading): Html => html`<div class="section-heading">
<div>
${label !== '' && html`<p class="label">${label}</p>`}
${headingOf(level, heading, id)}
${text !== '' && html`<p class="section-text">${text}</p>`}
</div>
${action && button(action, 'secondary')}
</div>`;

export const section = ({
  tone = 'plain',
  body,
  heading = '',
  ...rest
}: Section): Html => html`<section class="section section-${tone}">
<div class="wide">
${heading !== '' && sectionHeading({ heading, ...rest })}
${body}
</div>
</section>`;

const headingOf = (level: 1 | 2 | 3, text: string, id: string | undefined): Html => {
  if (level === 1) return html`<h1${attribute('id', id)}>${text}</h1>`;
  return level === 2 ? html`<h2${attribute('id', id)}>${text}</h2>` : html`<h3${attribute('id', id)}>${text}</h3>`;
};
