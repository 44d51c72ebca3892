/** The content of a database, as the panel and the importers use it. */
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '@berth/kit';
import type { Activity } from '../accounts/activity.ts';
import { createChanges } from './changes.ts';
import { checkContentTypes } from './check-types.ts';
import type { Content } from './content.ts';
import type { AnyRecord, ContentType, RecordOf } from './content-type.ts';
import { contentGone } from './errors.ts';
import { listRecords } from './listing.ts';
import { findMediaUses } from './media-uses.ts';
import { createRecords } from './records.ts';
import { openView } from './open-view.ts';
import { findReferrers, loadUsers, withoutGone } from './references.ts';
import { findRevision, listRevisions } from './revisions.ts';
import { findRecord, loadRecords } from './rows.ts';
import { blankDraft } from './snapshot.ts';
import { dropWorkingCopy, findWorkingCopy, keepWorkingCopy } from './working-copies.ts';

export type ContentOptions = {
  /** Migrated. */
  readonly database: DatabaseSync;
  readonly types: readonly ContentType[];
  readonly activity: Activity;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
};

/** Throws a TypeError when a declaration makes no sense. */
export const openContent = ({ database, types, activity, now, log }: ContentOptions): Content => {
  checkContentTypes(types);
  const byName = new Map(types.map((type) => [type.name, type]));
  const typeNamed = (name: string): ContentType => {
    const type = byName.get(name);
    if (type === undefined) throw new TypeError(`no content type is called ${name}`);
    return type;
  };
  const changes = createChanges({ database, now, log });
  const records = createRecords({ database, types, activity, changes, now });

  return {
    types,
    type: typeNamed,

    list: (type, query = {}) => listRecords(database, type, { query, nowMs: now() }),
    find: (type, id) => findRecord(database, type, id),
    single: (type) => {
      const [record] = loadRecords(database, type, { order: ['r."id"'], limit: 1 });
      if (record === undefined) throw contentGone(type.label.one);
      return record;
    },
    blank: blankDraft,

    create: (type, draft, actor) => typed(type, records.create(type, draft, actor)),
    update: (type, id, draft, by) => typed(type, records.update(type, id, draft, by)),
    remove: records.remove,
    reorder: records.reorder,

    revisions: (type, id) => listRevisions(database, type, id),
    revision: (type, id, number) => {
      const draft = findRevision(database, type, id, number);
      return draft === undefined ? undefined : withoutGone(database, types, { type, draft });
    },
    usersOf: (type, id, limit) => loadUsers(database, findReferrers(database, types, { type, id }), limit),
    usersOfMedia: (mediaId, limit) =>
      loadUsers(
        database,
        findMediaUses(database, mediaId).flatMap(({ type, id }) => {
          const declared = byName.get(type);
          return declared === undefined ? [] : [{ type: declared, ids: [id] }];
        }),
        limit,
      ),

    workingCopy: (accountId, type, recordId) => findWorkingCopy(database, accountId, type, recordId),
    keepWorkingCopy: (accountId, copy) => keepWorkingCopy(database, accountId, { ...copy, savedAtMs: now() }),
    dropWorkingCopy: (accountId, type, recordId) => dropWorkingCopy(database, accountId, type, recordId),

    view: (options) => openView({ database, types, now }, options),
    onChange: changes.onChange,
    announce: (change) => changes.saving(() => changes.note(change)),
    notice: changes.notice,
  };
};

/** A record that was loaded by this declaration. */
const typed = <T extends ContentType>(_type: T, record: AnyRecord): RecordOf<T> => record as unknown as RecordOf<T>;
