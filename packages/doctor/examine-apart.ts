import { fileURLToPath } from 'node:url';
import { exec } from '@berth/host';
import { Finding } from '@berth/protocol';

export type ApartOptions = {
  readonly home: string;
  readonly app: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Where compiled code is kept, absolute. */
  readonly compileCache?: string;
};

/** `examine` for one app, in a process of its own that gives way to others. Throws COMMAND_TIMED_OUT, and the signal's reason. */
export const examineApart = async ({ home, app, timeoutMs, signal, compileCache }: ApartOptions): Promise<readonly Finding[]> => {
  const env = compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache };
  const result = await exec([process.execPath, PROGRAM, home, app], { env, timeoutMs, signal });
  return result.exitCode === 0 ? Finding.array().parse(JSON.parse(result.stdout)) : [];
};

const PROGRAM = fileURLToPath(new URL('./doctor-process.ts', import.meta.url));
