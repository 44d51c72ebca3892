/** Said above a form when its reader typed something there that was never saved. */
import type { ContentType } from '../../content/content-type.ts';
import type { WorkingCopy } from '../../content/content.ts';
import { html, type Html } from '../../html/html.ts';
import { renderMoment } from '../moment.ts';
import { workingCopyAddress } from './form-addresses.ts';

export type WorkingCopyBarOptions = {
  readonly type: ContentType;
  readonly copy: WorkingCopy;
  /** Of the record now; 0: not saved yet. */
  readonly version: number;
  readonly csrf: Html;
};

export const renderWorkingCopyBar = ({ type, copy, version, csrf }: WorkingCopyBarOptions): Html => {
  const address = workingCopyAddress(type, copy.recordId);
  return html`<div class="notice notice-warning working-copy" role="status" data-working-copy>
<p>You typed here on ${renderMoment(copy.savedAtMs)} and did not save.${copy.version !== version && ' Meanwhile this was saved by somebody (you, perhaps, somewhere else): compare before you take yours back.'}</p>
<p class="form-buttons"><a class="button" href="${address}/open">Take it back</a>
${copy.recordId > 0 && html`<a class="button" href="${address}/compare">Compare</a>`}</p>
<form method="post" action="${address}/discard">${csrf}<button type="submit" class="button">Discard it</button></form>
</div>`;
};
