/** What can go wrong with content, in words for editors. The server answers with `statusCode` and `message`. */
import type { AnyRecord } from './content-type.ts';
import type { FieldProblem } from './draft.ts';

export class ContentError extends Error {
  readonly code: string;
  readonly statusCode: number;

  constructor(code: string, statusCode: number, message: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.statusCode = statusCode;
  }
}

/** Somebody saved the record after it was opened: `current` is what they made of it. */
export class ConflictError extends ContentError {
  readonly current: AnyRecord;
  /** Who saved last, by name; '' when nobody knows. */
  readonly by: string;

  constructor(current: AnyRecord, by: string) {
    super('CONTENT_CONFLICT', 409, `${by === '' ? 'Somebody' : by} saved this in the meantime. Compare both and choose.`);
    this.current = current;
    this.by = by;
  }
}

export class InvalidContentError extends ContentError {
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    super('CONTENT_INVALID', 400, problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.problems = problems;
  }
}

/** Something refers to the record, and does so with `restrict`. */
export const contentInUse = (title: string, users: readonly string[]): ContentError =>
  new ContentError(
    'CONTENT_IN_USE',
    409,
    `“${title}” is still in use by ${users.slice(0, 5).join(', ')}${users.length > 5 ? ` and ${users.length - 5} more` : ''}. Change those first.`,
  );

export const contentGone = (what: string): ContentError =>
  new ContentError('CONTENT_GONE', 404, `There is no such ${what} any more.`);

export const contentFixed = (many: string): ContentError =>
  new ContentError('CONTENT_FIXED', 409, `${many} are edited here, never made or deleted.`);
