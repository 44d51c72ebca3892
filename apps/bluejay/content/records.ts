/** Makes, changes and deletes records, with all that goes along in the same transaction. */
import type { DatabaseSync } from 'node:sqlite';
import type { Activity } from '../accounts/activity.ts';
import { describeRemoval, describeSave } from './activity-sentence.ts';
import type { Changes } from './changes.ts';
import { checkDraft } from './check-draft.ts';
import type { Actor, Change } from './content.ts';
import type { AnyRecord, ContentType } from './content-type.ts';
import type { Draft } from './draft.ts';
import { ConflictError, ContentError, contentFixed, contentGone, contentInUse, InvalidContentError } from './errors.ts';
import type { Value } from './field.ts';
import { keepMediaUses, mediaIn } from './media-uses.ts';
import { quoted, snakeCase } from './names.ts';
import { keepRedirects } from './redirects.ts';
import { findReferrers, namesOfUsers, type Referrer } from './references.ts';
import { addRevision, hasRevisions, lastSavedBy, removeRevisions } from './revisions.ts';
import { insertRow, updateRow } from './row-writing.ts';
import { findRecord } from './rows.ts';
import { savedState } from './saved-state.ts';
import { removeSearchDocument, writeSearchDocument } from './search-index.ts';
import { type Complete, sameSnapshot, snapshotOf } from './snapshot.ts';
import { inSentence, titleOf } from './title.ts';
import { dropWorkingCopies } from './working-copies.ts';

export type RecordsOptions = {
  readonly database: DatabaseSync;
  readonly types: readonly ContentType[];
  readonly activity: Activity;
  readonly changes: Changes;
  readonly now: () => number;
};

export type UpdateBy = { readonly version: number; readonly actor: Actor; readonly restored?: number };

/** As `Content` describes them; records of whatever type. */
export type Records = {
  create(type: ContentType, draft: Draft, actor: Actor): AnyRecord;
  update(type: ContentType, id: number, draft: Draft, by: UpdateBy): AnyRecord;
  remove(type: ContentType, id: number, actor: Actor): void;
  reorder(type: ContentType, ids: readonly number[], actor: Actor): void;
};

