/** The part of a page's address that is the record's own. */
import type { ContentType } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { describedBy, type FormContext, renderNotes, spotOf } from './form-context.ts';
import { textOf } from './inputs.ts';

/** A new record's is made from its name when it is saved; afterwards it only changes where somebody changes it. */
export const renderSlug = (
  type: ContentType,
  { from }: { readonly from: string },
  context: FormContext,
  { isNew }: { readonly isNew: boolean },
): Html => {
  const spot = spotOf('slug', 'slug');
  const value = textOf(context.inputs, 'slug');
  const source = (type.fields[from]?.label ?? 'name').toLowerCase();
  const help = isNew
    ? `Left empty, it is made from the ${source} when it is first saved, and stays as it is from then on.`
    : 'When it is changed, the old address leads to the new one.';
  const about = { help, value };
  return html`<div class="field field-slug${context.problems.has('slug') && ' is-wrong'}"><label for="${spot.id}">Address</label>
<input type="text" id="${spot.id}" name="slug" value="${value}" autocomplete="off" autocapitalize="none" spellcheck="false" inputmode="url"${isNew && html` data-slug-from="field.${from}"`}${describedBy(spot, context, about)}>
${type.page !== undefined && html`<p class="field-help">${type.page.replace(/:slug\b/, '…').replace(/:(\w+)/g, '($1)')}</p>`}
${renderNotes(spot, context, about)}</div>`;
};
