import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { spawn } from 'node:child_process';
import { createZstdDecompress } from 'node:zlib';
import { BerthError } from '@berth/core';
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
 */
export async function receiveSource(stream: Readable, directory: string): Promise<Source> {
  const arriving = join(directory, `${randomUUID()}.arriving`);
  const failed = new AbortController();
  const { signal } = failed;
  try {
    const reading = new PassThrough();
    const unpacked = createZstdDecompress();
    const [source] = await Promise.all([
      inspect(unpacked),
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

async function inspect(stream: Readable): Promise<Source> {
  const { extract } = await import('tar-stream');
  const hash = createHash('sha256');
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
      const isManifest = path === MANIFEST_NAME;
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
      hash.update(`\0${size}\0`);
      if (isManifest) manifestText = Buffer.concat(kept).toString('utf8');
      files += 1;
    }
  } catch (cause) {
    throw cause instanceof BerthError
      ? cause
      : sourceInvalid('it is not a tar archive compressed with zstd, or is cut off', cause);
  }
  if (manifestText === undefined) throw sourceInvalid('it has no berth.yaml');
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
