/** The repository as text: which files it holds, and what they import. Read by the tests of the tree. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..');

/** Every file that is in the repository or would be added to it, relative to the root. */
export const repositoryFiles = (): string[] =>
  // Root also tests clones that belong to somebody else, as in CI.
  execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(path.join(ROOT, file)));

export const readText = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** What a module imports, static or dynamic, in order of appearance. */
export const importsOf = (source: string): string[] => {
  const found = [
    ...source.matchAll(/^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm),
    ...source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g),
  ];
  return found.map((match) => match[1] ?? '');
};

/** What a module imports for its types alone: nothing of it is there when the module runs. */
export const typeImportsOf = (source: string): string[] => {
  const runs = new Set(importsOf(source.replace(/^\s*(?:import|export)\s+type\s[^'"`;]*?\sfrom\s+['"][^'"]+['"]/gm, '')));
  return importsOf(source).filter((specifier) => !runs.has(specifier));
};

/** `packages/edge` for any file in it; undefined for a file outside every workspace. */
export const workspaceOf = (file: string): string | undefined => /^(?:packages|programs|apps)\/[^/]+/.exec(file)?.[0];

export type Workspace = { folder: string; name: string; dependencies: string[]; developmentDependencies: string[] };

export const readWorkspace = (folder: string): Workspace => {
  const manifest = JSON.parse(readText(`${folder}/package.json`)) as {
    name: string;
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
  return {
    folder,
    name: manifest.name,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    developmentDependencies: Object.keys(manifest.devDependencies ?? {}),
  };
};
