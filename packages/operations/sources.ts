import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { spawn } from 'node:child_process';
import { createZstdDecompress } from 'node:zlib';
import { BerthError, type Manifest } from '@berth/core';
import type { SystemUser } from '@berth/host';
import { diskFull } from '@berth/journal';
import { sourceInvalid } from './errors.ts';

/** What a source archive holds: where it was kept, its content address, and its manifest as text. */
export type Source = { readonly digest: string; readonly manifestText: string; readonly files: number };

export const MANIFEST_NAME = 'berth.yaml';
const MANIFEST_MAX_BYTES = 262_144;
/** Unpacked; more is surely a mistake, such as a database or a disk image that is not ignored. */
const SOURCE_MAX_BYTES = 4_000_000_000;

export const sourceFile = (directory: string, digest: string) => join(directory, `${digest}.tar.zst`);

/**
 * Keeps an archive (tar, zstd) and reads it once on the way: every name is checked, so that unpacking cannot leave its
 * directory, and the content address covers names, modes and contents of everything but the manifest. A build depends on
 * the source and on its command, not on how many instances the manifest asks for.
 *
 * `app` is the app's own directory in the archive, which holds its manifest: "." or a plain relative path.
 */
export async function receiveSource(stream: Readable, directory: string, app = '.'): Promise<Source> {
  checkAppDirectory(app);
  const arriving = join(directory, `${randomUUID()}.arriving`);
  const failed = new AbortController();
  const { signal } = failed;
  try {
    const reading = new PassThrough();
    const unpacked = createZstdDecompress();
    const [source] = await Promise.all([
      inspect(unpacked, app),
      pipeline(reading, unpacked, { end: true, signal }),
      pipeline(stream, tee(reading), createWriteStream(arriving, { mode: 0o600, flags: 'wx' }), { signal }),
    ]);
    await rename(arriving, sourceFile(directory, source.digest));
    return source;
  } catch (cause) {
    // What is still under way would otherwise wait for ever for a reader that has gone.
    failed.abort();
    await rm(arriving, { force: true });
    throw (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? diskFull(directory, cause) : cause;
  }
}

const tee = (copy: PassThrough) =>
  async function* (source: AsyncIterable<Buffer>) {
    try {
      for await (const chunk of source) {
        if (!copy.write(chunk) && !copy.destroyed)
          await new Promise<void>((resolve) => copy.once('drain', resolve).once('close', resolve));
        yield chunk;
      }
      copy.end();
    } catch (cause) {
      copy.destroy(cause as Error);
      throw cause;
    }
  };

/** As it is stored for as long as the release: nothing in it that another part could read in another way. */
function checkAppDirectory(app: string): void {
  const isPlain = app.length <= 1_024 && /^[^/\\\0-\x1f\x7f][^\\\0-\x1f\x7f]*$/.test(app) && !app.endsWith('/');
  if (!isPlain || posix.normalize(app) !== app || app.split('/').includes('..'))
    throw sourceInvalid(`the app's directory ${JSON.stringify(app)} is not a relative path in its shortest form`);
}

/** The manifest says how far up the source begins; an archive of another shape was packed for something else. */
export function checkPlace({ source }: Pick<Manifest, 'source'>, app: string): void {
  const levels = (path: string) => path.split('/').filter((segment) => segment !== '.').length;
  const said = source?.root ?? '.';
  if (levels(said) !== levels(app))
    throw sourceInvalid(`its berth.yaml lies in ${app} and says that the source begins at ${said}`);
}

async function inspect(stream: Readable, app: string): Promise<Source> {
  const { extract } = await import('tar-stream');
  const hash = createHash('sha256');
  if (app !== '.') hash.update(`${app}\0`);
  const manifestPath = posix.join(app, MANIFEST_NAME);
  const entries = stream.pipe(extract());
  stream.on('error', (cause) => entries.destroy(cause));
  let manifestText: string | undefined;
  let bytes = 0;
  let files = 0;
  try {
    for await (const entry of entries) {
      const { name, type, mode = 0o644 } = entry.header;
      const linkname = entry.header.linkname ?? '';
      const path = checkEntry(name, type ?? 'file', linkname);
      const isManifest = path === manifestPath;
      if (manifestPath.startsWith(`${path}/`) && type !== 'directory')
        throw sourceInvalid(`${JSON.stringify(path)}, on the way to the app's directory, is a ${type}`);
      if (!isManifest) hash.update(`${path}\0${type}\0${(mode & 0o111) === 0 ? '-' : 'x'}\0${linkname}\0`);
      const kept: Buffer[] = [];
      let size = 0;
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        size += chunk.length;
        bytes += chunk.length;
        if (bytes > SOURCE_MAX_BYTES) throw sourceInvalid('it unpacks to more than 4 GB: is something big not ignored?');
        if (!isManifest) hash.update(chunk);
        else if (size > MANIFEST_MAX_BYTES) throw sourceInvalid('its berth.yaml is larger than 256 KB');
        else kept.push(chunk);
      }
      if (isManifest) manifestText = Buffer.concat(kept).toString('utf8');
      else hash.update(`\0${size}\0`);
      files += 1;
    }
  } catch (cause) {
    throw cause instanceof BerthError
      ? cause
      : sourceInvalid('it is not a tar archive compressed with zstd, or is cut off', cause);
  }
  if (manifestText === undefined) throw sourceInvalid(`it has no ${manifestPath}`);
  return { digest: hash.digest('hex'), manifestText, files };
}

/** The normal form of an entry's path; throws for what could be written outside the directory or is no plain file. */
function checkEntry(name: string, type: string, linkname: string): string {
  const path = posix.normalize(name).replace(/\/$/, '');
  const leaves = (target: string) => target.startsWith('/') || target === '..' || target.startsWith('../');
  if (leaves(path) || name.includes('\0')) throw sourceInvalid(`the entry ${JSON.stringify(name)} lies outside it`);
  if (!['file', 'directory', 'symlink'].includes(type)) throw sourceInvalid(`${JSON.stringify(name)} is a ${type}`);
  const target = posix.normalize(posix.join(posix.dirname(path), linkname));
  if (type === 'symlink' && (linkname.startsWith('/') || leaves(target)))
    throw sourceInvalid(`the link ${JSON.stringify(name)} points outside it, to ${JSON.stringify(linkname)}`);
  return path;
}

/** Unpacks a kept archive into an existing directory, as its owner. */
export async function unpackSource(file: string, directory: string, user: SystemUser | null): Promise<void> {
  const options = {
    cwd: directory,
    stdio: ['pipe', 'ignore', 'pipe'] as ['pipe', 'ignore', 'pipe'],
    ...(user && { uid: user.uid, gid: user.gid }),
  };
  const tar = spawn('tar', ['--extract', '--no-same-owner', '--delay-directory-restore', '--file', '-'], {
    ...options,
    env: { PATH: '/usr/bin:/bin' },
  });
  let said = '';
  tar.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
  });
  const exited = new Promise<number | null>((resolve, reject) => tar.once('error', reject).once('close', resolve));
  const written = pipeline(createReadStream(file), createZstdDecompress(), tar.stdin).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause;
  });
  const [code] = await Promise.all([exited, written]);
  if (code !== 0) throw sourceInvalid(`it could not be unpacked: ${said.trim()}`);
}

export const hasSource = (directory: string, digest: string) =>
  stat(sourceFile(directory, digest)).then(
    () => true,
    () => false,
  );
