/** Which files belong to an app's source: .gitignore and .berthignore as git reads them, nested and with negation. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** In order: what .berthignore says stands after what .gitignore said, so that `!dist` brings a build back. */
const FILES = ['.gitignore', '.berthignore'];

/** History and installed packages are never part of a source: the build installs what it needs. */
const NEVER = new Set(['.git', 'node_modules']);

export type IgnoreRules = {
  /** `path` is relative to the top, with "/" between its parts. */
  excludes(path: string, kind: 'file' | 'directory'): boolean;
  /** The rules inside a directory: these, and what its own files add. */
  enter(directory: string): Promise<IgnoreRules>;
};

export const readIgnoreRules = (root: string): Promise<IgnoreRules> => createRules(root, noRules).enter('');

const noRules = (): Ignore => ignore({ ignorecase: false });

const createRules = (root: string, rules: () => Ignore): IgnoreRules => {
  const own = rules();
  return {
    excludes: (path, kind) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (NEVER.has(name)) return true;
      return own.ignores(kind === 'directory' ? `${path}/` : path);
    },
    enter: async (directory) => {
      const texts = await Promise.all(FILES.map((name) => readIfThere(join(root, directory, name))));
      const patterns = texts.flatMap((text) => patternsBelow(directory, text));
      // One list for the whole way down: the last pattern that matches decides, wherever it was written.
      return patterns.length === 0 ? createRules(root, () => own) : createRules(root, () => noRules().add(own).add(patterns));
    },
  };
};

/** The lines of an ignore file as patterns of the top directory. */
export const patternsBelow = (directory: string, text: string): string[] => {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (directory === '') return lines;
  const prefix = `/${directory.replace(/[\\*?[\]!# ]/g, '\\$&')}/`;
  return lines.flatMap((line) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const negated = line.startsWith('!') ? '!' : '';
    const body = line.slice(negated.length);
    // A slash at the start or in the middle ties a pattern to its directory; without one it holds anywhere below.
    const tied = body.trimEnd().slice(0, -1).includes('/');
    return [`${negated}${prefix}${tied ? body.replace(/^\//, '') : `**/${body}`}`];
  });
};

const readIfThere = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return '';
    throw cause;
  }
};
