/** The folders of the library: nothing is ever seen half written, and only `public/` is given out without being asked. */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';

/** A file of `incoming/`, gone with the block unless it was kept. */
export type Incoming = AsyncDisposable & { readonly path: string };

export type Received = Incoming & {
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
};

export type Folder = 'originals' | 'renditions' | 'public';

export type MediaDirectory = {
  pathOf(folder: Folder, name: string): string;
  has(folder: Folder, name: string): boolean;
  names(folder: Folder): Promise<readonly string[]>;
  size(folder: Folder, name: string): Promise<number>;
  /** Writes a stream down. Throws TooManyBytesError once there are more than `limitBytes`; nothing of it is left then. */
  receive(content: Readable, limitBytes: number): Promise<Received>;
  /** An empty place beside the others, for what something else writes. */
  incoming(): Incoming;
  /** Gives an incoming file its name, for good: on the disk before this resolves. */
  keep(file: Incoming, folder: Folder, name: string): Promise<void>;
  /** Absent is as good as removed. */
  remove(folder: Folder, name: string): Promise<void>;
  /** A rendition becomes reachable. False: there is no such file. */
  publish(name: string): Promise<boolean>;
  /** Removes what no row speaks of and is older: remains of uploads that were killed. Gives the names. */
  sweep(
    known: Readonly<Record<'originals' | 'renditions', ReadonlySet<string>>>,
    olderThanMs: number,
  ): Promise<readonly string[]>;
};

export class TooManyBytesError extends Error {
  constructor() {
    super('more bytes than allowed');
    this.name = 'TooManyBytesError';
  }
}

/** 24 hexadecimal characters: nobody guesses it, and it is never used twice. */
export const randomName = (): string => randomBytes(12).toString('hex');

const FOLDERS = ['incoming', 'originals', 'renditions', 'public'] as const;
const FOLDER_MODE = 0o750;
const FILE_MODE = 0o640;
/** What is public is read by whoever serves it, which is another user. A rendition is the same file: its folder keeps it. */
const PUBLIC_FOLDER_MODE = 0o755;
const PUBLIC_FILE_MODE = 0o644;

export const openMediaDirectory = (root: string): MediaDirectory => {
  for (const folder of FOLDERS) mkdirSync(path.join(root, folder), { recursive: true, mode: FOLDER_MODE });
  openToAll(path.join(root, 'public'));
  const at = (folder: (typeof FOLDERS)[number], name: string): string => path.join(root, folder, name);

  const incoming = (): Incoming => {
    const file = at('incoming', randomName());
    return { path: file, [Symbol.asyncDispose]: () => removeFile(file) };
  };

  return {
    pathOf: at,
    has: (folder, name) => existsSync(at(folder, name)),
    size: async (folder, name) => (await stat(at(folder, name))).size,
    names: (folder) => readdir(path.join(root, folder)),
    incoming,
    async receive(content, limitBytes) {
      const file = incoming();
      try {
        return Object.assign(file, await writeDown(file.path, content, limitBytes));
      } catch (error) {
        await removeFile(file.path);
        throw error;
      }
    },
    async keep(file, folder, name) {
      await using handle = await open(file.path, 'r+');
      await handle.chmod(folder === 'originals' ? FILE_MODE : PUBLIC_FILE_MODE);
      await handle.sync();
      await rename(file.path, at(folder, name));
      // Without this a power cut can undo the rename.
      await syncFolder(path.join(root, folder));
    },
    remove: (folder, name) => removeFile(at(folder, name)),
    async publish(name) {
      try {
        await link(at('renditions', name), at('public', name));
      } catch (error) {
        if (isCode(error, 'ENOENT')) return false;
        if (!isCode(error, 'EEXIST')) throw error;
      }
      return true;
    },
    async sweep(known, olderThanMs) {
      const swept: string[] = [];
      for (const folder of ['incoming', 'originals', 'renditions'] as const) {
        for (const name of await readdir(path.join(root, folder))) {
          if (folder !== 'incoming' && known[folder].has(name)) continue;
          // Young ones may belong to a process that is just taking a file.
          const facts = await stat(at(folder, name)).catch(ignoreMissing);
          if (facts === undefined || facts.mtimeMs >= olderThanMs) continue;
          await removeFile(at(folder, name));
          swept.push(`${folder}/${name}`);
        }
      }
      return swept;
    },
  };
};

/** Whatever umask it was made under. */
const openToAll = (folder: string): void => {
  if ((statSync(folder).mode & 0o777) !== PUBLIC_FOLDER_MODE) chmodSync(folder, PUBLIC_FOLDER_MODE);
};

const writeDown = async (
  file: string,
  content: Readable,
  limitBytes: number,
): Promise<{ readonly bytes: number; readonly digest: string }> => {
  const hash = createHash('sha256');
  let bytes = 0;
  await using handle = await open(file, 'wx', FILE_MODE);
  // The stream itself stays alive after an error: the form it belongs to may have more files behind this one.
  for await (const chunk of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer | string>) {
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += part.length;
    if (bytes > limitBytes) throw new TooManyBytesError();
    hash.update(part);
    await writeAll(handle, part);
  }
  return { bytes, digest: hash.digest('hex') };
};

const writeAll = async (handle: FileHandle, part: Buffer): Promise<void> => {
  for (let done = 0; done < part.length; ) done += (await handle.write(part, done)).bytesWritten;
};

const removeFile = async (file: string): Promise<void> => {
  await unlink(file).catch(ignoreMissing);
};

const syncFolder = async (folder: string): Promise<void> => {
  await using handle = await open(folder, 'r');
  await handle.sync();
};

const ignoreMissing = (error: unknown): undefined => {
  if (!isCode(error, 'ENOENT')) throw error;
  return undefined;
};

export const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
