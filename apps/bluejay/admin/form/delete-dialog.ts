/** Asks before a record is deleted, and says what goes with it. Opens without a script: it is a popover. */
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Content } from '../../content/content.ts';
import { html, type Html } from '../../html/html.ts';
import { titleOf } from '../../content/title.ts';

const MOST_USERS = 5;

/** @param options.publicPath where visitors find it, if they do */
export const renderDeleteDialog = (options: {
  readonly type: ContentType;
  readonly record: AnyRecord;
  readonly content: Content;
  readonly publicPath: string | undefined;
  readonly csrf: Html;
}): Html => {
  const { type, record, content, publicPath, csrf } = options;
  const users = content.usersOf(type, record.id);
  const title = titleOf(type, record);
  return html`<div class="dialog delete-dialog" popover id="delete-dialog" role="dialog" aria-labelledby="delete-heading">
<h2 id="delete-heading">Delete “${title}”?</h2>
<p>This cannot be undone. With it go:</p>
<ul>
<li>the ${type.label.one.toLowerCase()} itself and all its earlier versions</li>
${Object.entries(type.children ?? {}).map(([name, list]) => {
  const count = record.children[name]?.length ?? 0;
  return count > 0 && html`<li>${count} of “${list.label}”</li>`;
})}
${publicPath !== undefined && html`<li>its page at ${publicPath}: links to it will lead nowhere</li>`}
</ul>
${users.length > 0 && html`<p>It is used by ${users.slice(0, MOST_USERS).map(({ type: by, record: one }) => html`<a href="/admin/${by.admin.path}/${one.id}/edit">${titleOf(by, one)}</a> `)}${users.length > MOST_USERS && `and ${users.length - MOST_USERS} more`}</p>`}
<form method="post" action="/admin/${type.admin.path}/${record.id}/delete">${csrf}
<p class="form-buttons"><button type="submit" class="button button-danger">Delete it</button> <button type="button" class="button" popovertarget="delete-dialog" popovertargetaction="hide">Keep it</button></p>
</form>
</div>`;
};
