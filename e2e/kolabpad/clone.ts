/** A copy of the part of this repository that Kolabpad is deployed from, which a story may change. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { freePorts, temporaryDirectory } from '@berth/testing';
import { npmSettings } from '../harness/npm-settings.ts';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = ['.gitignore', 'package.json', 'package-lock.json', 'tsconfig.json', 'packages/kit', 'apps/kolabpad'];

/**
 * `real`: built as its manifest says, which installs its packages from the registry and may take minutes. `prepared`: what is
 * installed here comes along and is unpacked, without a page; then a build takes no time, and a story can have many.
 */
export type BuildKind = 'real' | 'prepared';

export type Clone = AsyncDisposable & {
  /** Of the application, with its `berth.yaml`. */
  readonly app: string;
  /** Its stable port: one that is free, as other stories may run beside this one. */
  readonly port: number;
  /** Another program, though it does the same: its deploy builds and hands over. */
  change(mark: string): void;
};

export async function cloneKolabpad(build: BuildKind): Promise<Clone> {
  const directory = await temporaryDirectory('kolabpad-source-');
  const [port = 0] = await freePorts(1);
  for (const part of PARTS) {
    mkdirSync(dirname(join(directory.path, part)), { recursive: true });
    cpSync(join(ROOT, part), join(directory.path, part), {
      recursive: true,
      filter: (from) => !/\/(?:dist|node_modules)$/.test(from),
    });
  }
  const app = join(directory.path, 'apps/kolabpad');
  const edit = (pattern: RegExp, becomes: string): void => {
    const manifest = readFileSync(join(app, 'berth.yaml'), 'utf8');
    assert.match(manifest, pattern);
    writeFileSync(join(app, 'berth.yaml'), manifest.replace(pattern, becomes));
  };
  edit(/listen: \d+/, `listen: ${port}`);
  if (build === 'real') writeFileSync(join(app, '.npmrc'), npmSettings());
  else {
    edit(/^build: .*(?:\n +.*)*/m, 'build: tar -xf installed.tar -C ../.. && mkdir -p dist/assets');
    execFileSync('tar', ['-cf', join(app, 'installed.tar'), ...installedPackages()], { cwd: ROOT });
  }
  return {
    app,
    port,
    change: (mark) => writeFileSync(join(app, 'CHANGE'), `${mark}\n`),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** The directories of everything that the server needs when it runs, relative to the repository. */
function installedPackages(): string[] {
  const found = new Set<string>();
  const visit = (from: string, isPage: (name: string) => boolean): void => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { dependencies?: object };
    for (const name of Object.keys(dependencies)) {
      if (isPage(name) || name.startsWith('@berth/')) continue;
      // As Node looks for it: in the directory of whoever needs it, and upward.
      let above = from;
      while (!existsSync(join(above, 'node_modules', name))) above = dirname(above);
      const directory = join(above, 'node_modules', name);
      if (found.has(directory)) continue;
      found.add(directory);
      visit(directory, () => false);
    }
  };
  visit(join(ROOT, 'packages/kit'), () => false);
  visit(join(ROOT, 'apps/kolabpad'), (name) => /^@codemirror|^@lezer|^markdown-it/.test(name));
  return [...[...found].map((directory) => relative(ROOT, directory)), 'node_modules/@berth/kit'];
}
