import { constants } from 'node:fs';
import { chmod, copyFile, lchown, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type SystemUser, writeFileAtomic } from '@berth/host';
import { directoryClosed, pathTooLong } from './errors.ts';

/**
 * The edge's own directory.
 *
 *   live/          what HAProxy runs or would start with: haproxy.cfg, *.map, certificates.list, edge.lua
 *   next/          a new configuration while it is checked; a refused one stays for reading
 *   previous/      the one before, to go back to
 *   certificates/  own/, local/, and live/ with the one that is used for each host
 *   acme/          account keys, orders under way, and certificates/ that authorities have issued
 *   authority/     root.crt (the one file for everybody) and root.key
 *   run/           sockets and nginx's temporary files: the only place that HAProxy and nginx may write
 *
 * As root everything belongs to root, and the edge's user may read what it needs: an edge that was broken into cannot
 * change its configuration, and we never follow a link of its making.
 */
export type EdgeFiles = {
  readonly directory: string;
  path(name: string): string;
  prepare(): Promise<void>;
  /** `edge`: the edge's user may read it; `own`: nobody else; `public`: everybody. */
  write(name: string, text: string, readers: 'edge' | 'own' | 'public'): Promise<void>;
  read(name: string): Promise<string | null>;
  copy(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  list(name: string): Promise<readonly string[]>;
};

const DIRECTORIES = [
  ['.', 'pass'],
  ['live', 'edge'],
  ['next', 'edge'],
  ['previous', 'own'],
  ['certificates', 'edge'],
  ['certificates/live', 'edge'],
  ['certificates/own', 'own'],
  ['certificates/local', 'own'],
  ['acme', 'own'],
  ['authority', 'pass'],
  ['run', 'run'],
  ['run/tmp', 'run'],
] as const;

/** As `writeFileAtomic` calls what has not got its name yet. */
const UNFINISHED = '.tmp';

/** sun_path holds 108 bytes; HAProxy binds under a temporary name that is longer by its pid and ".tmp". */
const SOCKET_PATH_BYTES = 107 - '.12345678.tmp'.length;

export const createEdgeFiles = ({ directory, user }: { directory: string; user: SystemUser | null }): EdgeFiles => {
  const path = (name: string): string => join(directory, name);
  const group = user?.gid ?? process.getgid?.() ?? 0;
  const own = process.getuid?.() ?? 0;
  /** Without a user of its own the edge is us, and a group must not read along. */
  const shared = user === null ? 0 : 0o040;

  const share = async (file: string): Promise<void> => {
    if (user !== null) await lchown(file, own, group);
    await chmod(file, 0o600 | shared);
  };

  /** What somebody who was killed has left half done goes; what the edge's user could not read (a home that was copied) it can. */
  const mend = async (name: string): Promise<void> => {
    for (const entry of await readdir(path(name), { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(path(name), entry.name);
      await (entry.name.endsWith(UNFINISHED) ? rm(file) : share(file));
    }
  };

  return {
    directory,
    path,
    async prepare() {
      if (Buffer.byteLength(path('run/admin.sock')) > SOCKET_PATH_BYTES) throw pathTooLong(path('run/admin.sock'));
      for (const [name, kind] of DIRECTORIES) {
        await mkdir(path(name), { recursive: true, mode: 0o700 });
        if (user !== null) await lchown(path(name), kind === 'run' ? user.uid : own, kind === 'own' ? own : group);
        await chmod(path(name), { pass: 0o711, edge: user === null ? 0o700 : 0o750, own: 0o700, run: 0o700 }[kind]);
        if (kind === 'edge') await mend(name);
      }
      if (user !== null) await checkReachable(directory, user);
    },
    async write(name, text, readers) {
      // Some directories are there only once something is in them.
      await mkdir(dirname(path(name)), { recursive: true, mode: 0o700 });
      const owner = user !== null && readers === 'edge' ? { uid: own, gid: group } : null;
      await writeFileAtomic(path(name), text, { edge: 0o600 | shared, own: 0o600, public: 0o644 }[readers], owner);
    },
    read: (name) => ignoringAbsence(readFile(path(name), 'utf8')),
    async copy(from, to) {
      const unfinished = `${path(to)}${UNFINISHED}`;
      await copyFile(path(from), unfinished, constants.COPYFILE_FICLONE);
      await share(unfinished);
      await rename(unfinished, path(to));
    },
    remove: (name) => rm(path(name), { force: true, recursive: true }),
    list: async (name) => ((await ignoringAbsence(readdir(path(name)))) ?? []).filter((found) => !found.endsWith(UNFINISHED)),
  };
};

/** Every directory above must let the edge's user pass. */
const checkReachable = async (directory: string, user: SystemUser): Promise<void> => {
  for (let at = dirname(directory); ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const passes = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (!passes) throw directoryClosed(directory, user.name, at);
    if (at === dirname(at)) return;
  }
};

const ignoringAbsence = <T>(pending: Promise<T>): Promise<T | null> =>
  pending.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
