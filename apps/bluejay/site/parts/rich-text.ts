/** Text that editors formatted; it was sanitised when it was stored. */
import { expandRichText } from '../../content/sanitise.ts';
import { html, type Html } from '../../html/html.ts';
import type { PageContext } from '../site-frame.ts';

/** With the pictures of the media library in it. Nothing for an empty text. */
export const richText = (context: PageContext, text: string): Html | undefined => {
  if (text === '') return undefined;
  const picture = (id: number, alt: string): Html =>
    context.picture(id, { sizes: '(min-width: 48rem) 44rem, 100vw', ...(alt === '' ? {} : { alt }) });
  return html`<div class="prose">${expandRichText(text, picture)}</div>`;
};
