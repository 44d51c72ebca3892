import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A directory with Berth's own `node` that every app may reach: the clone it came from may lie where only its owner can
 * look. A hard link where possible, so that its memory is shared by all; one directory a version, so that an upgrade does
 * not pull it from under what runs. With the npm that an artifact brings; a clone leaves that to the machine. Answers with
 * the directory.
 */
export const provideNode = (directory: string, executable: string, version: string): string => {
  const bin = join(directory, version, 'bin');
  const target = join(bin, 'node');
  provideNpm(join(directory, version), bin);
  if (existsSync(target)) return bin;
  mkdirSync(bin, { recursive: true, mode: 0o755 });
  const making = `${target}.making`;
  rmSync(making, { force: true });
  try {
    linkSync(executable, making);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Another file system, or a file of somebody else's that the kernel does not let us link (proc(5), protected_hardlinks).
    if (code !== 'EXDEV' && code !== 'EPERM') throw cause;
    copyFileSync(executable, making);
    chmodSync(making, 0o755);
  }
  renameSync(making, target);
  return bin;
};

const NPM = join(import.meta.dirname, '../../npm');

/** Links: to the programs, and to the machine's settings of npm, which would be looked for beside this Node. */
const provideNpm = (prefix: string, bin: string): void => {
  if (!existsSync(NPM)) return;
  for (const [link, target] of [
    [join(bin, 'npm'), join(NPM, 'bin/npm-cli.js')],
    [join(bin, 'npx'), join(NPM, 'bin/npx-cli.js')],
    [join(prefix, 'etc/npmrc'), '/etc/npmrc'],
  ] as const) {
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(link) === target) continue;
    mkdirSync(dirname(link), { recursive: true, mode: 0o755 });
    rmSync(`${link}.making`, { force: true });
    symlinkSync(target, `${link}.making`);
    renameSync(`${link}.making`, link);
  }
};
