/** What can go wrong with accounts, in words for people. The server answers with `statusCode` and `message`. */

export class AccountError extends Error {
  readonly code: string;
  readonly statusCode: number;

  constructor(code: string, statusCode: number, message: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.statusCode = statusCode;
  }
}

export const loginRequired = (): AccountError => new AccountError('LOGIN_REQUIRED', 401, 'Please log in first.');

export const accessDenied = (): AccountError => new AccountError('ACCESS_DENIED', 403, 'Your role does not allow this.');

export const passwordChangeRequired = (): AccountError =>
  new AccountError('PASSWORD_CHANGE_REQUIRED', 403, 'Choose a password of your own first.');

export const csrfRefused = (): AccountError =>
  new AccountError('CSRF_REFUSED', 403, 'This form is too old, or another site sent it. Load the page again and repeat it.');

export const accountGone = (): AccountError => new AccountError('ACCOUNT_GONE', 404, 'There is no such account any more.');

export const lastAdmin = (): AccountError =>
  new AccountError('LAST_ADMIN', 409, 'This is the last active administrator. Make somebody else one first.');

export const emailTaken = (email: string): AccountError =>
  new AccountError('EMAIL_TAKEN', 409, `There is an account for ${email} already.`);

/** @param message what is wrong with what was typed */
export const accountInvalid = (message: string): AccountError => new AccountError('ACCOUNT_INVALID', 400, message);