export const createRecords = ({ database, types, activity, changes, now }: RecordsOptions): Records => {
  const load = (type: ContentType, id: number): AnyRecord => {
    const record = findRecord(database, type, id);
    if (record === undefined) throw contentGone(inSentence(type.label.one));
    return record;
  };

  const decide = (type: ContentType, before: AnyRecord | undefined, draft: Draft): Complete => {
    const checked = checkDraft(type, draft, {
      isNew: before === undefined,
      ...(before === undefined ? {} : { current: before }),
    });
    if (checked.problems.length > 0) throw new InvalidContentError(checked.problems);
    const { complete, problems } = savedState(database, { type, types, before, draft: checked.draft, nowMs: now() });
    if (problems.length > 0) throw new InvalidContentError(problems);
    return complete;
  };

  /** The state is decided; writes it, and all that hangs on it. */
  const store = (
    type: ContentType,
    before: AnyRecord | undefined,
    of: { readonly complete: Complete; readonly actor: Actor; readonly restored?: number | undefined },
  ): AnyRecord => {
    const nowMs = now();
    if (before !== undefined && !hasRevisions(database, type, before.id))
      addRevision(database, type, before.id, {
        atMs: before.updatedAtMs,
        actor: null,
        action: 'created',
        draft: snapshotOf(type, before),
      });
    const id =
      before === undefined ? insertRow(database, type, of.complete, { nowMs, createdBy: of.actor?.id ?? null }) : before.id;
    if (before !== undefined) updateRow(database, type, id, { complete: of.complete, nowMs });
    const after = load(type, id);
    const said = describeSave({ type, before, after, id, nowMs, restored: of.restored });
    addRevision(database, type, id, { atMs: nowMs, actor: of.actor, action: said.revision, draft: snapshotOf(type, after) });
    keepMediaUses(database, type, id, mediaIn(type, after));
    writeSearchDocument(database, type, after);
    keepRedirects(database, type, before, after);
    takeOnlyOnes(type, after, of.actor);
    const { action, title, description } = said;
    activity.record({ actor: of.actor, action, resource: type.name, resourceId: id, title, description });
    changes.note(changeOf(type, id, before === undefined ? 'created' : 'updated'));
    return after;
  };

  /** A flag that one record has takes it from the others: they are saved like any change, so that their editors see it. */
  const takeOnlyOnes = (type: ContentType, holder: AnyRecord, actor: Actor): void => {
    for (const [name, field] of Object.entries(type.fields)) {
      if (field.kind !== 'flag' || field.onlyOne !== true || holder.fields[name] !== true) continue;
      const others = database
        .prepare(`SELECT id FROM ${quoted(type.table)} WHERE ${quoted(snakeCase(name))} = 1 AND id <> ?`)
        .all(holder.id);
      for (const { id } of others) change(type, load(type, Number(id)), { [name]: false }, actor);
    }
  };

  const change = (type: ContentType, record: AnyRecord, fields: Readonly<Record<string, Value>>, actor: Actor): void => {
    store(type, record, { complete: { ...record, fields: { ...record.fields, ...fields } }, actor });
  };

  const letGo = ({ type, field, ids }: Referrer, gone: number, actor: Actor): void => {
    for (const id of ids) {
      const user = load(type, id);
      const value = user.fields[field];
      change(type, user, { [field]: Array.isArray(value) ? (value as number[]).filter((each) => each !== gone) : null }, actor);
    }
  };

  /** The same form sent twice is no conflict: what it wants is already there. */
  const agreed = (type: ContentType, current: AnyRecord, draft: Draft): AnyRecord => {
    const checked = checkDraft(type, draft, { isNew: false, current });
    const { complete } = savedState(database, { type, types, before: current, draft: checked.draft, nowMs: now() });
    if (checked.problems.length === 0 && sameSnapshot(type, current, complete)) return current;
    throw new ConflictError(current, lastSavedBy(database, type, current.id));
  };

  return {
    create: (type, draft, actor) =>
      changes.saving(() => {
        if (type.kind !== 'collection') throw contentFixed(type.label.many);
        return store(type, undefined, { complete: decide(type, undefined, draft), actor });
      }),

    update: (type, id, draft, { version, actor, restored }) =>
      changes.saving(() => {
        const before = load(type, id);
        if (before.version !== version) return agreed(type, before, draft);
        const complete = decide(type, before, draft);
        if (sameSnapshot(type, before, complete)) return before;
        return store(type, before, { complete, actor, restored });
      }),

    remove: (type, id, actor) =>
      changes.saving(() => {
        if (type.kind !== 'collection') throw contentFixed(type.label.many);
        const record = load(type, id);
        const referrers = findReferrers(database, types, { type, id });
        const restricting = referrers.filter(({ onDelete }) => onDelete === 'restrict');
        if (restricting.length > 0) throw contentInUse(titleOf(type, record), namesOfUsers(database, restricting, NAMED_USERS));
        for (const referrer of referrers) letGo(referrer, id, actor);
        database.prepare(`DELETE FROM ${quoted(type.table)} WHERE id = ?`).run(id);
        removeRevisions(database, type, id);
        dropWorkingCopies(database, type, id);
        keepMediaUses(database, type, id, []);
        removeSearchDocument(database, type, id);
        keepRedirects(database, type, record, undefined);
        activity.record({ actor, action: 'deleted', resource: type.name, resourceId: id, ...describeRemoval(type, record) });
        changes.note(changeOf(type, id, 'deleted'));
      }),

    reorder: (type, ids, actor) =>
      changes.saving(() => {
        const present = database.prepare(`SELECT id, position FROM ${quoted(type.table)} ORDER BY position, id`).all();
        const known = new Set(present.map((row) => Number(row['id'])));
        if (new Set(ids).size !== ids.length || ids.length !== known.size || !ids.every((id) => known.has(id)))
          throw new ContentError(
            'CONTENT_ORDER',
            409,
            `There are other ${inSentence(type.label.many)} than before. Sort them again.`,
          );
        if (present.every((row, index) => Number(row['id']) === ids[index])) return;
        const place = database.prepare(`UPDATE ${quoted(type.table)} SET position = ? WHERE id = ?`);
        for (const [index, id] of ids.entries()) place.run(index + 1, id);
        const description = `Sorted the ${inSentence(type.label.many)}`;
        activity.record({ actor, action: 'updated', resource: type.name, resourceId: null, title: type.label.many, description });
        changes.note({ ...changeOf(type, 0, 'reordered'), tags: [`${type.name}:*`] });
      }),
  };
};

/** As many as the sentence of `contentInUse` names. */
const NAMED_USERS = 5;

const changeOf = (type: ContentType, id: number, action: Change['action']): Change => ({
  type: type.name,
  id,
  action,
  tags: [`${type.name}:${id}`, `${type.name}:*`, ...(type.kind === 'singleton' ? ['settings:*'] : [])],
});
