/**
 * Loaded before a program, `--import power-cut-recorder.ts?log=DIRECTORY&root=PATH&root=PATH`: writes down what the program does
 * to files and directories below the roots. What it does in a way that is not known here fails, lest it go unseen.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type DiskEntry, monotonicMicroseconds } from './power-cut-log.ts';

type Call = (...given: unknown[]) => unknown;
type Unnoted<T> = T extends unknown ? Omit<T, 'at'> : never;

const { searchParams } = new URL(import.meta.url);
const roots = searchParams.getAll('root');
const started = monotonicMicroseconds();
const real = { writeSync: fs.writeSync, lstatSync: fs.lstatSync };
const logFd = fs.openSync(`${searchParams.get('log') ?? ''}/${started}-${process.pid}`, 'wx');
let entries = 0;
let handles = 0;

const note = (entry: Unnoted<DiskEntry>): void => {
  real.writeSync(logFd, `${JSON.stringify({ at: monotonicMicroseconds(), ...entry })}\n`);
  entries += 1;
};

const isSeen = (path: unknown): path is string =>
  typeof path === 'string' && roots.some((root) => path === root || path.startsWith(`${root}/`));

const kindOf = (path: string): 'file' | 'directory' | 'none' => {
  const found = real.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'none';
  return found.isDirectory() ? 'directory' : 'file';
};

type Handle = { readonly name: string; offset: number };

/** Undefined for what is only read. */
const opened = (path: string, { flags, was }: { flags: unknown; was: ReturnType<typeof kindOf> }): Handle | undefined => {
  if (typeof flags !== 'string' && flags !== undefined) throw new Error('the power cut knows flags in words');
  const isWritten = flags !== undefined && flags !== 'r';
  if (!isWritten && was !== 'directory') return undefined;
  if (flags?.startsWith('a') === true) throw new Error('the power cut does not know how to append');
  handles += 1;
  const handle = { name: `${started}.${handles}`, offset: 0 };
  note({ op: 'open', handle: handle.name, path, isEmptied: isWritten && flags.startsWith('w') });
  return handle;
};

const bytesOf = (data: unknown): Buffer => {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  throw new Error('the power cut knows strings and bytes');
};

const written = (handle: Handle, data: Buffer, position: unknown): void => {
  const offset = typeof position === 'number' ? position : handle.offset;
  if (typeof position !== 'number') handle.offset += data.length;
  note({ op: 'write', handle: handle.name, offset, data: data.toString('base64') });
};

/** As (buffer, offset, length, position) or (buffer, { offset, length, position }) or (buffer). */
const writtenPart = (handle: Handle, [data, offset, length, position]: unknown[], count: number): void => {
  const options = typeof offset === 'object' && offset !== null ? (offset as { offset?: number; position?: number }) : undefined;
  const from = options?.offset ?? (typeof offset === 'number' ? offset : 0);
  if (typeof data === 'string') throw new Error('the power cut does not know how parts of strings are written');
  if (length !== undefined && typeof length !== 'number') throw new Error('the power cut knows lengths in numbers');
  written(handle, bytesOf(data).subarray(from, from + count), options?.position ?? position);
};

const wrap = (functions: Record<string, Call>, name: string, around: (original: Call, given: unknown[]) => unknown): void => {
  const original = functions[name];
  if (original === undefined) throw new Error(`there is no ${name}`);
  functions[name] = (...given) => around(original.bind(functions), given);
};

const now = fs as unknown as Record<string, Call>;
const later = fs.promises as unknown as Record<string, Call>;
const byFd = new Map<unknown, Handle>();

wrap(now, 'openSync', (original, given) => {
  const [path, flags] = given;
  if (!isSeen(path)) return original(...given);
  const was = kindOf(path);
  const fd = original(...given);
  const handle = opened(path, { flags, was });
  if (handle !== undefined) byFd.set(fd, handle);
  return fd;
});
wrap(now, 'closeSync', (original, given) => {
  byFd.delete(given[0]);
  return original(...given);
});
wrap(now, 'writeSync', (original, given) => {
  const count = original(...given) as number;
  const handle = byFd.get(given[0]);
  if (handle !== undefined) writtenPart(handle, given.slice(1), count);
  return count;
});
wrap(now, 'writevSync', (original, given) => {
  const count = original(...given) as number;
  const [fd, parts, position] = given;
  const handle = byFd.get(fd);
  if (handle !== undefined) written(handle, Buffer.concat((parts as unknown[]).map(bytesOf)).subarray(0, count), position);
  return count;
});
wrap(now, 'ftruncateSync', (original, given) => {
  const [fd, length = 0] = given;
  original(...given);
  const handle = byFd.get(fd);
  if (handle !== undefined) note({ op: 'truncate', handle: handle.name, length: Number(length) });
});
for (const name of ['fsyncSync', 'fdatasyncSync']) {
  wrap(now, name, (original, given) => {
    const from = entries;
    original(...given);
    const handle = byFd.get(given[0]);
    if (handle !== undefined) note({ op: 'sync', handle: handle.name, from });
  });
}

