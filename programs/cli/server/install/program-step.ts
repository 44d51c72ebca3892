import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { COMMAND, CURRENT } from './places.ts';
import type { InstallStep } from './step.ts';

/** `root`: where this artifact was unpacked. Links are replaced by renaming: there is no moment without one. */
export const programStep = (root: string): InstallStep => {
  const links = [
    { link: CURRENT, target: root.slice(dirname(CURRENT).length + 1) },
    { link: COMMAND, target: `${CURRENT}/berth` },
  ];
  const wrong = () => links.filter(({ link, target }) => linkTarget(link) !== target);
  return {
    name: 'program',
    title: 'the berth command',
    inspect: async () => wrong().map(({ link, target }) => `link ${link} to ${target}`),
    async apply() {
      for (const { link, target } of wrong()) {
        mkdirSync(dirname(link), { recursive: true });
        rmSync(`${link}.new`, { force: true });
        symlinkSync(target, `${link}.new`);
        renameSync(`${link}.new`, link);
      }
    },
  };
};

const linkTarget = (path: string): string | null => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true ? readlinkSync(path) : null;
};
