/** The app as it is deployed: a copy of its own, with what browsers run built into it, so that nobody's build changes under it. */
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from '@berth/testing';
import { buildPage } from '../../page/build.ts';
import { type AppOptions, AppProcess } from '../../testing/app-process.ts';

const APP = path.join(import.meta.dirname, '../..');
const REPOSITORY = path.join(APP, '../..');
/** Neither what was built before, nor a site that somebody runs there. */
const LEFT_OUT = new Set(['dist', 'data', 'node_modules'].map((name) => path.join(APP, name)));

export type AppCopy = AsyncDisposable & {
  /** Of the program. */
  readonly directory: string;
  /** A site of its own from this copy: migrated, with an administrator, ready. */
  open(options?: Omit<AppOptions, 'directory'>): Promise<AppProcess>;
};

export async function copyApp(): Promise<AppCopy> {
  const directory = await temporaryDirectory('bluejay-app-');
  const app = directory.join('apps/bluejay');
  mkdirSync(path.dirname(app));
  cpSync(APP, app, { recursive: true, filter: (from) => !LEFT_OUT.has(from) });
  symlinkSync(path.join(REPOSITORY, 'node_modules'), directory.join('node_modules'));
  await buildPage({ outputDirectory: path.join(app, 'dist') });
  return {
    directory: app,
    open: (options = {}) => AppProcess.open({ ...options, directory: app }),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
