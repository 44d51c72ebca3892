import { chmod, copyFile, link, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import type { Manifest } from '@berth/core';
import type { HomeLayout } from '@berth/host';
import { filesMissing, filesOutside } from './errors.ts';
import { appDirectory } from './release-directory.ts';

/** The directory that the edge serves for a route of a release. */
export function publicDirectory(layout: HomeLayout, app: string, release: number, route: { host: string; path: string }): string {
  const key = createHash('sha256').update(`${route.host} ${route.path}`).digest('hex').slice(0, 12);
  return join(layout.publicOf(app), String(release), key);
}

export type PublishedRelease = { readonly number: number; readonly manifest: Manifest; readonly build: string };

/**
 * Puts what the edge serves from a release where the edge may read it: hard links, so that it costs no space, and apart
 * from the rest of the release, so that nothing else can ever be served. Idempotent; answers with the number of files.
 */
export async function publishFiles(layout: HomeLayout, app: string, release: PublishedRelease): Promise<number> {
  let count = 0;
  for (const { host, path, directory } of filesRoutes(release.manifest)) {
    const target = publicDirectory(layout, app, release.number, { host, path });
    if (await exists(target)) continue;
    const making = `${target}.making`;
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true, mode: 0o755 });
    const build = join(layout.app(app).builds, release.build);
    const source = join(appDirectory(build, release.manifest), directory);
    if (!(await exists(source))) throw filesMissing(path, directory);
    // The daemon may read what the app may not: a link made by the build must not lead it there.
    if (!isInside(await realpath(build), await realpath(source))) throw filesOutside(path, directory);
    count += await linkTree(source, making);
    await rename(making, target);
  }
  return count;
}

export const unpublishFiles = (layout: HomeLayout, app: string, release: number) =>
  rm(join(layout.publicOf(app), String(release)), { recursive: true, force: true });

const filesRoutes = (manifest: Manifest) =>
  manifest.routes.flatMap(({ host, paths }) =>
    paths.flatMap(({ path, to }) =>
      to.kind === 'files' && to.root.from === 'release' ? [{ host, path, directory: to.root.directory }] : [],
    ),
  );

/** Regular files only: a link could point anywhere. What is there already stays. */
async function linkTree(from: string, to: string): Promise<number> {
  let count = 0;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await mkdir(target, { recursive: true, mode: 0o755 });
      count += await linkTree(source, target);
    } else if (entry.isFile()) {
      await mkdir(dirname(target), { recursive: true, mode: 0o755 });
      count += await linkFile(source, target);
    }
  }
  return count;
}

async function linkFile(source: string, target: string): Promise<number> {
  try {
    await link(source, target);
    // It is public from here on, whatever mode the build gave it.
    if (((await stat(target)).mode & 0o004) === 0) await chmod(target, 0o644);
    return 1;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return 0;
    // Another file system, or a hard link that the kernel forbids: then it costs its space.
    if (code !== 'EXDEV' && code !== 'EPERM') throw cause;
    await copyFile(source, target);
    return 1;
  }
}

const isInside = (top: string, path: string) => path === top || path.startsWith(`${top}/`);

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
