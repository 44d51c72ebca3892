/** Where a command writes: results to standard output, everything about them to standard error. */
import type { Writable } from 'node:stream';
import type { CliEnv } from '../env.ts';
import { createStyle, type Style } from './style.ts';

export type Terminal = {
  readonly style: Style;
  readonly width: number;
  /** Lines may be drawn over on standard error. */
  readonly live: boolean;
  /** Somebody can be asked. */
  readonly interactive: boolean;
  /** Standard output is read by somebody, and not by a program. */
  readonly outIsTerminal: boolean;
  readonly input: NodeJS.ReadStream;
  print(...lines: readonly string[]): void;
  printJson(value: unknown): void;
  /** To standard error. */
  note(...lines: readonly string[]): void;
  readonly out: Writable;
  readonly err: Writable;
  /** The same, for what is told of this server. */
  at(server: string): Terminal;
};

type Streams = { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream };

const DEFAULT_WIDTH = 100;

export const createTerminal = (env: CliEnv, streams: Streams, server: string | null = env.reachedAs): Terminal => {
  const { stdin, stdout, stderr } = streams;
  // Asked again for each line, since windows change their size. A terminal that does not know its own says 0.
  const width = (): number => {
    if (stdout.isTTY) return stdout.columns || env.columns || DEFAULT_WIDTH;
    // Without a terminal nothing is cut: a file or a pipe has no width.
    return env.columns ?? (stderr.isTTY ? stderr.columns || DEFAULT_WIDTH : Number.POSITIVE_INFINITY);
  };
  return {
    style: createStyle(Boolean(stdout.isTTY) && !env.plain, server),
    get width() {
      return width();
    },
    live: Boolean(stderr.isTTY) && !env.plain,
    interactive: Boolean(stdin.isTTY && stderr.isTTY),
    outIsTerminal: Boolean(stdout.isTTY),
    input: stdin,
    print: (...lines) => void stdout.write(`${lines.join('\n')}\n`),
    printJson: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    note: (...lines) => void stderr.write(`${lines.join('\n')}\n`),
    out: stdout,
    err: stderr,
    at: (name) => createTerminal(env, streams, name),
  };
};
