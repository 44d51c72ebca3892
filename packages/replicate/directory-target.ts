import { randomUUID } from 'node:crypto';
import { link, mkdir, open, opendir, readdir, realpath, rename, rm, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { syncDirectory, writeSteadily } from './durable-file.ts';
import { targetFailed, targetFull, targetNameRefused, targetObjectExists, targetObjectMissing } from './errors.ts';
import { isAlive } from './process-identity.ts';
import type { GetOptions, PutOptions, Target } from './target.ts';

/**
 * Objects as files below a directory, which is made when the first one is put. An object appears whole, by a link or a rename of
 * a file that is complete and synced; files left behind by programs that died are removed at the next start.
 */
export const createDirectoryTarget = (directory: string): Target => {
  const root = path.resolve(directory);
  const description = `dir:${root}`;
  let prepared: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    prepared ??= prepareDirectory(root).catch((cause: unknown) => {
      prepared = undefined;
      throw failure(cause, { description, name: INCOMING });
    });
    return prepared;
  };
  const fileOf = (name: string): string => {
    if (!isObjectPath(name)) throw targetNameRefused(description, name);
    return path.join(root, name);
  };

  return {
    description,
    async put(name, body, { ifAbsent = false, signal }: PutOptions) {
      const file = fileOf(name);
      await prepare();
      signal?.throwIfAborted();
      const temporary = path.join(root, INCOMING, `${hostname()}.${process.pid}.${randomUUID()}`);
      const source = watchSource(body);
      try {
        await writeSynced(temporary, source.body, signal);
        const parent = path.dirname(file);
        await makeDirectories(root, parent);
        const real = await realpath(parent);
        // A link in the tree could lead anywhere.
        if (real !== path.join(await realpath(root), path.relative(root, parent))) throw targetNameRefused(description, name);
        await (ifAbsent ? link(temporary, file) : rename(temporary, file));
        await syncDirectory(parent);
      } catch (cause) {
        // What could not be read is no fault of the target.
        if (source.failed) throw cause;
        if (ifAbsent && codeOf(cause) === 'EEXIST') throw targetObjectExists(description, name);
        throw failure(cause, { description, name });
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async get(name, { from = 0, length, signal }: GetOptions) {
      const file = fileOf(name);
      const found = await stat(file).catch((cause: unknown) => {
        throw isAbsent(cause) ? targetObjectMissing(description, name) : failure(cause, { description, name });
      });
      if (!found.isFile()) throw targetObjectMissing(description, name);
      return readPart(file, { from, length: length ?? Number.POSITIVE_INFINITY, signal, description, name });
    },
    async *list(prefix, signal) {
      const [start] = prefix.split(/\/(?=[^/]*$)/);
      const first = prefix.includes('/') ? (start ?? '') : '';
      if (first !== '' && !isObjectPath(first)) throw targetNameRefused(description, prefix);
      try {
        for await (const names of batches(namesBelow(root, first), (name) => name.startsWith(prefix))) {
          signal?.throwIfAborted();
          const sizes = await Promise.all(names.map((name) => sizeOf(path.join(root, name))));
          for (const [index, name] of names.entries()) {
            const bytes = sizes[index];
            if (bytes !== undefined) yield { name, bytes };
          }
        }
      } catch (cause) {
        throw failure(cause, { description, name: prefix });
      }
    },
    async delete(names, signal) {
      const parents = new Set<string>();
      for (const name of names) {
        signal?.throwIfAborted();
        const file = fileOf(name);
        try {
          await unlink(file);
          parents.add(path.dirname(file));
        } catch (cause) {
          if (!isAbsent(cause)) throw failure(cause, { description, name });
        }
      }
      for (const parent of parents) await syncDirectory(parent);
    },
  };
};

/** Where files are while they are written; no object can be called so. */
const INCOMING = '.incoming';
const READ_BYTES = 512 * 1024;
/** What another machine left, and whose process cannot be asked for. */
const FOREIGN_LEFTOVER_MS = 24 * 60 * 60 * 1000;

const isObjectPath = (name: string): boolean =>
  name.length <= 1024 && name.split('/').every((word) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(word));

const prepareDirectory = async (root: string): Promise<void> => {
  const incoming = path.join(root, INCOMING);
  await makeDirectories(path.parse(root).root, incoming);
  for (const name of await readdir(incoming)) {
    const file = path.join(incoming, name);
    if (await isLeftOver(file, name)) await rm(file, { force: true });
  }
};

const isLeftOver = async (file: string, name: string): Promise<boolean> => {
  const [, host, pid] = /^(.+)\.(\d+)\.[0-9a-f-]{36}$/.exec(name) ?? [];
  if (host === hostname()) return Number(pid) !== process.pid && !isAlive(Number(pid));
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > FOREIGN_LEFTOVER_MS;
};

/** Makes what is missing below `root`, so that it survives a power cut. */
const makeDirectories = async (root: string, directory: string): Promise<void> => {
  if (directory === root) return;
  if (await stat(directory).catch(() => undefined)) return;
  const parent = path.dirname(directory);
  await makeDirectories(root, parent);
  await mkdir(directory, { mode: 0o700 }).catch((cause: unknown) => {
    if (codeOf(cause) !== 'EEXIST') throw cause;
  });
  await syncDirectory(parent);
};

type Body = Uint8Array | AsyncIterable<Uint8Array>;

/** The same body, with a note of whether it was the body that failed. */
const watchSource = (body: Body): { body: Body; failed: boolean } => {
  const watched = { body, failed: false };
  if (!(body instanceof Uint8Array)) watched.body = watch(body, watched);
  return watched;
};

async function* watch(body: AsyncIterable<Uint8Array>, note: { failed: boolean }): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    note.failed = true;
    throw cause;
  }
}

