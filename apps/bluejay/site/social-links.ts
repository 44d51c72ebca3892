/** The pages of the company elsewhere. */
import type { RecordOf } from '../content/content-type.ts';
import { html, type Html } from '../html/html.ts';
import type { siteSettings } from '../types/site-settings.ts';

type SiteFields = RecordOf<typeof siteSettings>['fields'];

/** Marks are letters: nobody's trademark is drawn, and nothing is fetched. */
const NETWORKS = [
  { field: 'linkedin', name: 'LinkedIn', mark: 'in' },
  { field: 'twitter', name: 'X', mark: 'X' },
  { field: 'github', name: 'GitHub', mark: 'gh' },
  { field: 'facebook', name: 'Facebook', mark: 'f' },
  { field: 'youtube', name: 'YouTube', mark: 'yt' },
  { field: 'instagram', name: 'Instagram', mark: 'ig' },
] as const;

export type SocialPage = { readonly name: string; readonly mark: string; readonly href: string };

export const socialPages = (fields: SiteFields): readonly SocialPage[] =>
  NETWORKS.flatMap(({ field, name, mark }) => (/^https?:\/\//i.test(fields[field]) ? [{ name, mark, href: fields[field] }] : []));

/** Nothing when there are none. `icons_labels` writes the names beside the marks. */
export const socialLinks = (fields: SiteFields, style: string): Html | undefined => {
  const pages = socialPages(fields);
  if (pages.length === 0) return undefined;
  const isNamed = style === 'icons_labels';
  return html`<ul class="social">${pages.map(
    ({
      name,
      mark,
      href,
    }) => html`<li><a href="${href}" rel="me noopener"><span class="social-mark" aria-hidden="true">${mark}</span>
<span class="${isNamed ? 'social-name' : 'visually-hidden'}">${name}</span></a></li>`,
  )}</ul>`;
};
