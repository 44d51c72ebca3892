import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a small file so that after a power cut either the old or the new content is there, whole. */
export const writeDurably = (path: string, content: string | Uint8Array): void => {
  const temporary = `${path}.tmp`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncDirectoryNow(dirname(path));
};

/** As writeDurably, for content that is large or comes in parts: nobody waits for the disk meanwhile. */
export const writeFileAtomically = async (path: string, parts: readonly Uint8Array[]): Promise<void> => {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    {
      await using file = await open(temporary, 'wx', 0o600);
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await syncDirectory(dirname(path));
};

/**
 * Writes a stream, and returns how many bytes it had. The disk gets them as they come: left to itself a kernel keeps back some
 * hundred megabytes and writes them at once, and whatever an application reads meanwhile waits behind them. What must be there
 * after a power cut is to be synced all the same. `onWritten` is called for each part, and may end it by throwing.
 */
export const writeSteadily = async (
  file: FileHandle,
  parts: AsyncIterable<Uint8Array>,
  onWritten: (bytes: number) => void,
): Promise<number> => {
  let bytes = 0;
  let handed = 0;
  let handing = Promise.resolve();
  try {
    for await (const part of parts) {
      await file.writeFile(part);
      bytes += part.length;
      onWritten(bytes);
      if (bytes - handed < HANDED_AT_ONCE_BYTES) continue;
      handed = bytes;
      await handing;
      handing = file.datasync();
      // Its failure is met with the next part, or at the end.
      handing.catch(() => undefined);
    }
    await handing;
  } finally {
    // Nothing of it may be under way when the file is closed.
    await handing.catch(() => undefined);
  }
  return bytes;
};

const HANDED_AT_ONCE_BYTES = 8 << 20;

/** Without this, a power cut can undo what was created, renamed or removed in the directory. */
export const syncDirectory = async (path: string): Promise<void> => {
  await using directory = await open(path, 'r');
  await directory.sync();
};

/** The same, before anything else happens in this process. */
export const syncDirectoryNow = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** With all directories above it that do not exist; for its owner alone. What is made is there after a power cut. */
export const makeDirectoryDurably = (path: string): void => {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    syncDirectoryNow(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
};

/** Undefined for a file that does not exist. */
export const readTextIfExists = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Undefined for what is no JSON, too: a disk that was damaged has no more to say than one that is empty. */
export const readJsonIfWhole = (path: string): unknown => {
  const text = readTextIfExists(path);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

export const removeIfExists = (path: string): void => {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};

export const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
