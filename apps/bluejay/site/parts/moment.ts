/** A day, written for people and for programs. */
import { html, type Html } from '../../html/html.ts';

const FORMAT = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** Nothing for null. */
export const moment = (atMs: number | null): Html | undefined =>
  atMs === null ? undefined : html`<time datetime="${new Date(atMs).toISOString().slice(0, 10)}">${FORMAT.format(atMs)}</time>`;
