import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSame, type ProcessIdentity, processSession, readProcess } from '@berth/host';
import { binaryUnusable } from './errors.ts';

/** A program that outlives us: in a session of its own, writing to files, found again by pid and start time. */
export type DetachedProgram = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Written before the program starts, so that nothing is ever running that no file tells of. */
  readonly pidFile: string;
  readonly stdout: string;
  readonly stderr: string;
  /** File descriptors; as many as are allowed when that is less. */
  readonly openFiles: number;
};

/**
 * Ends what a program that was killed has left behind: its children stay in the session that it led. While one of them
 * lives the kernel gives the session's number to nobody else, so all that is in it is ours, unless its leader is another.
 */
const endOrphans = async (pidFile: string): Promise<void> => {
  const identity = readIdentity(pidFile);
  if (identity === null || isSame(identity.pid, identity.startTime)) return;
  const leader = readProcess(identity.pid);
  if (leader !== null && leader.startTime !== identity.startTime) return;
  for (const orphan of processSession(identity.pid).filter((it) => it.pid !== identity.pid)) await endProcess(orphan, []);
};

/** Resolves once the pid file is there. What becomes of the program has to be asked for. */
export const startDetached = async (program: DetachedProgram): Promise<ProcessIdentity> => {
  await endOrphans(program.pidFile);
  await rm(program.pidFile, { force: true });
  const { pidFile, stdout, stderr, openFiles, argv } = program;
  const child = spawn('/bin/sh', ['-c', SHIM, 'sh', pidFile, stdout, stderr, String(openFiles), ...argv], {
    cwd: program.cwd,
    env: program.env,
    detached: true,
    stdio: 'ignore',
  });
  let failure: Error | null = null;
  let exited = false;
  child.once('error', (error) => {
    failure = error;
  });
  child.once('exit', () => {
    exited = true;
  });
  child.unref();
  for (let attempt = 0; attempt < 500; attempt++) {
    const identity = readIdentity(pidFile);
    if (identity !== null) return identity;
    if (failure !== null || exited)
      throw binaryUnusable(argv[0] ?? '', failure ?? new Error('the shell ended before it started it'));
    await sleep(10);
  }
  throw binaryUnusable(argv[0] ?? '', new Error('its pid file did not appear within 5 s'));
};

/** The process that a pid file names, if it is still that very process. */
export const findDetached = (pidFile: string): ProcessIdentity | null => {
  const identity = readIdentity(pidFile);
  return identity !== null && isSame(identity.pid, identity.startTime) ? identity : null;
};

/** Resolves once it is gone: `signals` are sent in turn, each given its time, then SIGKILL. */
export const endProcess = async (
  identity: ProcessIdentity,
  signals: readonly { signal: NodeJS.Signals; withinMs: number }[],
): Promise<void> => {
  for (const { signal, withinMs } of [...signals, { signal: 'SIGKILL' as const, withinMs: 5_000 }]) {
    if (!signalProcess(identity, signal)) return;
    const giveUpAt = performance.now() + withinMs;
    while (performance.now() < giveUpAt) {
      if (!isSame(identity.pid, identity.startTime)) return;
      await sleep(20);
    }
  }
};

/** False when it had already gone. */
export const signalProcess = ({ pid, startTime }: ProcessIdentity, signal: NodeJS.Signals): boolean => {
  if (!isSame(pid, startTime)) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

const readIdentity = (pidFile: string): ProcessIdentity | null => {
  try {
    const [, pid, startTime] = readFileSync(pidFile, 'utf8').match(/^(\d+) (\d+)\n$/) ?? [];
    return pid === undefined || startTime === undefined ? null : { pid: Number(pid), startTime: Number(startTime) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** `exec` keeps pid and start time (field 22 of /proc/PID/stat; the 20th after the name in parentheses). */
const SHIM = `umask 077
pidfile=$1 out=$2 err=$3 files=$4
shift 4
ulimit -n "$files" 2>/dev/null || ulimit -n "$(ulimit -H -n)"
exec </dev/null >>"$out" 2>>"$err"
start=$(read -r stat < /proc/$$/stat; set -f; set -- \${stat##*) }; shift 19; echo "$1")
echo "$$ $start" > "$pidfile.new" && mv "$pidfile.new" "$pidfile" && exec "$@"`;
