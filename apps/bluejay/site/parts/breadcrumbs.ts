/** Where a page stands. Printed by the frame from `SitePage.breadcrumbs`. */
import { html, type Html } from '../../html/html.ts';

export type Breadcrumb = { readonly label: string; readonly path: string };

/** The front page is added; the last one is the page itself. Nothing when there are none. */
export const breadcrumbs = (crumbs: readonly Breadcrumb[]): Html | undefined =>
  crumbs.length === 0
    ? undefined
    : html`<nav class="breadcrumbs wide" aria-label="Breadcrumb"><ol>
<li><a href="/">Home</a></li>
${crumbs.map(({ label, path }, index) =>
  index === crumbs.length - 1
    ? html`<li><span aria-current="page">${label}</span></li>`
    : html`<li><a href="${path}">${label}</a></li>`,
)}
</ol></nav>`;
