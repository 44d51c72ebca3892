/** A link that looks like a button. */
import { attribute, html, type Html, safeLink } from '../../html/html.ts';

export type Link = { readonly text: string; readonly link: string };

/** Nothing unless it has both a text and somewhere to lead. `primary` is filled, `secondary` outlined. */
export const button = ({ text, link }: Link, style: 'primary' | 'secondary' = 'primary'): Html | undefined => {
  if (text === '' || link === '') return undefined;
  const href = safeLink(link);
  const isElsewhere = /^https?:/i.test(href);
  return html`<a class="button button-${style}" href="${href}"${attribute('rel', isElsewhere ? 'noopener' : undefined)}>${text}</a>`;
};

/** One or two buttons side by side; nothing when there is none. */
export const buttons = (primary: Link, secondary: Link = { text: '', link: '' }): Html | undefined => {
  const all = [button(primary), button(secondary, 'secondary')].filter((one) => one !== undefined);
  return all.length === 0 ? undefined : html`<p class="buttons">${all}</p>`;
};
