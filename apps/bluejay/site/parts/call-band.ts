/** The call to action at the end of a page. */
import { html, type Html } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { buttons, type Link } from './button.ts';
import { phoneLink } from './phone-link.ts';

export type CallBand = {
  readonly heading: string;
  readonly label?: string | undefined;
  readonly text?: string | undefined;
  readonly primary: Link;
  readonly secondary?: Link;
  readonly phone?: string | undefined;
  /** Default `primary`: blue. */
  readonly tone?: 'primary' | 'dark' | 'light';
};

export const callBand = ({ heading, label = '', text = '', primary, secondary, phone = '', tone = 'primary' }: CallBand): Html =>
  html`<section class="call call-${tone}">
<div class="wide">
<div>
${label !== '' && html`<p class="label">${label}</p>`}
<h2>${heading}</h2>
${text !== '' && html`<p class="section-text">${text}</p>`}
</div>
<div class="call-ways">
${buttons(primary, secondary)}
${phone !== '' && html`<p class="call-phone">${icon('phone')} ${phoneLink(phone)}</p>`}
</div>
</div>
</section>`;
