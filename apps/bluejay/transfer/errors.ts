/** What keeps a site from being taken along; in words for whoever typed the command. */
export class TransferError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint = '') {
    super(message);
    this.name = 'TransferError';
    this.code = code;
    this.hint = hint;
  }
}

/** A bound of an archive or a file is exceeded. */
export const tooMuch = (what: string): TransferError =>
  new TransferError('TRANSFER_TOO_MUCH', what, 'Nothing of it was unpacked to the disk; what came before it is imported.');

export const notUnderstood = (what: string, hint = ''): TransferError => new TransferError('TRANSFER_NOT_UNDERSTOOD', what, hint);
