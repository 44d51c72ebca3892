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