const writeSynced = async (file: string, body: Body, signal: AbortSignal | undefined): Promise<void> => {
  await using handle = await open(file, 'wx', 0o600);
  if (body instanceof Uint8Array) await handle.writeFile(body);
  else await writeSteadily(handle, body, () => signal?.throwIfAborted());
  signal?.throwIfAborted();
  await handle.sync();
};

type Part = {
  from: number;
  length: number;
  signal: AbortSignal | undefined;
  description: string;
  name: string;
};

async function* readPart(file: string, { from, length, signal, description, name }: Part): AsyncGenerator<Uint8Array> {
  try {
    await using handle = await open(file, 'r');
    let at = from;
    for (let left = length; left > 0; ) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, left));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
      left -= bytesRead;
    }
  } catch (cause) {
    throw isAbsent(cause) ? targetObjectMissing(description, name) : failure(cause, { description, name });
  }
}

async function* namesBelow(root: string, folder: string): AsyncGenerator<string> {
  let entries: Awaited<ReturnType<typeof opendir>>;
  try {
    entries = await opendir(path.join(root, folder));
  } catch (cause) {
    if (isAbsent(cause)) return;
    throw cause;
  }
  for await (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* namesBelow(root, name);
    else if (entry.isFile()) yield name;
  }
}

/** A busy database makes hundreds of thousands of objects a day: one call at a time would take half a minute. */
async function* batches(names: AsyncIterable<string>, wanted: (name: string) => boolean): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const name of names) {
    if (!wanted(name)) continue;
    batch.push(name);
    if (batch.length < 128) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

const sizeOf = async (file: string): Promise<number | undefined> => {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause;
  }
};

const codeOf = (cause: unknown): unknown => (cause as { code?: unknown } | undefined)?.code;

const isAbsent = (cause: unknown): boolean => codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR';

/** Errors of the file system as the target's; what the body threw, or an abort, stays what it is. */
const failure = (cause: unknown, { description, name }: { description: string; name: string }): unknown => {
  if (codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT') return targetFull(description, name, cause);
  return typeof (cause as NodeJS.ErrnoException).syscall === 'string' ? targetFailed(description, name, cause) : cause;
};
