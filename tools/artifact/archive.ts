/** A tar archive that is the same for the same contents: in order, without times and owners. */
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Content } from './contents.ts';

/** 1980-01-01, the earliest that every tool agrees to show. */
const MTIME = new Date(315_532_800_000);

/** `contents` in the order of their paths; directories are made from them. */
export const writeArchive = async (file: string, contents: readonly Content[]): Promise<void> => {
  const archive = pack();
  const written = pipeline(
    archive,
    createGzip({ level: constants.Z_DEFAULT_COMPRESSION }),
    createWriteStream(file, { mode: 0o600 }),
  );
  const filled = fill(archive, contents);
  await Promise.all([written, filled]);
};

const fill = async (archive: ReturnType<typeof pack>, contents: readonly Content[]): Promise<void> => {
  const same = { mtime: MTIME, uid: 0, gid: 0, uname: 'root', gname: 'root' };
  const made = new Set<string>();
  const directory = async (name: string): Promise<void> => {
    if (name === '' || made.has(name)) return;
    made.add(name);
    await directory(parentOf(name));
    await promised((done) => archive.entry({ ...same, name: `${name}/`, type: 'directory', mode: 0o755 }, done));
  };
  for (const content of contents) {
    await directory(parentOf(content.path));
    const header = { ...same, name: content.path, mode: content.kind !== 'link' && content.executable ? 0o755 : 0o644 };
    if (content.kind === 'link')
      await promised((done) => archive.entry({ ...header, type: 'symlink', linkname: content.target, mode: 0o777 }, done));
    else if (content.kind === 'bytes') await promised((done) => archive.entry(header, content.bytes, done));
    else {
      const size = statSync(content.from).size;
      const entry = archive.entry({ ...header, size });
      await pipeline(createReadStream(content.from), entry);
    }
  }
  archive.finalize();
};

const parentOf = (name: string): string => (name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : '');

const promised = (work: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
