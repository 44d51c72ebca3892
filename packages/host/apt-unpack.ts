import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { APT_GET, type AptDeps } from './apt-install.ts';
import { execOk } from './exec.ts';
import type { Brought } from './tools.ts';

export type UnpackDeps = AptDeps & {
  /** Gets the content of the packages, so that `/usr/sbin/x` of a package is `usr/sbin/x` below it. */
  readonly parts: string;
  readonly dpkgStatus: string;
};

/**
 * Without root: downloads packages, and those they depend on that this machine lacks, and unpacks them. Nothing is
 * installed; apt works on lists and a cache of its own, which are removed again.
 */
export const unpackWithApt = async (packages: readonly string[], deps: UnpackDeps): Promise<Brought> => {
  const { exec, log, signal, parts, dpkgStatus } = deps;
  const work = join(parts, 'work');
  await rm(work, { recursive: true, force: true });
  for (const directory of ['state/lists/partial', 'cache/archives/partial', 'log', 'debs', 'root'])
    await mkdir(join(work, directory), { recursive: true });
  const apt = [...APT_GET, ...privateDirectories(work, dpkgStatus)];
  const run = (argv: readonly string[], cwd?: string): ReturnType<typeof exec> =>
    execOk(argv, { exec, cwd, signal, timeoutMs: APT_TIMEOUT_MS });
  try {
    log.info('tools.lists', {});
    await run([...apt, 'update']);
    // The machine may have a package whose program is not to be used; it is wanted all the same.
    const plan = await run([...apt, 'install', '--simulate', '--no-install-recommends', '--reinstall', ...packages]);
    const needed = plannedPackages(plan.stdout);
    log.info('tools.download', { packages: needed });
    await run([...apt, 'download', ...needed], join(work, 'debs'));

    const debs = (await readdir(join(work, 'debs'))).map((name) => join(work, 'debs', name));
    let bytes = 0;
    for (const deb of debs) {
      bytes += (await stat(deb)).size;
      await run(['dpkg-deb', '--extract', deb, join(work, 'root')]);
    }
    for (const name of await readdir(join(work, 'root'))) await moveInto(join(work, 'root', name), join(parts, name));
    return { installed: needed, bytes };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

/** Names in the lines `Inst libpcre2-8-0 (10.42-1 Debian:12/stable [amd64])` of a simulated installation. */
export const plannedPackages = (output: string): readonly string[] =>
  [...output.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);

const APT_TIMEOUT_MS = 10 * 60_000;

const privateDirectories = (work: string, dpkgStatus: string): readonly string[] =>
  [
    `Dir::State=${work}/state`,
    `Dir::State::status=${dpkgStatus}`,
    `Dir::Cache=${work}/cache`,
    `Dir::Log=${work}/log`,
    // Downloads are dropped to the user _apt only by root.
    'APT::Sandbox::User=root',
    // Only descriptions in English, no lists of contents: a third of the download.
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);

/** A directory that is there already gets what is new; files are replaced. */
const moveInto = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    for (const name of await readdir(from)) await moveInto(join(from, name), join(to, name));
  }
};
