import { formatProblem, type ManifestProblem } from './manifest/problem.ts';

/**
 * The one error class of Berth. `code` is stable and documented in docs/errors.md, `message` says what, where and
 * why, `hint` says what to do next. Every package builds its own in its `errors.ts`, one function per code.
 */
export class BerthError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: ErrorDetails) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BerthError';
    this.code = code;
    this.hint = options.hint;
    this.fields = options.fields ?? {};
  }

  /** What is sent to clients: everything but the cause, which may hold paths and values that are not theirs. */
  toJSON(): ErrorBody {
    return { code: this.code, message: this.message, hint: this.hint, fields: this.fields };
  }
}

type ErrorDetails = { hint: string; fields?: Record<string, unknown>; cause?: unknown };

export type ErrorBody = { code: string; message: string; hint: string; fields: Readonly<Record<string, unknown>> };

/** Any thrown value as an error with a code; what is not ours becomes INTERNAL and asks for a report. */
export const asBerthError = (thrown: unknown): BerthError =>
  thrown instanceof BerthError
    ? thrown
    : new BerthError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), {
        hint: 'this is a fault in Berth: please report it with the last lines of berthd.log',
        cause: thrown,
      });

/** More than this in one message hides the first, from which the others often follow. */
const PROBLEMS_LISTED = 20;

export const manifestInvalid = (problems: readonly ManifestProblem[]): BerthError => {
  const listed = problems.slice(0, PROBLEMS_LISTED).map((problem) => `  ${formatProblem(problem)}`);
  const rest = problems.length > PROBLEMS_LISTED ? [`  and ${problems.length - PROBLEMS_LISTED} more`] : [];
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new BerthError('MANIFEST_INVALID', [`the manifest has ${count}:`, ...listed, ...rest].join('\n'), {
    hint: 'correct the lines named above; `berth check` shows them with their text, docs/manifest.md describes every key',
    fields: { problems },
  });
};

export const referenceUnknown = (reference: string, known: readonly string[]): BerthError =>
  new BerthError('MANIFEST_REFERENCE_UNKNOWN', `${reference} stands for nothing here`, {
    hint: `known are ${known.join(', ')}; write $$ for a $ that is meant as such`,
    fields: { reference, known },
  });
