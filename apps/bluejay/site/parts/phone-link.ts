/** A telephone number as a link. */
import { html, type Html } from '../../html/html.ts';

/** A number that a telephone dials. */
export const phoneLink = (phone: string, mark?: Html): Html =>
  html`<a href="tel:${phone.replaceAll(/[^\d+]/g, '')}">${mark}${phone}</a>`;
