/** The real `berth`, as somebody types it, on the platform of a story. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '../../programs/cli/main.ts');

export type Typed = { readonly code: number; readonly stdout: string; readonly stderr: string };
export type TypedOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly withinMs?: number;
  /** What it reads from its standard input, which ends there. */
  readonly input?: string;
};

/** Resolves with how it ended, whatever that is; one that takes too long is killed, and its code is -1. */
export const berth = (home: string, words: readonly string[], options: TypedOptions = {}): Promise<Typed> =>
  new Promise((resolve) => {
    const { env = {}, withinMs = 120_000, input } = options;
    const settings = { env: { ...process.env, ...env, BERTH_HOME: home }, timeout: withinMs, maxBuffer: 64 << 20 };
    const child = execFile(process.execPath, [CLI, ...words], settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
    if (input !== undefined) child.stdin?.end(input);
  });
