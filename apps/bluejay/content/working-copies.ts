/** What is being typed and was not saved: one for each account and record. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { WorkingCopy } from './content.ts';
import type { ContentType } from './content-type.ts';
import type { Draft } from './draft.ts';

export const findWorkingCopy = (
  database: DatabaseSync,
  account: number,
  type: Pick<ContentType, 'name'>,
  recordId: number,
): WorkingCopy | undefined => {
  const row = prepared(
    database,
    'SELECT version, sequence, saved_at, draft FROM working_copies WHERE account = ? AND type = ? AND record = ?',
  ).get(account, type.name, recordId);
  if (row === undefined) return undefined;
  return {
    type: type.name,
    recordId,
    version: Number(row['version']),
    sequence: Number(row['sequence']),
    savedAtMs: Number(row['saved_at']),
    draft: JSON.parse(String(row['draft'])) as Draft,
  };
};

/** False when one of the same or a later keystroke is there. */
export const keepWorkingCopy = (database: DatabaseSync, account: number, copy: WorkingCopy): boolean => {
  const { changes } = prepared(
    database,
    `INSERT INTO working_copies (account, type, record, version, sequence, saved_at, draft) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET version = excluded.version, sequence = excluded.sequence, saved_at = excluded.saved_at,
       draft = excluded.draft WHERE excluded.sequence > working_copies.sequence`,
  ).run(account, copy.type, copy.recordId, copy.version, copy.sequence, copy.savedAtMs, JSON.stringify(copy.draft));
  return Number(changes) > 0;
};

export const dropWorkingCopy = (
  database: DatabaseSync,
  account: number,
  type: Pick<ContentType, 'name'>,
  recordId: number,
): void => {
  prepared(database, 'DELETE FROM working_copies WHERE account = ? AND type = ? AND record = ?').run(
    account,
    type.name,
    recordId,
  );
};

/** Of all accounts: the record is gone. */
export const dropWorkingCopies = (database: DatabaseSync, type: Pick<ContentType, 'name'>, recordId: number): void => {
  prepared(database, 'DELETE FROM working_copies WHERE type = ? AND record = ?').run(type.name, recordId);
};
