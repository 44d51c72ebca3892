/** The laptop of somebody who rents machines: a home of its own, and the command of this clone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@berth/testing';

const BERTH = join(import.meta.dirname, '../../berth');
const COMMAND_MS = 300_000;

export type Typed = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type Typing = { readonly child: ChildProcess; readonly ended: Promise<Typed> };

export class Laptop implements AsyncDisposable {
  readonly directory: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #typing = new Set<Typing>();
  readonly #dispose: () => Promise<void>;

  private constructor(directory: string, dispose: () => Promise<void>) {
    this.directory = directory;
    this.#dispose = dispose;
    const place = (name: string): string => {
      const path = join(directory, name);
      mkdirSync(path, { mode: 0o700 });
      return path;
    };
    this.#env = {
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      LC_ALL: 'C.UTF-8',
      HOME: place('home'),
      XDG_CONFIG_HOME: place('config'),
      XDG_CACHE_HOME: place('cache'),
      TMPDIR: place('tmp'),
      // It has no platform of its own, and this host's is none of its business.
      BERTH_HOME: join(directory, 'no-platform'),
    };
  }

  static async open(): Promise<Laptop> {
    const directory = await temporaryDirectory('laptop-');
    return new Laptop(directory.path, () => directory[Symbol.asyncDispose]());
  }

  /** `berth`, typed where there is no terminal; in a process group of its own. */
  type(words: readonly string[], { withinMs = COMMAND_MS }: { withinMs?: number } = {}): Typing {
    const child = spawn(BERTH, words, { env: { ...this.#env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      said.stdout += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said.stderr += chunk;
    });
    const timer = setTimeout(() => end(child), withinMs);
    const ended = new Promise<Typed>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...said }));
    }).finally(() => {
      clearTimeout(timer);
      this.#typing.delete(typing);
    });
    const typing = { child, ended };
    this.#typing.add(typing);
    return typing;
  }

  /** Resolves however it ended. */
  async try(words: readonly string[], options?: { withinMs?: number }): Promise<Typed> {
    return this.type(words, options).ended;
  }

  /** What it printed; throws with everything that it said unless it ended with 0. */
  async berth(words: readonly string[], options?: { withinMs?: number }): Promise<string> {
    const { code, stdout, stderr } = await this.try(words, options);
    if (code !== 0)
      throw new Error(`berth ${words.join(' ')} ended with ${code}:\n${stderr.slice(-6_000)}${stdout.slice(-6_000)}`);
    return stdout;
  }

  /** As `berth`, with --json; `Answer` is what the command's contract says. */
  async json<Answer>(words: readonly string[], options?: { withinMs?: number }): Promise<Answer> {
    const stdout = await this.berth([...words, '--json'], options);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child, ended } of [...this.#typing]) {
      end(child);
      await ended;
    }
    await this.#dispose();
  }
}

/** With all that it started. */
const end = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
};
