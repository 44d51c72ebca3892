/** Packs an app's source for the daemon: tar and zstd, streamed, and the same bytes for the same files. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { pipeline as pipelineDone } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { fileNotReadable, sourceChanged } from './errors.ts';
import { listSource, type SourceFile } from './source-files.ts';
import type { SourceLayout } from './source-layout.ts';

/** A file up to this size is read at once; larger ones are streamed. */
const WHOLE_BYTES = 256 * 1024;
const EPOCH = new Date(0);

/** The archive as a stream; what goes wrong while reading is the stream's error. */
export const packSource = (layout: SourceLayout, options: { readonly except: string | null }): Readable => {
  const archive = pack();
  const compressed = createZstdCompress();
  addAll(archive, layout, options.except).catch((cause) => archive.destroy(cause));
  // pipeline hands the archive's error on; whoever reads the result sees it there.
  pipeline(archive, compressed, () => {});
  return compressed;
};

const addAll = async (archive: Pack, layout: SourceLayout, except: string | null): Promise<void> => {
  for await (const file of listSource(layout, except)) {
    if (archive.destroyed) return;
    if (file.kind === 'file') await addFile(archive, layout.root, file);
    else await addHeader(archive, file);
  }
  archive.finalize();
};

const addHeader = (archive: Pack, file: Exclude<SourceFile, { kind: 'file' }>): Promise<void> => {
  const header =
    file.kind === 'directory'
      ? ({ name: `${file.path}/`, type: 'directory', mode: file.mode } as const)
      : ({ name: file.path, type: 'symlink', linkname: file.target, mode: 0o777 } as const);
  return new Promise((resolve, reject) => {
    archive.entry({ ...header, ...nobody }, (cause) => (cause ? reject(cause) : resolve()));
  });
};

const nobody = { mtime: EPOCH, uid: 0, gid: 0, uname: '', gname: '' };

const addFile = async (archive: Pack, root: string, { path, mode }: { path: string; mode: number }): Promise<void> => {
  const absolute = join(root, path);
  await using file = await open(absolute).catch((cause) => {
    throw fileNotReadable(absolute, cause);
  });
  const { size } = await file.stat();
  const entry = archive.entry({ name: path, size, mode, ...nobody });
  // Never more than was announced: a log file may grow meanwhile. One that shrank cannot be sent.
  let sent = 0;
  await pipelineDone(async function* () {
    for await (const chunk of chunksOf(file, size)) {
      sent += chunk.length;
      yield chunk;
    }
    if (sent !== size) throw sourceChanged(path);
  }, entry);
};

async function* chunksOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  if (size === 0) return;
  if (size <= WHOLE_BYTES) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size), 0, size, 0);
    yield buffer.subarray(0, bytesRead);
  } else yield* file.createReadStream({ start: 0, end: size - 1, autoClose: false, highWaterMark: WHOLE_BYTES });
}
