/** The form of a record of any type, from its declaration alone. */
import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../../accounts/session.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { WorkingCopy } from '../../content/content.ts';
import type { Draft, FieldProblem } from '../../content/draft.ts';
import { assetPath } from '../../html/assets.ts';
import { html, type Html } from '../../html/html.ts';
import { mayCreate, mayEdit, mayPublish } from '../access.ts';
import { renderDeleteDialog } from './delete-dialog.ts';
import { editAddress, saveAddress, workingCopyAddress } from './form-addresses.ts';
import { createFormContext, type FormParts } from './form-context.ts';
import { formSections, type FormSection } from './form-sections.ts';
import { type Inputs, inputsFromBody, inputsOf, textOf } from './inputs.ts';
import { renderProblems } from './problem-summary.ts';
import { renderPublicationBox } from './publication-box.ts';
import { draftOfRecord } from './record-draft.ts';
import { renderWorkingCopyBar } from './working-copy-bar.ts';

export type RecordFormOptions = {
  readonly bluejay: FormParts;
  readonly session: Session;
  readonly type: ContentType;
  /** What is edited; undefined: a new one. */
  readonly record: AnyRecord | undefined;
  /** What the inputs show instead of the record (or, for a new one, of the defaults): a copy of another record, say. */
  readonly draft?: Draft;
  /** What was sent and refused, as it came (`request.body`): stands in the inputs exactly as it was typed. */
  readonly typed?: unknown;
  readonly problems?: readonly FieldProblem[];
  /** Which version was being edited; default: what `typed` says, or that of the record. */
  readonly version?: number;
  /** Where the button "Preview" leads: a signed address of what was saved. Without it there is no such button. */
  readonly previewPath?: string | undefined;
};

/** More sections than these get a list of links to them. */
const SECTIONS_WITHOUT_NAVIGATION = 2;

/** The body of the screen: notices about typing that was not saved, the form, and the dialog that deletes. */
export const renderRecordForm = (options: RecordFormOptions): Html => {
  const { bluejay, session, type, record, problems = [] } = options;
  const { content, media, admin } = bluejay;
  const inputs = shownInputs(options);
  const context = createFormContext({ content, media, inputs, problems });
  const publicPath = record && content.view().pathOf(type, record);
  const sections = formSections(type, context, { address: addressOf(options), isNew: record === undefined });
  const isEditable = record === undefined ? mayCreate(session.account, type) : mayEdit(session.account, type, record);
  const csrf = admin.csrfInput(session);
  const copy = unsavedTyping(options);
  return html`${renderProblems(type, problems)}
${copy !== undefined && renderWorkingCopyBar({ type, copy, version: record?.version ?? 0, csrf })}
${!isEditable && html`<p class="notice">You may look at this, but not change it.</p>`}
${navigation(sections)}
<form class="record-form" id="record-form" method="post" action="${saveAddress(type, record?.id ?? 0)}" novalidate data-record-form data-edit-address="${editAddress(type, record?.id ?? 0)}" data-working-copy-address="${workingCopyAddress(type, record?.id ?? 0)}" data-sequence="${content.workingCopy(session.account.id, type, record?.id ?? 0)?.sequence ?? 0}"${(options.typed !== undefined || options.draft !== undefined) && html` data-is-dirty`}>
${csrf}<input type="hidden" name="version" value="${options.version ?? (textOf(inputs, 'version') || (record?.version ?? 0))}">
<fieldset class="record-form-inside"${!isEditable && html` disabled`}>
<legend class="visually-hidden">${type.label.one}</legend>
<div class="record-form-main">${sections.map(({ id, heading, body }) => html`<section class="box" id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${heading}</h2>${body}</section>`)}</div>
<div class="record-form-side">${
    isEditable &&
    renderPublicationBox({
      type,
      record,
      context,
      nowMs: bluejay.now(),
      mayPublish: mayPublish(session.account, type),
      canDelete: record !== undefined && canDelete(options),
      previewPath: options.previewPath,
      publicPath,
    })
  }</div>
</fieldset>
</form>
${record !== undefined && canDelete(options) && renderDeleteDialog({ type, record, content, publicPath, csrf })}
${isEditable && hasRichText(type) && html`<script type="module" src="${assetPath('rich-text.ts')}"></script>`}`;
};

/** What was typed wins over what was asked for, and that over what is saved. */
const shownInputs = ({ typed, draft, record, type, bluejay }: RecordFormOptions): Inputs => {
  if (typed !== undefined) return inputsFromBody(type, typed);
  const saved = record === undefined ? bluejay.content.blank(type) : draftOfRecord(record);
  return inputsOf(type, { ...saved, ...draft, fields: { ...saved.fields, ...draft?.fields } });
};

/** Only what differs from what is saved is worth a question, and only where nothing else was asked for. */
const unsavedTyping = ({ typed, draft, record, type, bluejay, session }: RecordFormOptions): WorkingCopy | undefined => {
  if (typed !== undefined || draft !== undefined) return undefined;
  const { content } = bluejay;
  const copy = content.workingCopy(session.account.id, type, record?.id ?? 0);
  if (copy === undefined) return undefined;
  const saved = record === undefined ? content.blank(type) : draftOfRecord(record);
  const typedThere = { ...saved, ...copy.draft, fields: { ...saved.fields, ...copy.draft.fields } };
  return isDeepStrictEqual(inputsOf(type, typedThere), inputsOf(type, saved)) ? undefined : copy;
};

const canDelete = ({ type, session }: RecordFormOptions): boolean =>
  type.kind === 'collection' && mayPublish(session.account, type);

/** For the preview of a search result: also of what is not visible yet. */
const addressOf = ({ bluejay, type, record }: RecordFormOptions): string => {
  const path =
    record === undefined ? undefined : bluejay.content.view({ drafts: { type: type.name, id: record.id } }).pathOf(type, record);
  return `${bluejay.env.baseUrl?.host ?? 'example.com'}${path ?? type.page?.replace(/\/:.*$/, '/…') ?? ''}`;
};

const navigation = (sections: readonly FormSection[]): Html =>
  sections.length <= SECTIONS_WITHOUT_NAVIGATION
    ? html``
    : html`<nav class="form-navigation" aria-label="Sections of the form"><ul>${sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`)}</ul></nav>`;

const hasRichText = (type: ContentType): boolean =>
  [type.fields, ...Object.values(type.children ?? {}).map((list) => list.fields)].some((fields) =>
    Object.values(fields).some((field) => field.kind === 'richText'),
  );
