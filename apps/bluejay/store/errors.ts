/** What can go wrong with the database. Codes are stable; message and hint are for the operator. */

export type StoreErrorCode =
  | 'STORE_NOT_WRITABLE'
  | 'STORE_NOT_A_DATABASE'
  | 'STORE_DAMAGED'
  | 'STORE_FULL'
  | 'STORE_BUSY'
  | 'STORE_PRAGMA'
  | 'STORE_NOT_MIGRATED'
  | 'STORE_TOO_NEW'
  | 'STORE_DUPLICATES'
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

export const pragmaIgnored = (file: string, pragma: string, wanted: string | number, found: unknown) =>
  new StoreError('STORE_PRAGMA', `${file}: ${pragma} is ${String(found)}, not ${wanted}`, {
    hint: 'the file system may not support shared memory: put the database on a local disk',
  });

export const notMigrated = (file: string, pending: readonly string[]) =>
  new StoreError(
    'STORE_NOT_MIGRATED',
    `${file} is not ready for this release: ${pending.slice(0, 3).join('; ')}${pending.length > 3 ? ` and ${pending.length - 3} more` : ''}`,
    { hint: 'run `npm run migrate` once before the start' },
  );

export const tooNew = (file: string, found: { generation: number; compatibleFrom: number }, known: number) =>
  new StoreError(
    'STORE_TOO_NEW',
    `${file} has the schema of a newer release: generation ${found.generation}, usable from ${found.compatibleFrom} on; this program knows ${known}`,
    { hint: 'start the newer release again, or put back the backup that was made before its migration' },
  );

export const duplicates = (file: string, index: string, cause: unknown) =>
  new StoreError(
    'STORE_DUPLICATES',
    `${file}: several records have the same value where ${index} allows one; nothing was changed`,
    {
      hint: 'change them in the panel of the release that runs now, then migrate again',
      cause,
    },
  );

export const checkFailed = (file: string, verdict: string) =>
  new StoreError('STORE_DAMAGED', `${file} is damaged: ${verdict}`, {
    hint: 'stop the site and put back the last backup; keep the damaged file and its -wal file',
  });

/** Anything that SQLite or the file system threw, as a StoreError that names its cause and what helps. */
export const storeErrorFrom = (cause: unknown, file: string): StoreError => {
  if (cause instanceof StoreError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const system = (cause as NodeJS.ErrnoException).code ?? '';
  const known = KNOWN[((cause as { errcode?: number }).errcode ?? 0) & PRIMARY_CODE] ?? SYSTEM[system] ?? FAILED;
  return new StoreError(known.code, `${file} ${known.says}: ${why}`, { hint: known.hint, cause });
};

/** SQLite's extended result codes carry the primary one in their lowest byte. */
const PRIMARY_CODE = 0xff;

type Known = { readonly code: StoreErrorCode; readonly says: string; readonly hint: string };
const NOT_WRITABLE: Known = {
  code: 'STORE_NOT_WRITABLE',
  says: 'cannot be opened for writing',
  hint: 'the directory and the file must belong to the user who runs the site',
};
const FULL: Known = { code: 'STORE_FULL', says: 'cannot grow', hint: 'the disk is full: make room, then start again' };
const BUSY: Known = {
  code: 'STORE_BUSY',
  says: 'is locked',
  hint: 'another process has been writing for more than 5 seconds: see who with `lsof`, then try again',
};
const FAILED: Known = { code: 'STORE_FAILED', says: 'failed', hint: 'see the message; the database was not changed' };
const KNOWN: Readonly<Record<number, Known>> = {
  5: BUSY,
  6: BUSY,
  8: NOT_WRITABLE,
  11: { code: 'STORE_DAMAGED', says: 'is damaged', hint: 'stop the site and put back the last backup; keep the damaged file' },
  13: FULL,
  14: NOT_WRITABLE,
  26: {
    code: 'STORE_NOT_A_DATABASE',
    says: 'is no SQLite database',
    hint: 'DATABASE_PATH names another file, or the backup was not unpacked',
  },
};
const SYSTEM: Readonly<Record<string, Known>> = { EACCES: NOT_WRITABLE, EPERM: NOT_WRITABLE, EROFS: NOT_WRITABLE, ENOSPC: FULL };
