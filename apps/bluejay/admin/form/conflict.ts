/** Two editors had the same record open: the second one to save sees both texts and chooses, field by field. */
import type { Session } from '../../accounts/session.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';
import { differenceOfWords } from '../../content/word-difference.ts';
import { attribute, html, type Html } from '../../html/html.ts';
import { titleOf } from '../../content/title.ts';
import { editAddress } from './form-addresses.ts';
import type { FormParts } from './form-context.ts';
import { type Inputs, inputsOf } from './inputs.ts';
import { differingParts, type Part, preselected, type Side, type ThreeDrafts } from './merge.ts';
import { partText } from './part-text.ts';
import { draftOfRecord } from './record-draft.ts';

export type ConflictOptions = {
  readonly bluejay: FormParts;
  readonly session: Session;
  readonly type: ContentType;
  /** What was to be saved. */
  readonly mine: Draft;
  /** The version that both began with: the `version` that the form sent. */
  readonly version: number;
  /** `ConflictError.current`. */
  readonly current: AnyRecord;
  /** `ConflictError.by`. */
  readonly by: string;
};

/** The body of the screen that answers a save with 409. What is chosen goes to POST /admin/<path>/:id/merge (`workingCopyRoutes`). */
export const renderConflict = (options: ConflictOptions): Html => {
  const { bluejay, session, type, mine, version, current, by } = options;
  // Whether it is published is said by the button that saves it in the end.
  const parts = differingParts(type, threeDrafts(options)).filter(({ key }) => key !== 'status');
  const isNewer = current.version !== version;
  return html`<div class="conflict">
<p class="notice notice-warning" role="alert">${
    isNewer
      ? `${by === '' ? 'Somebody' : by} saved “${titleOf(type, current)}” while you were writing. Nothing of yours is lost, and nothing of theirs: choose below which of the two stays, and go on from there.`
      : 'This is what you typed beside what is saved. Choose which of the two stays, and go on from there.'
  }</p>
<form class="conflict-form" method="post" action="/admin/${type.admin.path}/${current.id}/merge" data-conflict>
${bluejay.admin.csrfInput(session)}<input type="hidden" name="version" value="${version}">
${hiddenInputs(inputsOf(type, mine))}
${parts.length === 0 && html`<p>Both say the same.</p>`}
${parts.map((part) => renderPart(options, part))}
<p class="form-buttons"><button type="submit" class="button button-primary">Put together and go on editing</button>
<a class="button" href="${editAddress(type, current.id)}" target="_blank" rel="noopener">Open what is saved</a></p>
<p class="field-help">Nothing is saved yet. You see the result in the form, can change it there, and save it on top.</p>
</form>
</div>`;
};

/** What was there when both began is looked up among the revisions; each save makes one and raises the version by one. */
export const threeDrafts = ({
  bluejay: { content },
  type,
  mine,
  version,
  current,
}: Pick<ConflictOptions, 'bluejay' | 'type' | 'mine' | 'version' | 'current'>): ThreeDrafts => {
  const theirs = draftOfRecord(current);
  if (version === current.version) return { base: theirs, mine, theirs };
  const newest = content.revisions(type, current.id).reduce((most, { number }) => Math.max(most, number), 0);
  const number = newest - (current.version - version);
  return { base: number >= 1 ? content.revision(type, current.id, number) : undefined, mine, theirs };
};

const CHANGED_BY: Readonly<Record<Part['changedBy'], string>> = {
  me: 'Only you changed this.',
  them: 'Only they changed this.',
  both: 'Both of you changed this.',
};

const renderPart = ({ type, bluejay }: ConflictOptions, part: Part): Html => {
  const [mine = '', theirs = '', base] = [part.mine, part.theirs, ...(part.base === undefined ? [] : [part.base])].map((value) =>
    partText(type, part.key, value, bluejay),
  );
  return html`<fieldset class="conflict-part conflict-${part.changedBy}" data-part="${part.key}">
<legend>${part.label}</legend>
<p class="conflict-who">${CHANGED_BY[part.changedBy]}</p>
<div class="conflict-sides">${renderSide(part, 'mine', { label: 'Yours', before: base ?? theirs, text: mine })}${renderSide(part, 'theirs', { label: 'Saved', before: base ?? mine, text: theirs })}</div>
</fieldset>`;
};

/** @param shown.before what each side is compared with: what both began with, or else the other one */
const renderSide = (
  part: Part,
  side: Side,
  { label, before, text }: { readonly label: string; readonly before: string; readonly text: string },
): Html => {
  const id = `choose-${part.key.replaceAll('.', '-')}-${side}`;
  return html`<div class="conflict-side">
<p><input type="radio" id="${id}" name="choose.${part.key}" value="${side}"${attribute('checked', side === preselected(part))} aria-describedby="${id}-text"><label for="${id}">${label}</label></p>
<div class="conflict-text" id="${id}-text">${text === '' && before === '' ? html`<em>(empty)</em>` : renderWords(before, text)}</div>
</div>`;
};

const renderWords = (before: string, after: string): readonly Html[] =>
  differenceOfWords(before, after).map((word) => {
    if ('kept' in word) return html`${word.kept}`;
    return 'added' in word
      ? html`<ins><span class="visually-hidden">added: </span>${word.added}</ins>`
      : html`<del><span class="visually-hidden">taken out: </span>${word.removed}</del>`;
  });

/** All that was typed goes along, as the form would send it. */
const hiddenInputs = (inputs: Inputs): readonly Html[] =>
  [...inputs].flatMap(([name, values]) => values.map((value) => html`<input type="hidden" name="${name}" value="${value}">`));
