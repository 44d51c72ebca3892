import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type CommandResult = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

const OUTPUT_BYTES = 64 * 1024 * 1024;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Resolves however it ended; rejects only when it could not be started or took too long. */
export function tryRun(
  argv: readonly string[],
  {
    input = '',
    timeoutMs = 60_000,
    env = { PATH, LC_ALL: 'C.UTF-8' },
  }: { input?: string | Uint8Array; timeoutMs?: number; env?: Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      rest,
      { env: { ...env }, timeout: timeoutMs, maxBuffer: OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (child.exitCode === null && child.signalCode === null && error !== null) reject(error);
        else if (error?.killed === true)
          reject(new Error(`${argv.join(' ')} took longer than ${timeoutMs} ms: ${stderr.slice(-2_000)}`));
        else resolve({ exitCode: child.exitCode, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => undefined); // it ended without reading: how it ended says all
    child.stdin?.end(input);
  });
}

/** As `tryRun`, and rejects unless it ended with 0. */
export async function run(argv: readonly string[], options: Parameters<typeof tryRun>[1] = {}): Promise<CommandResult> {
  const result = await tryRun(argv, options);
  if (result.exitCode !== 0)
    throw new Error(
      `${argv.join(' ')} ended with ${result.exitCode}: ${result.stderr.slice(-2_000) || result.stdout.slice(-2_000)}`,
    );
  return result;
}

/** Starts a command that stays, and resolves once it has said `until`. */
export function quietly(
  argv: readonly string[],
  { until }: { until: string },
): Promise<ChildProcessByStdio<Writable, Readable, Readable>> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH } });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${argv.join(' ')} ended with ${code}`)));
    child.stderr.resume();
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(until)) resolve(child);
    });
  });
}
