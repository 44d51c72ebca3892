/** A copy of the part of this repository that Bluejay is deployed from, which a story may change. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePorts, temporaryDirectory } from '@berth/testing';
import { buildPage } from '../../apps/bluejay/page/build.ts';
import { installedPackages } from './installed-packages.ts';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = ['.gitignore', 'package.json', 'package-lock.json', 'tsconfig.json', 'packages/kit', 'apps/bluejay'];
/** Only browsers need them: they are in what is built. */
const OF_PAGES = /^@tiptap\/|^@fontsource/;

export type Clone = AsyncDisposable & {
  /** Of the application, with its `berth.yaml`. */
  readonly app: string;
  /** Its stable port: one that is free, as other stories may run beside this one. */
  readonly port: number;
  /** Another program, though it does the same: its deploy builds. */
  change(mark: string): void;
  /** A file of the application, with what matches replaced; fails where nothing does. */
  edit(file: string, pattern: RegExp, becomes: string): void;
  write(file: string, text: string): void;
};

/** What is installed here comes along, and what browsers run, built once: then a deploy's build only unpacks it. */
export async function cloneBluejay(): Promise<Clone> {
  const directory = await temporaryDirectory('bluejay-source-');
  const [port = 0] = await freePorts(1);
  for (const part of PARTS) {
    mkdirSync(dirname(join(directory.path, part)), { recursive: true });
    cpSync(join(ROOT, part), join(directory.path, part), {
      recursive: true,
      filter: (from) => !/\/(?:dist|node_modules|data)$/.test(from),
    });
  }
  const app = join(directory.path, 'apps/bluejay');
  const edit: Clone['edit'] = (file, pattern, becomes) => {
    const text = readFileSync(join(app, file), 'utf8');
    assert.match(text, pattern, file);
    writeFileSync(join(app, file), text.replace(pattern, becomes));
  };
  edit('berth.yaml', /listen: \d+/, `listen: ${port}`);
  edit('berth.yaml', /^build: .*(?:\n +.*)*/m, 'build: tar -xf installed.tar -C ../.. && tar -xf built.tar');
  const packages = [
    ...installedPackages(ROOT, ['packages/kit', 'apps/bluejay'], (name) => OF_PAGES.test(name)),
    'node_modules/@berth/kit',
  ];
  execFileSync('tar', ['-cf', join(app, 'installed.tar'), ...packages], { cwd: ROOT });
  await buildPage({ outputDirectory: directory.join('built/dist') });
  execFileSync('tar', ['-cf', join(app, 'built.tar'), 'dist'], { cwd: directory.join('built') });
  return {
    app,
    port,
    edit,
    change: (mark) => writeFileSync(join(app, 'CHANGE'), `${mark}\n`),
    write: (file, text) => writeFileSync(join(app, file), text),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
