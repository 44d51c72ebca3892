/** What npm has installed here for parts of this repository, without asking npm. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

type Needs = { readonly dependencies?: object; readonly optionalDependencies?: object };

/**
 * Directories of everything that these workspaces need when they run, relative to the repository; optional packages where they
 * are installed. `isLeftOut`: direct dependencies that only their build needs.
 */
export function installedPackages(root: string, workspaces: readonly string[], isLeftOut: (name: string) => boolean): string[] {
  const found = new Set<string>();
  const visit = (from: string, isSkipped: (name: string) => boolean): void => {
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(join(from, 'package.json'), 'utf8'),
    ) as Needs;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (isSkipped(name)) continue;
      const directory = findPackage(from, name);
      if (directory === undefined) {
        if (name in optionalDependencies) continue;
        throw new Error(`${name}, which ${from} needs, is not installed`);
      }
      if (found.has(directory)) continue;
      found.add(directory);
      visit(directory, () => false);
    }
  };
  for (const workspace of workspaces) visit(join(root, workspace), (name) => name.startsWith('@berth/') || isLeftOut(name));
  return [...found].map((directory) => relative(root, directory));
}

/** As Node looks for it: in the directory of whoever needs it, and upward. */
function findPackage(from: string, name: string): string | undefined {
  for (let above = from; ; above = dirname(above)) {
    const directory = join(above, 'node_modules', name);
    if (existsSync(directory)) return directory;
    if (dirname(above) === above) return undefined;
  }
}
