/** The directory of an app: its manifest, read and checked before anything is sent. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BerthError, type Manifest, type ManifestProblem, parseManifest } from '@berth/core';
import { directoryNotFound, fileNotReadable, noManifest } from './errors.ts';
import { planSource } from './source-layout.ts';
import { suggestManifest } from './suggested-manifest.ts';

export type AppDirectory = {
  readonly directory: string;
  readonly file: string;
  readonly text: string;
  /** Null when there are problems. */
  readonly manifest: Manifest | null;
  readonly problems: readonly ManifestProblem[];
  readonly warnings: readonly ManifestProblem[];
};

/** Throws CLI_DIRECTORY_NOT_FOUND and CLI_NO_MANIFEST; mistakes in the manifest are returned. */
export const readAppDirectory = async (given: string): Promise<AppDirectory> => {
  const directory = resolve(given);
  const names = await namesIn(directory);
  if (!names.has('berth.yaml')) throw await missingManifest(directory, names);
  const path = join(directory, 'berth.yaml');
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileNotReadable(path, cause);
  });
  const file = join(given, 'berth.yaml');
  const result = parseManifest(text, { file });
  return result.ok
    ? { directory, file, text, manifest: result.manifest, problems: [], warnings: result.warnings }
    : { directory, file, text, manifest: null, problems: result.problems, warnings: [] };
};

/** The `files:` directories of the release that are not there; with a build command they may come from it. */
export const missingFilesDirectories = async (app: AppDirectory): Promise<string[]> => {
  if (!app.manifest || app.manifest.build !== null) return [];
  const missing: string[] = [];
  for (const host of app.manifest.routes) {
    for (const { path, to } of host.paths) {
      if (to.kind !== 'files' || to.root.from !== 'release') continue;
      const found = await stat(join(app.directory, to.root.directory)).catch(() => null);
      if (!found?.isDirectory())
        missing.push(
          `${app.file}: ${host.host}${path} serves ${to.root.directory}, which is not a directory here, and nothing builds it`,
        );
    }
  }
  return missing;
};

/** What `source` asks for and the repository does not have; nothing could be sent. */
export const missingSources = async (app: AppDirectory): Promise<string[]> => {
  if (!app.manifest) return [];
  try {
    await planSource(app.directory, app.manifest);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof BerthError)) throw thrown;
    return [`${app.file}: ${thrown.message} (${thrown.hint})`];
  }
};

const namesIn = async (directory: string): Promise<Set<string>> => {
  try {
    return new Set(await readdir(directory));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ENOTDIR'
      ? directoryNotFound(directory, cause)
      : fileNotReadable(directory, cause as Error);
  }
};

const missingManifest = async (directory: string, names: ReadonlySet<string>): Promise<Error> => {
  const packageJson = names.has('package.json') ? await readFile(join(directory, 'package.json'), 'utf8') : null;
  const other = ['berth.yml', '.berth.yaml', 'berth.json'].find((name) => names.has(name));
  return noManifest(directory, suggestManifest(directory, packageJson, names), other ?? null);
};
