import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@berth/host';
import { parseShellCode, signalName } from '../ending.ts';
import { instanceIdInvalid, recordUnreadable } from '../errors.ts';
import { namesIfThere, readIfThere } from '../record-files.ts';
import type { InstanceSpec, InstanceStatus } from '../driver.ts';

/** What the driver remembers of an instance beside what systemd knows. */
export type UnitRecord = {
  readonly version: 1;
  readonly runtime: 'systemd';
  /** An instance may be started again after it ended; every time is a run. */
  readonly run: number;
  readonly unit: string;
  /** Units like these do not outlive the boot. */
  readonly bootId: string;
  readonly kind: InstanceSpec['kind'];
  readonly memoryBytes: number | null;
  readonly logFile: string;
  readonly stop: InstanceSpec['stop'];
};

export type Exited = Extract<InstanceStatus, { state: 'exited' }>;

/** One directory per instance, for root's eyes only. */
export const createUnitRecords = (root: string) => {
  const directory = (id: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) throw instanceIdInvalid(id);
    return join(root, id);
  };
  const enterFile = (id: string): string => join(directory(id), 'enter');
  const endFile = (id: string, run: number): string => join(directory(id), `${run}.end`);
  const oomFile = (id: string, run: number): string => join(directory(id), `${run}.oom`);
  return {
    enterFile,
    endFile,
    list: (): readonly string[] => namesIfThere(root).filter((id) => existsSync(join(root, id, RECORD))),

    read(id: string): UnitRecord | null {
      const path = join(directory(id), RECORD);
      const text = readIfThere(path);
      return text === null ? null : parseRecord(path, text);
    },
    async write(id: string, record: UnitRecord, enterScript: string): Promise<void> {
      mkdirSync(directory(id), { recursive: true, mode: 0o700 });
      for (const name of namesIfThere(directory(id))) if (/^\d+\.(end|oom)/.test(name)) rmSync(join(directory(id), name));
      await writeFileAtomic(join(directory(id), RECORD), JSON.stringify(record));
      await writeFileAtomic(enterFile(id), enterScript);
    },
    /** Afterwards systemd cannot start it any more, whoever asked it to and however late. */
    cancel: (id: string): void => rmSync(enterFile(id), { force: true }),
    remove: (id: string): void => rmSync(directory(id), { recursive: true, force: true, maxRetries: 3 }),

    /** How the run ended, as the unit itself wrote it down; null when it did not. */
    ending(id: string, run: number): Exited | null {
      const text = readIfThere(endFile(id, run));
      const ended = text === null ? null : parseEnd(text);
      return ended === null ? null : outOfMemoryAware(ended, existsSync(oomFile(id, run)));
    },
    /** Whether systemd calls the end of the run a success, and so forgets its unit; null before the end. */
    wasSuccess(id: string, run: number): boolean | null {
      const text = readIfThere(endFile(id, run));
      return text === null ? null : text.startsWith('success ');
    },
    /** Before all of it is killed, which may take what writes the note as well; that otherwise puts the truth in its place. */
    noteKilled: (id: string, run: number): Promise<void> => writeFileAtomic(endFile(id, run), 'signal killed KILL 0\n'),
    /** Of a run that ended when it was asked to, and whose unit could not write its note; systemd calls that a success. */
    noteStopped: (id: string, run: number): Promise<void> => writeFileAtomic(endFile(id, run), 'success exited 0 0\n'),
    noteOutOfMemory: (id: string, run: number): Promise<void> => writeFileAtomic(oomFile(id, run), ''),
    wasOutOfMemory: (id: string, run: number): boolean => existsSync(oomFile(id, run)),
  };
};

/** `RESULT CODE STATUS KILLS`, e.g. `exit-code exited 3 0` or `signal killed TERM 0` (systemd.exec(5), $EXIT_CODE). */
export const parseEnd = (text: string): Exited | null => {
  const [result = '', code = '', status = '', kills = '0'] = text.trim().split(' ');
  const isOutOfMemory = result === 'oom-kill' || Number(kills) > 0;
  if (code === 'exited') return exitedWith(Number(status), isOutOfMemory);
  if (code === 'killed' || code === 'dumped') return endedBy(`SIG${status}`, isOutOfMemory);
  return null;
};

export const exitedWith = (code: number, outOfMemory: boolean): Exited =>
  // A worker that was killed while the program went on and ended well later is not how the program ended.
  ({ state: 'exited', ...parseShellCode(code), outOfMemory: outOfMemory && code !== 0 });

export const endedBySignal = (number: number, outOfMemory: boolean): Exited => endedBy(signalName(number), outOfMemory);

const endedBy = (signal: string, outOfMemory: boolean): Exited => ({ state: 'exited', exitCode: null, signal, outOfMemory });

export const outOfMemoryAware = (ended: Exited, wasNoted: boolean): Exited =>
  wasNoted && ended.exitCode !== 0 ? { ...ended, outOfMemory: true } : ended;

const RECORD = 'unit.json';

const parseRecord = (path: string, text: string): UnitRecord => {
  try {
    const record = JSON.parse(text);
    if (record.version === 1 && record.runtime === 'systemd' && Number.isInteger(record.run)) return record;
  } catch (cause) {
    throw recordUnreadable(path, cause);
  }
  throw recordUnreadable(path, undefined);
};
