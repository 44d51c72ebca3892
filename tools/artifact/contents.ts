/** Which files of this clone the artifact holds: Berth's own programs with what they need to run, and nothing else. */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { berthPackages } from './lockfile.ts';

export type Content =
  /** Read once, so that what is packed is what was hashed although somebody works in this clone. */
  | { readonly kind: 'bytes'; readonly path: string; readonly bytes: Buffer; readonly executable: boolean }
  | { readonly kind: 'file'; readonly path: string; readonly from: string; readonly executable: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

export class ArtifactError extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Everything but Node itself. Throws ArtifactError where the clone is not whole. */
export const contentsOf = (root: string): Content[] => {
  const { workspaces, packages } = berthPackages(root);
  const missing = packages.filter(({ folder, optional }) => !optional && !existsSync(path.join(root, folder)));
  if (missing[0] !== undefined)
    throw new ArtifactError(
      'ARTIFACT_PACKAGES_MISSING',
      `${missing[0].folder} is not installed in ${root}, and the server would need it`,
      `run ${root}/berth version once, or npm ci`,
    );
  const contents: Content[] = ROOT_FILES.map((name) => fileAt(root, name));
  for (const { folder, name } of workspaces) {
    contents.push(...filesBelow(root, folder, isSource));
    contents.push({
      kind: 'link',
      path: `node_modules/${name}`,
      target: path.relative(path.dirname(`node_modules/${name}`), folder),
    });
  }
  for (const { folder } of packages)
    if (existsSync(path.join(root, folder))) contents.push(...filesBelow(root, folder, isNeeded));
  return contents;
};

const ROOT_FILES = ['LICENSE', 'berth', 'package-lock.json', 'package.json'];

/** Tests, what only tests use, and what only people read. Of what is a test tools/boundaries.test.ts thinks alike. */
const isSource = (file: string): boolean =>
  !/\.test\.ts$|\/(?:conformance|testing|fake-[^/]+)\.ts$|\/(?:testing|golden|torture|bench)\/|\.md$|\/\./.test(file);

/** Types, maps and prose are for compilers and people, binaries of bare-* for another run time. What is nested has an entry of its own. */
const isNeeded = (file: string): boolean => {
  const inside = file.slice(file.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return !/\.(?:d\.[mc]?ts|map|md|markdown|flow|tsbuildinfo)$|(?:^|\/)\.|^zod\/src\/|^bare-[^/]+\/prebuilds\//.test(inside);
};

const filesBelow = (root: string, folder: string, isWanted: (file: string) => boolean): Content[] =>
  readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry): Content[] => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(root, file, isWanted);
    if (!isWanted(file)) return [];
    if (entry.isSymbolicLink()) return [{ kind: 'link', path: file, target: readlinkSync(path.join(root, file)) }];
    return entry.isFile() ? [fileAt(root, file)] : [];
  });

const fileAt = (root: string, name: string): Content => {
  const from = path.join(root, name);
  return { kind: 'bytes', path: name, bytes: readFileSync(from), executable: (statSync(from).mode & 0o100) !== 0 };
};

export const textContent = (name: string, text: string): Content => ({
  kind: 'bytes',
  path: name,
  bytes: Buffer.from(text),
  executable: false,
});

/** Berth's version, as in its package.json. */
export const versionOf = (root: string): string =>
  (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version;
