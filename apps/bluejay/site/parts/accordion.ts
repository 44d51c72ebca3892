/** Parts that open and close, without a script. */
import { attribute, html, type Html, type Printable } from '../../html/html.ts';

export type AccordionPart = { readonly title: string; readonly body: Printable; readonly isOpen?: boolean };

export const accordion = (parts: readonly AccordionPart[]): Html =>
  html`<div class="accordion">${parts.map(
    ({ title, body, isOpen = false }) => html`<details${attribute('open', isOpen)}>
<summary>${title}</summary>
<div class="accordion-body">${body}</div>
</details>`,
  )}</div>`;
