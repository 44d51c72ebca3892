/** Pictures of a foreign blog, from a copy of its files: addresses only choose among what lies there. The network is never asked. */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';

export type LocalFiles = {
  /** A plain file below the directory; undefined when there is none. */
  find(address: string): Promise<string | undefined>;
};

/** `marker`: what stands in addresses before the part that is a path of the directory. */
export const openLocalFiles = async (directory: string | undefined, markers: readonly string[]): Promise<LocalFiles> => {
  if (directory === undefined) return { find: () => Promise.resolve(undefined) };
  const root = await realpath(directory);
  const within = async (name: string): Promise<string | undefined> => {
    const file = path.join(root, name);
    const real = await realpath(file).catch(() => undefined);
    if (real === undefined || !real.startsWith(`${root}${path.sep}`)) return undefined;
    return (await lstat(real)).isFile() ? real : undefined;
  };
  return {
    async find(address) {
      const name = nameIn(address, markers);
      if (name === undefined) return undefined;
      // The original, when only a size of it is asked for.
      const original = name.replace(/-\d{2,5}x\d{2,5}(?=\.[a-z]{3,4}$)/i, '');
      return (await within(original)) ?? (await within(name));
    },
  };
};

const nameIn = (address: string, markers: readonly string[]): string | undefined => {
  for (const marker of markers) {
    const at = address.indexOf(marker);
    if (at < 0) continue;
    const [name = ''] = address.slice(at + marker.length).split(/[?#]/);
    try {
      const decoded = decodeURIComponent(name);
      return decoded === '' || decoded.includes('\0') ? undefined : decoded;
    } catch {
      return undefined; // A percent sign that encodes nothing names no file.
    }
  }
  return undefined;
};
