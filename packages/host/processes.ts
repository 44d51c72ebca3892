import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export type Process = {
  readonly pid: number;
  /** Clock ticks after boot. Together with the pid it names a process for as long as the machine runs. */
  readonly startTime: number;
  readonly name: string;
  /** One letter as in proc(5): R, S, D, T, Z … */
  readonly state: string;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly rssBytes: number;
};

export type ProcessIdentity = { readonly pid: number; readonly startTime: number };

/** null when there is no such process. */
export const readProcess = (pid: number): Process | null => {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat === null ? null : parseProcessStat(stat);
};

/** One line of /proc/PID/stat; null when it is not one. The name in parentheses may hold spaces and parentheses itself. */
export const parseProcessStat = (line: string): Process | null => {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  if (open < 1 || close < open) return null;
  const [state = '', ...rest] = line
    .slice(close + 2)
    .trimEnd()
    .split(' ');
  // `rest` starts with field 4 of proc(5), ppid.
  const field = (number: number): number => Number(rest[number - 4]);
  const found = {
    pid: Number.parseInt(line, 10),
    startTime: field(22),
    name: line.slice(open + 1, close),
    state,
    ppid: field(4),
    pgid: field(5),
    sid: field(6),
    rssBytes: field(24) * pageSize(),
  };
  return Number.isSafeInteger(found.pid) && Number.isSafeInteger(found.startTime) ? found : null;
};

/** Whether that very process is alive. A zombie is not, and neither is another process that was given its pid. */
export const isSame = (pid: number, startTime: number): boolean => {
  const found = readProcess(pid);
  return found !== null && found.startTime === startTime && isAlive(found);
};

/** A zombie (Z) or a process in its last moment (X) has ended: it only waits for a parent that may never ask. */
export const isAlive = (process: Process): boolean => process.state !== 'Z' && process.state !== 'X';

/** Every process that can be seen, dead ones not yet reaped included. */
export const allProcesses = (): readonly Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readProcess(Number(pid)))
    .filter((found) => found !== null);

/** The living members of a process group. */
export const processGroup = (pgid: number): readonly Process[] =>
  allProcesses().filter((found) => found.pgid === pgid && isAlive(found));

/** The living members of a session: also the process groups that a shell made inside it. */
export const processSession = (sid: number): readonly Process[] =>
  allProcesses().filter((found) => found.sid === sid && isAlive(found));

/** The living children of a process and theirs, without itself. */
export const descendants = (pid: number): readonly Process[] => {
  const found: Process[] = [];
  const visit = (parent: number): void => {
    for (const child of childrenOf(parent)) {
      const process = readProcess(child);
      if (process === null || process.ppid !== parent) continue;
      if (isAlive(process)) found.push(process);
      visit(child);
    }
  };
  visit(pid);
  return found;
};

/** Proportional set size: a page shared by n processes counts 1/n. null when it may not be read or the process is gone. */
export const pssBytes = (pid: number): number | null => {
  const kilobytes = readProc(`/proc/${pid}/smaps_rollup`)?.match(/^Pss:\s+(\d+) kB$/m)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
};

/** Changes with every start of the machine: start times of before mean nothing any more. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** The text of a file under /proc; null when the process has gone, or belongs to somebody else. */
const readProc = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGoneOrForeign(error)) return null;
    throw error;
  }
};

/** ESRCH: it went away between open and read. */
export const isGoneOrForeign = (error: unknown): boolean =>
  ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

const childrenOf = (pid: number): readonly number[] => {
  const threads = listProc(`/proc/${pid}/task`);
  const lists = threads.map((thread) => readProc(`/proc/${pid}/task/${thread}/children`));
  // Kernels without CONFIG_PROC_CHILDREN: look through all of them.
  if (threads.length > 0 && lists.every((list) => list === null))
    return allProcesses()
      .filter((found) => found.ppid === pid)
      .map((found) => found.pid);
  return lists.flatMap((list) => list?.split(' ').filter(Boolean).map(Number) ?? []);
};

export const listProc = (path: string): readonly string[] => {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isGoneOrForeign(error)) return [];
    throw error;
  }
};

export const readProcLink = (path: string): string | null => {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isGoneOrForeign(error)) return null;
    throw error;
  }
};

let knownPageSize: number | undefined;

/** From the auxiliary vector (AT_PAGESZ is entry 6): 4 KB on x86-64, 4, 16 or 64 KB on arm64. */
const pageSize = (): number => {
  if (knownPageSize === undefined) {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === 6n) knownPageSize = Number(vector.readBigUInt64LE(at + 8));
    }
    knownPageSize ??= 4096;
  }
  return knownPageSize;
};
