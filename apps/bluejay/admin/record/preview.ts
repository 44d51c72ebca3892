/** Where a record can be looked at before it is published: by whoever is logged in, or by whoever was given a link. */
import type { FastifyRequest } from 'fastify';
import type { Bluejay } from '../../bluejay.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { PREVIEW_PURPOSE } from '../../site/preview.ts';

const SHARED_DAYS = 7;
const DAY_MS = 86_400_000;

export type Preview = {
  /** For editors, with their session. */
  readonly path: string;
  /** Path that shows this record's draft to whoever has it, for seven days. */
  readonly sharedPath: string;
};

/** Undefined: the type has no page, or its path needs something that is not chosen yet. */
export const previewOf = (
  { content, signer, now }: Pick<Bluejay, 'content' | 'signer' | 'now'>,
  type: ContentType,
  record: Pick<AnyRecord, 'id'>,
): Preview | undefined => {
  if (type.page === undefined) return undefined;
  const path = content.view({ drafts: 'all' }).pathOf(type, record);
  if (path === undefined) return undefined;
  const token = signer.sign(PREVIEW_PURPOSE, `${type.name}:${record.id}`, now() + SHARED_DAYS * DAY_MS);
  return { path: `${path}?preview=true`, sharedPath: `${path}?preview=${token}` };
};

export const renderSharedLink = (preview: Preview, { env }: Pick<Bluejay, 'env'>, request: FastifyRequest): Html => {
  const address = new URL(preview.sharedPath, env.baseUrl ?? `${request.protocol}://${request.host}`).href;
  return html`<details class="share"><summary class="button">Share draft</summary><div class="share-sheet">
<label for="shared-link">Copy link for somebody without an account. Works for ${SHARED_DAYS} days, shows this draft only.</label>
<input id="shared-link" type="text" readonly value="${address}">
<button class="button button-small" type="button" data-copies="shared-link" hidden>Copy link</button>
</div></details>`;
};
