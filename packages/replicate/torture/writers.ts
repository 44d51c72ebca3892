import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WriterLine, WriterTask } from './writer-process.ts';

export type Sample = Extract<WriterLine, { kind: 'sample' }>;

/** Whose SQLite writes: that of the Node at a path, unless it is that of the package better-sqlite3 in a directory. */
export type WritersSqlite = { readonly node?: string | undefined; readonly betterSqlite3?: string | undefined };

/** What all writers of a round have in common. */
type RoundTask = Omit<WriterTask, 'name' | 'seed' | 'betterSqlite3'>;

/** The hostile applications of a round. */
export class Writers {
  readonly #task: RoundTask;
  readonly #seed: number;
  readonly #sqlite: WritersSqlite;
  readonly #running = new Set<ChildProcess>();
  #started = 0;

  constructor(task: RoundTask, seed: number, sqlite: WritersSqlite) {
    this.#task = task;
    this.#seed = seed;
    this.#sqlite = sqlite;
  }

  start(count: number): void {
    for (let number = 0; number < count; number += 1) {
      this.#started += 1;
      const { node = process.execPath, betterSqlite3 } = this.#sqlite;
      const own = { name: `writer${this.#started}`, seed: this.#seed * 1_000 + this.#started };
      const task: WriterTask = { ...this.#task, ...own, betterSqlite3 };
      const program = join(import.meta.dirname, 'writer-process.ts');
      const child = spawn(node, ['--no-warnings', program, JSON.stringify(task)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      this.#running.add(child);
      child.once('exit', () => this.#running.delete(child));
    }
  }

  /** One of those that run, always the oldest. */
  pid(): number | null {
    return [...this.#running][0]?.pid ?? null;
  }

  async killOne(): Promise<void> {
    const [child] = this.#running;
    if (child !== undefined) await end(child, 'SIGKILL');
  }

  async stopAll(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    const children = [...this.#running];
    await Promise.all(children.map((child) => end(child, signal)));
    return children.length;
  }

  samples(): Sample[] {
    return this.#lines().filter((line) => line.kind === 'sample');
  }

  /** The versions of SQLite that wrote. */
  versions(): string[] {
    return [...new Set(this.#lines().flatMap((line) => (line.kind === 'begin' ? [line.sqlite] : [])))];
  }

  /** What writers were told by SQLite that no replicator may make it say. */
  complaints(): string[] {
    return this.#lines().flatMap((line) => (line.kind === 'hurt' ? [`a writer's ${line.act}: ${line.message}`] : []));
  }

  #lines(): WriterLine[] {
    return readdirSync(this.#task.directory)
      .filter((name) => name.endsWith('.log'))
      .flatMap((name) => readFileSync(join(this.#task.directory, name), 'utf8').split('\n'))
      .flatMap((text): WriterLine[] => (text.endsWith('}') ? [JSON.parse(text)] : []));
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const impatient = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(impatient);
}
