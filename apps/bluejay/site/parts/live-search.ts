/** A search box that works as a form, and that a script answers while one types. */
import { html, type Html } from '../../html/html.ts';

export type LiveSearch = {
  /** Where the form leads; a GET with `q`. */
  readonly action: string;
  /** What the script asks with the same `q`, and shows in place; default `action`. */
  readonly fragment?: string;
  readonly label: string;
  readonly words?: string;
  /** Id of the element whose content is replaced. */
  readonly target: string;
  /** Only this content type, by name. */
  readonly type?: string;
};

export const liveSearch = ({
  action,
  fragment = action,
  label,
  words = '',
  target,
  type,
}: LiveSearch): Html => html`<form class="live-search" role="search" action="${action}" data-live="${fragment}" data-target="${target}">
<label class="visually-hidden" for="${target}-words">${label}</label>
<input class="input" id="${target}-words" type="search" name="q" value="${words}" placeholder="${label}" maxlength="100" autocomplete="off">
${type !== undefined && html`<input type="hidden" name="type" value="${type}">`}
<button class="button button-primary" type="submit">Search</button>
</form>`;
