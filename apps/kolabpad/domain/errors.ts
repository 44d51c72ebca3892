/** Every error that a caller of the HTTP API can meet: a stable code, the status, and what to do. */

export type ApiErrorCode =
  | 'INVALID_REQUEST'
  | 'DOCUMENT_ID_REQUIRED'
  | 'TOKEN_REQUIRED'
  | 'NOT_CONNECTED'
  | 'INVALID_TOKEN'
  | 'NOT_PROTECTED'
  | 'STORE_NOT_ENABLED'
  | 'STORE_FAILED'
  | 'TOO_MANY_ATTEMPTS'
  | 'TOO_MANY_SOCKETS'
  | 'ORIGIN_REFUSED'
  | 'READ_ONLY'
  | 'DOCUMENT_NOT_FOUND'
  | 'DOCUMENT_TOO_LARGE'
  | 'SHUTTING_DOWN';

export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  /** Seconds, for `Retry-After`. */
  readonly retryAfterSec: number | null;

  constructor(code: ApiErrorCode, status: number, message: string, options: { cause?: unknown; retryAfterSec?: number } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.retryAfterSec = options.retryAfterSec ?? null;
  }
}

// The first words of the next six are those of the original, whose client prints them as they are.
export const invalidRequest = (why?: string) =>
  new ApiError('INVALID_REQUEST', 400, why === undefined ? 'invalid request body' : `invalid request body: ${why}`);
export const documentIdRequired = () => new ApiError('DOCUMENT_ID_REQUIRED', 400, 'document ID required');
export const tokenRequired = () => new ApiError('TOKEN_REQUIRED', 401, 'Invalid or missing OTP');
export const notConnected = () => new ApiError('NOT_CONNECTED', 403, 'Forbidden: not connected to document');
export const invalidToken = () => new ApiError('INVALID_TOKEN', 403, 'Forbidden: invalid OTP');
export const notProtected = () => new ApiError('NOT_PROTECTED', 400, 'document is not OTP-protected');
export const storeNotEnabled = () => new ApiError('STORE_NOT_ENABLED', 503, 'database not enabled');
export const storeFailed = (cause: unknown) => new ApiError('STORE_FAILED', 500, 'internal error', { cause });

export const tooManyAttempts = (retryAfterSec: number) =>
  new ApiError('TOO_MANY_ATTEMPTS', 429, `too many wrong OTPs: try again in ${retryAfterSec} seconds`, { retryAfterSec });
export const tooManySockets = (what: 'document' | 'client') =>
  new ApiError(
    'TOO_MANY_SOCKETS',
    503,
    `too many connections ${what === 'document' ? 'to this document' : 'from your address'}`,
    {
      retryAfterSec: 10,
    },
  );
export const originRefused = () =>
  new ApiError('ORIGIN_REFUSED', 403, 'Forbidden: this page may not use this server (see ALLOWED_ORIGINS)');
export const readOnly = () => new ApiError('READ_ONLY', 403, 'Forbidden: this link is read-only');
export const documentNotFound = () => new ApiError('DOCUMENT_NOT_FOUND', 404, 'document not found');
export const documentTooLarge = (maxBytes: number) =>
  new ApiError('DOCUMENT_TOO_LARGE', 413, `the document would be larger than ${Math.floor(maxBytes / 1024)} KB`);
export const shuttingDown = () => new ApiError('SHUTTING_DOWN', 503, 'the server is restarting', { retryAfterSec: 1 });
