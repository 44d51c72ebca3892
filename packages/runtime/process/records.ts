import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cgroup, type ProcessIdentity, parseProcessStat, writeFileAtomic } from '@berth/host';
import { type Ending, parseShellCode } from '../ending.ts';
import { instanceIdInvalid, recordUnreadable } from '../errors.ts';
import { namesIfThere, readIfThere } from '../record-files.ts';

/** What the driver remembers of an instance. Never its environment: there are secrets in it. */
export type InstanceRecord = {
  readonly version: 1;
  /** An instance may be started again after it ended; every time is a run with files of its own. */
  readonly run: number;
  /** Processes of an earlier boot are gone, whatever their pids say now. */
  readonly bootId: string;
  readonly memoryBytes: number | null;
  readonly cgroup: Cgroup | null;
  readonly logFile: string;
};

/** What a program was told to be by the shim, or that it was cancelled before it began. */
export type ProgramClaim = ProcessIdentity | 'cancelled';

/** The directory of records: one directory per instance, for the eyes of Berth only, so that no app can forge a pid. */
export const createRecords = (root: string) => {
  const directory = (id: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) throw instanceIdInvalid(id);
    return join(root, id);
  };
  const file = (id: string, run: number, name: 'shim' | 'program' | 'exit' | 'oom'): string =>
    join(directory(id), `${run}.${name}`);
  const readIdentity = (path: string): ProcessIdentity | null => {
    const text = readIfThere(path);
    const found = text === null ? null : parseProcessStat(text);
    return found === null ? null : { pid: found.pid, startTime: found.startTime };
  };

  return {
    directory,
    list: (): readonly string[] => namesIfThere(root).filter((id) => existsSync(join(root, id, RECORD))),

    read(id: string): InstanceRecord | null {
      const path = join(directory(id), RECORD);
      const text = readIfThere(path);
      return text === null ? null : parseRecord(path, text);
    },
    async write(id: string, record: InstanceRecord): Promise<void> {
      mkdirSync(directory(id), { recursive: true, mode: 0o700 });
      await writeFileAtomic(join(directory(id), RECORD), JSON.stringify(record));
    },
    remove: (id: string): void => rmSync(directory(id), { recursive: true, force: true, maxRetries: 3 }),

    /** Of earlier runs only the latest is kept: a shim that comes late must still find that its run was had. */
    removeRunsBefore(id: string, run: number): void {
      for (const name of namesIfThere(directory(id))) {
        const number = Number(name.match(/^(\d+)\./)?.[1]);
        if (number < run) rmSync(join(directory(id), name), { force: true });
      }
    },

    shim: (id: string, run: number): ProcessIdentity | null => readIdentity(file(id, run, 'shim')),
    program(id: string, run: number): ProgramClaim | null {
      const path = file(id, run, 'program');
      return existsSync(path) ? (readIdentity(path) ?? 'cancelled') : null;
    },
    /** False when the program was started before. Afterwards no shim of that run can start it any more. */
    cancel(id: string, run: number): boolean {
      const temporary = join(directory(id), `cancel.${randomBytes(6).toString('hex')}`);
      writeFileSync(temporary, 'cancelled\n', { mode: 0o600 });
      try {
        linkSync(temporary, file(id, run, 'program'));
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      } finally {
        rmSync(temporary, { force: true });
      }
    },
    /** null while nobody has written it down. */
    ending(id: string, run: number): Ending | null {
      const text = readIfThere(file(id, run, 'exit'));
      return text === null ? null : parseShellCode(Number(text));
    },
    hasEnding: (id: string, run: number): boolean => existsSync(file(id, run, 'exit')),
    noteOutOfMemory: (id: string, run: number): void => writeFileSync(file(id, run, 'oom'), ''),
    wasOutOfMemory: (id: string, run: number): boolean => existsSync(file(id, run, 'oom')),
  };
};

const RECORD = 'record.json';

const parseRecord = (path: string, text: string): InstanceRecord => {
  try {
    const record = JSON.parse(text);
    if (record.version === 1 && Number.isInteger(record.run) && typeof record.bootId === 'string') return record;
  } catch (cause) {
    throw recordUnreadable(path, cause);
  }
  throw recordUnreadable(path, undefined);
};
