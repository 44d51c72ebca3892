import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How many files a process that is started with `argv` before its own command may have open. */
export type FileLimit = { readonly openFiles: number; readonly argv: readonly string[] };

/** As many as wanted, or as many as the machine lets us have: only CAP_SYS_RESOURCE lifts the hard limit. */
export function fileLimit(wanted: number): FileLimit {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '1024';
  const allowed = hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
  if (allowed >= wanted) return { openFiles: wanted, argv: [] };
  const argv = ['prlimit', `--nofile=${wanted}:${wanted}`];
  try {
    execFileSync('prlimit', [...argv.slice(1), 'true'], { stdio: 'ignore' });
    return { openFiles: wanted, argv };
  } catch {
    return { openFiles: allowed, argv: [] }; // not permitted: the caller says so beside its figures
  }
}
