/** What runs, seen once and kept for all rules. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { allProcesses, isAlive, type Process } from '@berth/host';

export type SeenProcess = Process & {
  readonly command: string;
  /** Of the instance or one-off command whose environment it has; null for all others. */
  readonly instance: string | null;
  /** It was started for this home: works in it, or was told of it. */
  readonly isOurs: boolean;
};

/** Everything that is alive and may be seen, but this process. */
export const seeProcesses = (home: string): readonly SeenProcess[] =>
  allProcesses()
    .filter((found) => isAlive(found) && found.pid !== process.pid)
    .map((found) => {
      const environment = read(`/proc/${found.pid}/environ`).split('\0');
      const command = read(`/proc/${found.pid}/cmdline`).replaceAll('\0', ' ').trim();
      const isOurs =
        command.includes(`${home}/`) ||
        isBelow(home, readLink(`/proc/${found.pid}/cwd`)) ||
        environment.some((entry) => entry === `BERTH_HOME=${home}` || entry.includes(`=${home}/`));
      const instance = environment.find((entry) => entry.startsWith('BERTH_INSTANCE='))?.slice('BERTH_INSTANCE='.length);
      return { ...found, command: command || found.name, instance: isOurs ? (instance ?? null) : null, isOurs };
    });

/** "node (process 4242): node server.js" */
export const nameOf = ({ name, pid, command }: SeenProcess): string => `${name} (process ${pid}): ${command.slice(0, 120)}`;

/** Paths of the files that a process has open; none where it may not be looked at. */
export const openFiles = (pid: number): readonly string[] =>
  list(`/proc/${pid}/fd`).map((fd) => readLink(`/proc/${pid}/fd/${fd}`));

/** Open file descriptors and the limit at which the next is refused; null where it may not be looked at. */
export const descriptors = (pid: number): { open: number; limit: number } | null => {
  const limit = Number(read(`/proc/${pid}/limits`).match(/^Max open files\s+(\d+)/m)?.[1]);
  const open = list(`/proc/${pid}/fd`).length;
  return open > 0 && limit > 0 ? { open, limit } : null;
};

export type LockHolder = { readonly pid: number; readonly kind: 'READ' | 'WRITE'; readonly from: number; readonly to: number };

/** Who holds POSIX locks on a file. Processes of other containers are not shown. */
export const locksOn = (inode: bigint | number): readonly LockHolder[] =>
  read('/proc/locks')
    .split('\n')
    .flatMap((line) => {
      const [, kind, pid, held, from, to] =
        /^\d+: POSIX +\S+ +(READ|WRITE) (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) (\d+|EOF)$/.exec(line) ?? [];
      if (held !== String(inode) || Number(pid) === process.pid) return [];
      return [
        {
          pid: Number(pid),
          kind: kind as LockHolder['kind'],
          from: Number(from),
          to: to === 'EOF' ? Number.POSITIVE_INFINITY : Number(to),
        },
      ];
    });

const isBelow = (home: string, path: string): boolean => path === home || path.startsWith(`${home}/`);

/** Processes end while one looks, and belong to others. */
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const list = (path: string): readonly string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

const readLink = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};