/** The same for both: what is noted when it was done, found out before. */
const namings: Record<string, (path: string, given: unknown[]) => Unnoted<DiskEntry>[]> = {
  mkdir: (path, given) => {
    const isRecursive = (given[1] as { recursive?: boolean } | undefined)?.recursive === true;
    if (kindOf(path) !== 'none') return [];
    const parent = path.slice(0, path.lastIndexOf('/'));
    const above = isRecursive && isSeen(parent) ? (namings['mkdir']?.(parent, given) ?? []) : [];
    return [...above, { op: 'mkdir', path }];
  },
  rename: (path, given) => [{ op: 'rename', path, to: String(given[1]) }],
  link: (path, given) => [{ op: 'link', path, to: String(given[1]) }],
  unlink: (path) => [{ op: 'unlink', path }],
  rm: (path) => {
    const was = kindOf(path);
    if (was === 'directory') throw new Error('the power cut does not know how trees are removed');
    return was === 'file' ? [{ op: 'unlink', path }] : [];
  },
};
for (const [name, entriesOf] of Object.entries(namings)) {
  wrap(now, `${name}Sync`, (original, given) => {
    if (!isSeen(given[0]) && !isSeen(given[1])) return original(...given);
    const noted = entriesOf(String(given[0]), given);
    const answer = original(...given);
    for (const entry of noted) note(entry);
    return answer;
  });
  wrap(later, name, async (original, given) => {
    if (!isSeen(given[0]) && !isSeen(given[1])) return await original(...given);
    const noted = entriesOf(String(given[0]), given);
    const answer = await original(...given);
    for (const entry of noted) note(entry);
    return answer;
  });
}

wrap(later, 'open', async (original, given) => {
  const [path, flags] = given;
  if (!isSeen(path)) return await original(...given);
  const was = kindOf(path);
  const file = (await original(...given)) as fs.promises.FileHandle;
  const handle = opened(path, { flags, was });
  if (handle !== undefined) recordHandle(file as unknown as Record<string, Call>, handle);
  return file;
});

function recordHandle(file: Record<string, Call>, handle: Handle): void {
  for (const name of ['sync', 'datasync']) {
    wrap(file, name, async (original) => {
      const from = entries;
      await original();
      note({ op: 'sync', handle: handle.name, from });
    });
  }
  wrap(file, 'writeFile', async (original, given) => {
    // Kept as it is now: the caller may use its buffer again.
    const data = Buffer.from(bytesOf(given[0]));
    await original(...given);
    written(handle, data, undefined);
  });
  wrap(file, 'write', async (original, given) => {
    const answer = (await original(...given)) as { bytesWritten: number };
    writtenPart(handle, given, answer.bytesWritten);
    return answer;
  });
  wrap(file, 'truncate', async (original, given) => {
    await original(...given);
    note({ op: 'truncate', handle: handle.name, length: Number(given[0] ?? 0) });
  });
  for (const name of ['appendFile', 'writev', 'createWriteStream']) refuse(file, name, () => true);
}

function refuse(functions: Record<string, Call>, name: string, isRefused: (given: unknown[]) => boolean): void {
  wrap(functions, name, (original, given) => {
    if (isRefused(given)) throw new Error(`the power cut does not know ${name}`);
    return original(...given);
  });
}

const UNKNOWN = ['writeFile', 'appendFile', 'copyFile', 'cp', 'rmdir', 'truncate', 'symlink'];
const isAnySeen = (given: unknown[]): boolean => given.some(isSeen);
for (const name of UNKNOWN) {
  for (const functions of [now, later]) refuse(functions, functions === now ? `${name}Sync` : name, isAnySeen);
  refuse(now, name, isAnySeen);
}
for (const name of ['createWriteStream', 'rename', 'link', 'mkdir']) refuse(now, name, isAnySeen);

syncBuiltinESMExports();
