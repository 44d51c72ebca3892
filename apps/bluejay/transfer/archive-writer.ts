/** Files that are written one after the other: into a tar.gz or into a directory. Whole or not there. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { TransferError } from './errors.ts';

export type ArchiveWriter = {
  file(name: string, content: string): Promise<void>;
  /** `bytes` has to be what comes. */
  stream(name: string, bytes: number, content: Readable): Promise<void>;
  /** Only now the archive is there under its name. */
  finish(): Promise<void>;
  /** Removes what was begun. */
  abandon(): Promise<void>;
};

export const openArchiveWriter = (target: string): Promise<ArchiveWriter> =>
  /\.(?:tar\.gz|tgz)$/i.test(target) ? writeTar(path.resolve(target)) : writeDirectory(path.resolve(target));

/** The same content gives the same bytes: every file is as old as time. */
const HEADER = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) };

const writeTar = async (target: string): Promise<ArchiveWriter> => {
  const partial = `${target}.${randomBytes(6).toString('hex')}.partial`;
  // Content may be personal: for nobody but who exports.
  const output = createWriteStream(partial, { flags: 'wx', mode: 0o600 });
  const tar = pack();
  const written = pipeline(tar, createGzip(), output);
  // Whoever waits for it learns of it; until then it must not end the process.
  written.catch(() => undefined);
  return {
    file: (name, content) =>
      new Promise((resolve, reject) => {
        tar.entry({ ...HEADER, name }, content, (error) => (error ? reject(error) : resolve()));
        written.catch(reject);
      }),
    stream: async (name, bytes, content) => {
      const entry = tar.entry({ ...HEADER, name, size: bytes });
      await Promise.race([pipeline(content, entry), written]);
    },
    async finish() {
      tar.finalize();
      await written;
      await using handle = await open(partial, 'r');
      await handle.sync();
      await rename(partial, target);
    },
    async abandon() {
      tar.destroy();
      await written.catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
};

const writeDirectory = async (target: string): Promise<ArchiveWriter> => {
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0)
    throw new TransferError('TRANSFER_NOT_EMPTY', `${target} is not empty`, 'Choose a directory that is not there yet.');
  const names: string[] = [];
  const place = async (name: string): Promise<string> => {
    const file = path.join(target, name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    names.push(file);
    return file;
  };
  return {
    async file(name, content) {
      await writeFile(await place(name), content, { flag: 'wx', mode: 0o600 });
    },
    async stream(name, _bytes, content) {
      await pipeline(content, createWriteStream(await place(name), { flags: 'wx', mode: 0o600 }));
    },
    finish: () => Promise.resolve(),
    async abandon() {
      for (const name of names) await rm(name, { force: true });
    },
  };
};
