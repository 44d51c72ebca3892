/** Changes of files, their modes, and the kernel's values. */
import { join } from 'node:path';
import type { Handler } from './change.ts';
import type { HostAccess } from './host-access.ts';

type FormerFile = {
  /** null: there was none. */
  readonly backup: string | null;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The directories that were missing, outermost first. */
  readonly missing: readonly string[];
};

const ROOT_OWNS = { uid: 0, gid: 0 } as const;

export const fileHandler: Handler<'file', FormerFile> = {
  subject: ({ path }) => path,
  describe: ({ path }) => `write ${path}`,
  isMade: async (host, { path, content, mode }) => {
    const state = await host.stat(path);
    if (state === null || state.kind !== 'file' || state.mode !== mode || state.uid !== 0 || state.gid !== 0) return false;
    return (await host.read(path))?.equals(Buffer.from(content)) === true;
  },
  capture: async (host, { path }, backups) => {
    const state = await host.stat(path);
    const missing = await missingDirectories(host, path);
    const content = state === null ? null : await host.read(path);
    if (state === null || content === null) return { backup: null, mode: 0, uid: 0, gid: 0, missing };
    const backup = join(backups, path);
    await host.write(backup, content, { mode: 0o600, ...ROOT_OWNS });
    return { backup, mode: state.mode, uid: state.uid, gid: state.gid, missing };
  },
  make: async (host, { path, content, mode }) => {
    await host.write(path, content, { mode, ...ROOT_OWNS });
  },
  restore: async (host, { path }, { backup, mode, uid, gid, missing }) => {
    if (backup === null) await host.remove(path);
    else {
      const content = await host.read(backup);
      if (content === null) throw new Error(`the copy ${backup} of what was in ${path} has gone`);
      await host.write(path, content, { mode, uid, gid });
    }
    for (const directory of missing.toReversed()) await host.remove(directory);
  },
};

const missingDirectories = async (host: HostAccess, path: string): Promise<readonly string[]> => {
  const missing: string[] = [];
  let at = '';
  for (const name of path.split('/').slice(1, -1)) {
    at += `/${name}`;
    if ((await host.stat(at)) === null) missing.push(at);
  }
  return missing;
};

type FormerMode = { readonly mode: number; readonly uid: number; readonly gid: number } | { readonly absent: true };

export const modeHandler: Handler<'mode', FormerMode> = {
  subject: ({ path }) => `mode of ${path}`,
  describe: ({ path, mode }) => `set the mode of ${path} to ${mode.toString(8).padStart(4, '0')} and its owner`,
  isMade: async (host, { path, mode, uid, gid }) => {
    const state = await host.stat(path);
    return state === null || (state.mode === mode && state.uid === uid && state.gid === gid);
  },
  capture: async (host, { path }) => {
    const state = await host.stat(path);
    return state === null ? { absent: true } : { mode: state.mode, uid: state.uid, gid: state.gid };
  },
  make: (host, { path, mode, uid, gid }) => host.setOwner(path, { mode, uid, gid }),
  restore: async (host, { path }, former) => {
    // It may have been removed since, with the app it belonged to.
    if ('absent' in former || (await host.stat(path)) === null) return;
    await host.setOwner(path, former);
  },
};

type FormerValue = { readonly value: string };

export const sysctlHandler: Handler<'sysctl', FormerValue> = {
  subject: ({ key }) => `sysctl ${key}`,
  describe: ({ key, value }) => `set ${key} to ${value}`,
  isMade: async (host, { key, value }) => (await readSysctl(host, key)) === value,
  capture: async (host, { key }) => ({ value: (await readSysctl(host, key)) ?? '' }),
  make: (host, { key, value }) => host.writeValue(sysctlPath(key), value),
  restore: (host, { key }, { value }) => host.writeValue(sysctlPath(key), value),
};

export const sysctlPath = (key: string): string => `/proc/sys/${key.replaceAll('.', '/')}`;

/** null when this kernel has no such value. */
export const readSysctl = async (host: Pick<HostAccess, 'read'>, key: string): Promise<string | null> =>
  (await host.read(sysctlPath(key)))?.toString().trim().replaceAll(/\s+/g, ' ') ?? null;
