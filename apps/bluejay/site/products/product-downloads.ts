/** Files about a product that anybody may have. */
import type { RecordOf } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import type { product } from '../../types/product.ts';
import { section } from '../parts/section.ts';
import type { PageContext } from '../site-frame.ts';

/** Nothing when there are none. */
export const productDownloads = (context: PageContext, { children }: RecordOf<typeof product>): Html | undefined => {
  const rows = children.downloads.flatMap(({ title, description, file: id, fileVersion }) => {
    const file = context.file(id);
    if (file === undefined) return [];
    const facts = [kindOf(file), sizeOf(file.bytes), fileVersion === '' ? '' : `version ${fileVersion}`].filter(Boolean);
    return [
      html`<li><a class="download" href="${file.path}" download="${file.originalName}">${icon('description')}
<span><strong>${title}</strong>${description !== '' && html`<span>${description}</span>`}<span class="small">${facts.join(' · ')}</span></span></a></li>`,
    ];
  });
  return rows.length === 0
    ? undefined
    : section({ tone: 'grey', heading: 'Downloads', body: html`<ul class="downloads">${rows}</ul>` });
};

const kindOf = ({ originalName, mimeType }: { readonly originalName: string; readonly mimeType: string }): string =>
  (/\.(\w{1,5})$/.exec(originalName)?.[1] ?? mimeType.split('/').at(-1) ?? '').toUpperCase();

const sizeOf = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1_000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
