import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { asBerthError } from '@berth/core';
import type { ReleaseRow } from '@berth/journal';
import type { RunFrame } from '@berth/protocol';
import type { RuntimeDriver } from '@berth/runtime';
import type { Launcher } from './launch.ts';
import { TOOLS_PATH } from './run-beside.ts';

const GRACE_MS = 5_000;
const EXIT_NOT_FOUND = 127;

type OneOffDeps = { readonly launcher: Launcher; readonly driver: Pick<RuntimeDriver, 'foreground'> };
type Request = { argv: readonly string[]; stdin: Readable | null };

/** A command in a release's environment, its output as it comes. It ends with whoever asked for it. */
export async function* runOneOff(
  { launcher, driver }: OneOffDeps,
  release: ReleaseRow,
  { argv, stdin }: Request,
  signal: AbortSignal,
): AsyncGenerator<RunFrame> {
  const spec = await launcher.command(release, { id: `run.${randomBytes(3).toString('hex')}`, argv });
  const { cwd, env, user } = spec;
  const foreground = driver.foreground(spec);
  const [command = '', ...args] = foreground?.argv ?? argv;
  const child = spawn(command, args, {
    ...(foreground ? { cwd: '/', env: { PATH: TOOLS_PATH } } : { cwd, env, ...(user && { uid: user.uid, gid: user.gid }) }),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const frames: RunFrame[] = [];
  let wake = () => {};
  let isOver = false;
  const push = (frame: RunFrame) => {
    frames.push(frame);
    wake();
  };
  const endGroup = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
    }
  };
  const onAbort = () => {
    if (foreground) return void foreground.end();
    endGroup('SIGTERM');
    setTimeout(() => endGroup('SIGKILL'), GRACE_MS).unref();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  // A command that reads no input closes its end early; that is its own business.
  child.stdin.on('error', () => undefined);
  if (stdin) stdin.pipe(child.stdin);
  else child.stdin.end();
  child.stdout.on('data', (data: Buffer) => push({ kind: 'stdout', data: data.toString('base64') }));
  child.stderr.on('data', (data: Buffer) => push({ kind: 'stderr', data: data.toString('base64') }));
  child.on('error', (cause: NodeJS.ErrnoException) => {
    isOver = true;
    if (cause.code === 'ENOENT') {
      push({ kind: 'stderr', data: Buffer.from(`${command}: not found\n`).toString('base64') });
      push({ kind: 'exit', code: EXIT_NOT_FOUND });
    } else push({ kind: 'error', error: asBerthError(cause).toJSON() });
  });
  child.on('close', (code, how) => {
    isOver = true;
    push({ kind: 'exit', code: code ?? 128 + (how ? (SIGNAL_NUMBERS[how] ?? 0) : 0) });
  });
  try {
    for (;;) {
      const frame = frames.shift();
      if (frame) {
        yield frame;
        if (frame.kind === 'exit' || frame.kind === 'error') return;
      } else if (!isOver) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!isOver) onAbort();
    else await foreground?.end();
  }
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};
