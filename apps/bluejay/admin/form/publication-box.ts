/** Beside the form: what visitors see, since when and until when, and the buttons that save. */
import type { AnyRecord, ContentType, Status } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { renderStatus } from '../moment.ts';
import { describedBy, type FormContext, renderNotes, spotOf } from './form-context.ts';
import { textOf } from './inputs.ts';
import { visibilityOf } from './visibility.ts';

export type PublicationOptions = {
  readonly type: ContentType;
  readonly record: AnyRecord | undefined;
  readonly context: FormContext;
  readonly nowMs: number;
  readonly mayPublish: boolean;
  readonly canDelete: boolean;
  readonly previewPath: string | undefined;
  /** Where visitors find it, if they do. */
  readonly publicPath: string | undefined;
};

export const renderPublicationBox = (options: PublicationOptions): Html => {
  const { type, record, context, nowMs, mayPublish } = options;
  const isPublication = type.lifecycle === 'publication';
  return html`<section class="box publication" aria-labelledby="publication-heading">
<h2 id="publication-heading">${isPublication ? 'Publication' : 'Save'}</h2>
${
  isPublication
    ? html`<p class="publication-status">Status: ${record === undefined ? html`<span class="badge badge-draft">Draft</span>` : renderStatus(type, record, nowMs)}</p>
<p class="publication-visible">${visibilityOf(record, nowMs)}</p>`
    : html`<p class="publication-visible">Visitors see it as soon as it is saved.</p>`
}
${isPublication && mayPublish && renderSchedule(context)}
<p class="form-buttons">${renderButtons(options)}</p>
<p class="draft-status" role="status" data-autosave-status></p>
${options.publicPath !== undefined && html`<p><a href="${options.publicPath}" target="_blank" rel="noopener">Look at it on the site</a></p>`}
${options.canDelete && html`<p><button type="button" class="button button-danger" popovertarget="delete-dialog">Delete …</button></p>`}
</section>`;
};

/** A button's status is sent only by the one that is pressed; the first one is what Enter and Ctrl+S press. */
const renderButtons = ({ type, record, mayPublish, previewPath }: PublicationOptions): readonly Html[] => {
  const preview =
    previewPath === undefined
      ? []
      : [html`<a class="button" href="${previewPath}" target="_blank" rel="noopener" data-preview>Preview</a>`];
  if (type.lifecycle === 'always') return [html`<button type="submit" class="button button-primary">Save</button>`, ...preview];
  return [...statusButtons(record?.status ?? 'draft', mayPublish), ...preview];
};

const statusButtons = (status: Status, mayPublish: boolean): readonly Html[] => {
  const button = (value: Status, label: string, isPrimary = false): Html =>
    html`<button type="submit" class="button${isPrimary && ' button-primary'}" name="status" value="${value}">${label}</button>`;
  if (!mayPublish) return [button('draft', 'Save draft', true)];
  if (status === 'draft') return [button('draft', 'Save draft'), button('published', 'Publish', true)];
  if (status === 'archived')
    return [button('archived', 'Save'), button('draft', 'Back to draft'), button('published', 'Publish again', true)];
  return [
    button('published', 'Update', true),
    html`<button type="button" class="button" data-publish-now hidden>Publish now</button>`,
    button('draft', 'Back to draft'),
    button('archived', 'Archive'),
  ];
};

const renderSchedule = (context: FormContext): Html => {
  const zone = textOf(context.inputs, 'zone') || 'UTC';
  return html`<fieldset class="schedule" data-schedule>
<legend>Schedule</legend>
<input type="hidden" name="zone" value="${zone}">
${renderMoment('publishAt', 'Appears', 'Empty: at once when it is published.', context)}
${renderMoment('unpublishAt', 'Vanishes', 'Empty: it stays.', context)}
<p class="field-help">Times are those of <span data-zone>${zone}</span>.</p>
</fieldset>`;
};

const renderMoment = (name: 'publishAt' | 'unpublishAt', label: string, help: string, context: FormContext): Html => {
  const spot = spotOf(name, name);
  const value = textOf(context.inputs, name);
  const about = { help, value };
  return html`<div class="field field-moment${context.problems.has(name) && ' is-wrong'}"><label for="${spot.id}">${label}</label>
<input type="datetime-local" id="${spot.id}" name="${name}" value="${value}" step="${stepOf(value)}" autocomplete="off" data-schedule-moment${describedBy(spot, context, about)}>
${renderNotes(spot, context, about)}</div>`;
};

/** As exact as the moment that is there, so that saving something else does not move it. */
const stepOf = (value: string): string => {
  if (value.includes('.')) return '0.001';
  return value.length > '2026-01-01T00:00'.length ? '1' : '60';
};
