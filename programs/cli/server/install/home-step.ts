import { chmodSync, chownSync, statSync } from 'node:fs';
import { ensureDirectory, homeLayout, prepareHome } from '@berth/host';
import { CODE_CACHE, CONFIGURATION, SERVER_HOME } from './places.ts';
import type { InstallStep } from './step.ts';

/** Directories with their modes and owners, as `prepareHome` makes them, and the two beside the home. */
export const homeStep = (): InstallStep => {
  const layout = homeLayout(SERVER_HOME);
  const modes: readonly (readonly [string, number])[] = [
    [layout.home, 0o711],
    [layout.apps, 0o711],
    [layout.public, 0o711],
    [layout.edge, 0o711],
    [layout.parts, 0o755],
    [layout.node, 0o755],
    [layout.run, 0o700],
    [layout.sources, 0o700],
    [layout.secrets, 0o700],
    [layout.instances, 0o700],
    [layout.replicator, 0o700],
    [CONFIGURATION, 0o700],
    [CODE_CACHE, 0o700],
  ];
  return {
    name: 'home',
    title: 'directories',
    inspect: async () => modes.flatMap(([path, mode]) => problemOf(path, mode)),
    async apply() {
      prepareHome(SERVER_HOME, 0);
      for (const [path, mode] of modes) {
        ensureDirectory(path, mode);
        if (statSync(path).uid !== 0) chownSync(path, 0, 0);
        chmodSync(path, mode);
      }
    },
  };
};

const problemOf = (path: string, mode: number): string[] => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [`make ${path}`];
  const now = found.mode & 0o7777;
  return [
    ...(now === mode ? [] : [`set the mode of ${path} to ${octal(mode)} (it was ${octal(now)})`]),
    ...(found.uid === 0 ? [] : [`give ${path} to root (it belonged to user ${found.uid})`]),
  ];
};

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
