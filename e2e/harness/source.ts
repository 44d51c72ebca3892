import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { pack } from 'tar-stream';

export type SourceFiles = Readonly<Record<string, string>>;

/** The files of a directory, as `deploy` sends them. */
export const readSource = (directory: string): SourceFiles =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));

export const archive = (files: SourceFiles): Readable => {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mtime: new Date(0) }, content);
  tar.finalize();
  const compressed = createZstdCompress();
  // Whoever reads the result sees every error there; one that stops reading it ends the archive too.
  pipeline(tar, compressed, () => {});
  return compressed;
};
