/** Drafts on the pages where they will stand: for editors who are logged in, and for whoever has a signed link. */
import type { FastifyRequest } from 'fastify';
import { can } from '../accounts/permissions.ts';
import type { Bluejay } from '../bluejay.ts';
import type { ViewOptions } from '../content/content-view.ts';
import { html, type Html } from '../html/html.ts';
import { icon } from '../html/icons.ts';
import type { PageContext, SitePage } from './site-frame.ts';

export type Previews = {
  /** What may be seen besides the published; undefined: the request is no preview. */
  draftsFor(request: FastifyRequest, token: string): ViewOptions['drafts'];
  /** Stands above a page that shows drafts. */
  bar(context: PageContext, page: SitePage): Html;
};

/** Purpose of the signature of a link to a draft; its payload is `type:id`. */
export const PREVIEW_PURPOSE = 'preview';

type PreviewParts = Pick<Bluejay, 'signer' | 'content'> & { readonly sessions: Pick<Bluejay['sessions'], 'find'> };

export const createPreviews = ({ sessions, signer, content }: PreviewParts): Previews => ({
  draftsFor(request, token) {
    if (token === 'true') {
      const session = sessions.find(request);
      return session !== undefined && can(session.account, 'panel') ? 'all' : undefined;
    }
    const [, type, id] = /^([a-z-]+):(\d{1,15})$/.exec(signer.verify(PREVIEW_PURPOSE, token) ?? '') ?? [];
    return type === undefined ? undefined : { type, id: Number(id) };
  },
  bar(context, page) {
    const isEditor = context.query('preview') === 'true';
    const edit = isEditor && page.edit !== undefined ? page.edit : undefined;
    return html`<aside class="preview-bar" aria-label="Preview">
<p>${icon('visibility')} <strong>Preview</strong> ${isEditor ? 'Drafts are shown as if they were published.' : 'Shown to nobody but whoever has this link.'}</p>
${edit && html`<a class="button button-small" href="/admin/${content.type(edit.type).admin.path}/${edit.id}/edit">Edit</a>`}
<a class="button button-small" href="${context.path}">Close preview</a>
</aside>`;
  },
});
