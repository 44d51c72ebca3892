/** What can go wrong with the store. Codes are stable; message and hint are for the operator. */

export type StoreErrorCode =
  | 'STORE_URI_INVALID'
  | 'STORE_NOT_WRITABLE'
  | 'STORE_NOT_A_DATABASE'
  | 'STORE_DAMAGED'
  | 'STORE_TOO_NEW'
  | 'STORE_FULL'
  | 'STORE_OWNED'
  | 'STORE_BUSY'
  | 'STORE_CONFLICT'
  | 'STORE_KEY_INVALID'
  | 'STORE_TOKEN_UNREADABLE'
  | 'STORE_FAILED';

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  /** What to do about it. */
  readonly hint: string;

  constructor(code: StoreErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'StoreError';
    this.code = code;
    this.hint = options.hint;
  }
}

export const uriInvalid = (uri: string, why: string) =>
  new StoreError('STORE_URI_INVALID', `SQLITE_URI ${JSON.stringify(uri)} ${why}`, {
    hint: 'give a path such as /data/kolabpad.db, or nothing to keep documents in memory only',
  });
export const tooNew = (file: string, version: number, filename: string) =>
  new StoreError(
    'STORE_TOO_NEW',
    `${file} was written by a newer version: migration ${version} (${filename}) is not known here`,
    {
      hint: 'start the newer version again, or put back a backup from before the upgrade',
    },
  );
export const owned = (file: string, pid: number | null) =>
  new StoreError('STORE_OWNED', `${file} belongs to ${pid === null ? 'another process' : `process ${pid}`}`, {
    hint: 'one process owns the documents: stop the other one first, or give this one another SQLITE_URI',
  });
export const secretTooShort = (bytes: number) =>
  new StoreError('STORE_KEY_INVALID', `the secret has ${bytes} bytes, and at least 32 are needed`, {
    hint: 'make one with: openssl rand -base64 48',
  });
export const keyFileInvalid = (file: string, cause?: unknown) =>
  new StoreError('STORE_KEY_INVALID', `${file} does not hold a key`, {
    hint: 'put the file back from a backup; without it the tokens of protected documents cannot be read',
    cause,
  });
export const tokenUnreadable = (id: string, cause?: unknown) =>
  new StoreError('STORE_TOKEN_UNREADABLE', `the token of document ${JSON.stringify(id)} was stored under another key`, {
    hint: 'start with the key that it was stored under: the secret, or the file <database>.key',
    cause,
  });
const damaged = (file: string, what: string, cause?: unknown) =>
  new StoreError('STORE_DAMAGED', `${file} is damaged: ${what}`, {
    hint: 'stop the server and put back the last backup; keep the damaged file and its -wal file',
    cause,
  });
export const checkFailed = (file: string, verdict: string) => damaged(file, verdict);

/** Anything that SQLite or the file system threw, as a StoreError that names its cause and what helps. */
export const storeErrorFrom = (cause: unknown, file: string): StoreError => {
  if (cause instanceof StoreError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const sqlite = (cause as { errcode?: number }).errcode ?? 0;
  const system = (cause as NodeJS.ErrnoException).code ?? '';
  if ((sqlite & 0xff) === SQLITE_FULL || DISK_IS_FULL.has(sqlite) || system === 'ENOSPC' || system === 'EDQUOT')
    return new StoreError('STORE_FULL', `no room left for ${file}`, {
      hint: 'free space on that disk; nothing that was stored is lost',
      cause,
    });
  if (NOT_WRITABLE.has(sqlite & 0xff) || ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR'].includes(system))
    return new StoreError('STORE_NOT_WRITABLE', `${file} cannot be written: ${why}`, {
      hint: 'the directory and the file must belong to the user that the server runs as',
      cause,
    });
  switch (sqlite & 0xff) {
    case SQLITE_NOTADB:
      return new StoreError('STORE_NOT_A_DATABASE', `${file} is not an SQLite database`, {
        hint: 'check SQLITE_URI; a damaged database is put back from a backup',
        cause,
      });
    case SQLITE_CORRUPT:
      return damaged(file, why, cause);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return new StoreError('STORE_BUSY', `${file} is locked by somebody who writes to it`, {
        hint: 'nobody but the server may write to its database',
        cause,
      });
    case SQLITE_CONSTRAINT:
      return new StoreError('STORE_CONFLICT', `${file} holds something else in that place already: ${why}`, {
        hint: 'nothing was written; this is a mistake in the program: report it',
        cause,
      });
    default:
      return new StoreError('STORE_FAILED', `${file}: ${why}`, {
        hint: 'look at the disk and its messages in the kernel log',
        cause,
      });
  }
};

// Result codes: sqlite.org/rescode.html
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CONSTRAINT = 19;
const SQLITE_NOTADB = 26;
/** PERM, READONLY, CANTOPEN. */
const NOT_WRITABLE = new Set([3, 8, 14]);
/** IOERR_SHMSIZE: the memory that connections share could not be made larger, which only a full disk does. */
const DISK_IS_FULL = new Set([4874]);
