/**
 * The files of an archive, one after the other, each read before the next. Names are only compared, never used as paths, and
 * nothing is unpacked: what they say about places on the disk does not matter. What is no plain file is passed over.
 */
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { notUnderstood, TransferError, tooMuch } from './errors.ts';
import { FILES, LIMITS, typeOfRecordsFile } from './site-format.ts';

export type ArchiveFile = {
  readonly name: string;
  readonly content: Readable;
};

export type ArchiveOptions = {
  /** The types, what is referred to first: for a directory, which has no order of its own. */
  readonly types: readonly string[];
  /** Called with the name of what is no file. */
  readonly onOther: (name: string, kind: string) => void;
};

/** Throws a TransferError when it is no archive, or exceeds the bounds. */
export const readArchive = async function* (source: string, options: ArchiveOptions): AsyncGenerator<ArchiveFile> {
  const facts = await lstat(source).catch(() => undefined);
  if (facts === undefined) throw new TransferError('TRANSFER_NO_FILE', `there is no ${source}`);
  yield* facts.isDirectory() ? readDirectory(source, options) : readTar(source, options);
};

async function* readTar(source: string, { onOther }: ArchiveOptions): AsyncGenerator<ArchiveFile> {
  const tar = extract();
  const packed = createReadStream(source);
  const failed: unknown[] = [];
  pipeline(packed, createGunzip(), bounded(packed), tar, (error) => {
    if (error !== null && error !== undefined) failed.push(error);
  });
  let files = 0;
  try {
    for await (const entry of tar) {
      const { name, type } = entry.header;
      files += 1;
      if (files > LIMITS.files) throw tooMuch(`the archive has more than ${LIMITS.files} files`);
      if (type === 'file' || type === 'contiguous-file') yield { name, content: entry as unknown as Readable };
      else if (type !== 'directory') onOther(name, String(type));
      // What nobody has read goes by.
      entry.resume();
    }
  } catch (error) {
    throw inWords(failed[0] ?? error, source);
  } finally {
    tar.destroy();
    packed.destroy();
  }
  if (failed[0] !== undefined) throw inWords(failed[0], source);
}

/** Stops what unpacks to more than any site, or to far more than it is: zeros for instance. */
const bounded = (packed: { readonly bytesRead: number }): Transform => {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > LIMITS.bytes || (bytes > LIMITS.ratioFrom && bytes > packed.bytesRead * LIMITS.ratio))
        done(tooMuch('the archive unpacks to more than it can be'));
      else done(null, chunk);
    },
  });
};

const inWords = (error: unknown, source: string): unknown => {
  if (error instanceof TransferError || !(error instanceof Error)) return error;
  const isArchive = !('code' in error && String(error.code).startsWith('Z_')) && !/tar header|end of data/i.test(error.message);
  return isArchive ? error : notUnderstood(`${source} is no whole tar.gz: ${error.message}`);
};

async function* readDirectory(root: string, { types, onOther }: ArchiveOptions): AsyncGenerator<ArchiveFile> {
  const records = await namesIn(root, 'records');
  const names = [
    FILES.manifest,
    FILES.media,
    ...(await namesIn(root, 'media')),
    ...types.flatMap((type) => records.filter((name) => typeOfRecordsFile(name) === type).toSorted(byPart)),
    FILES.menus,
    FILES.redirects,
    FILES.submissions,
    FILES.downloads,
  ];
  for (const name of names) {
    const file = path.join(root, name);
    const facts = await lstat(file).catch(() => undefined);
    if (facts?.isFile() === true) yield { name, content: createReadStream(file) };
    else if (facts !== undefined) onOther(name, facts.isSymbolicLink() ? 'symlink' : 'other');
  }
}

const namesIn = async (root: string, folder: string): Promise<readonly string[]> => {
  const facts = await lstat(path.join(root, folder)).catch(() => undefined);
  if (facts?.isDirectory() !== true) return [];
  const names = await readdir(path.join(root, folder));
  if (names.length > LIMITS.files) throw tooMuch(`${folder} has more than ${LIMITS.files} files`);
  return names.toSorted().map((name) => `${folder}/${name}`);
};

const byPart = (one: string, other: string): number => Number(one.split('.')[1]) - Number(other.split('.')[1]);

/** The text of a small file. */
export const readText = async (content: Readable, name: string, limitBytes: number = LIMITS.textBytes): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw tooMuch(`${name} has more than ${limitBytes / 2 ** 20} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Lines of a file that may be large; each is bounded. */
export const readLines = async function* (content: Readable, name: string): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  let waiting = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...pieces, chunk.subarray(from, end)]).toString('utf8');
      pieces = [];
      waiting = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    pieces.push(chunk.subarray(from));
    waiting += chunk.length - from;
    if (waiting > LIMITS.lineBytes) throw tooMuch(`${name} has a line of more than ${LIMITS.lineBytes / 2 ** 20} MB`);
  }
  if (waiting > 0) yield Buffer.concat(pieces).toString('utf8');
};

const LINE_FEED = 10;
