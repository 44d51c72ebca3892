/** Machines that are lost, and machines that are recovered to. */
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { portRangeOf } from '@berth/host';
import { type Client, createClient } from '@berth/protocol';
import { freePorts, temporaryDirectory, waitUntil } from '@berth/testing';
import { berth, type Typed } from './command.ts';
import { BY, type Home, type StoryPlatform } from './platform.ts';
import { killProcess, processesOfHome } from './processes.ts';
import { removeSystemUsers } from './system-users.ts';

/** As a power cut does: the daemon, the apps, the edge, and what sends their data away, all at once. */
export const cutPower = async (platform: StoryPlatform): Promise<void> => {
  const killing = platform.kill();
  await killAll(platform.home);
  await killing;
};

/** And the disk with it. */
export const loseMachine = async (platform: StoryPlatform): Promise<void> => {
  await cutPower(platform);
  for (const name of await readdir(platform.home)) await rm(join(platform.home, name), { recursive: true, maxRetries: 5 });
};

const killAll = (home: string): Promise<true> =>
  waitUntil(
    () => {
      const pids = [...new Set([...processesOfHome(home), ...startedFor(home)])];
      for (const pid of pids) killProcess(pid);
      return pids.length === 0;
    },
    { what: `no process of ${home} to be left`, withinMs: 10_000 },
  );

/** Those that only have it in their environment. */
const startedFor = (home: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(home);
      } catch {
        return false; // it ended while we looked
      }
    })
    .map(Number);

export class EmptyMachine implements AsyncDisposable {
  readonly #directory: Home;
  readonly client: Client;
  readonly httpPort: number;

  private constructor(directory: Home, httpPort: number) {
    this.#directory = directory;
    this.httpPort = httpPort;
    this.client = createClient({ socketPath: join(directory.path, 'run', 'berthd.sock'), by: BY });
  }

  /** @param beside a home that may be started while this one runs: on machines of their own their ports would not meet */
  static async open({ beside }: { beside?: string } = {}): Promise<EmptyMachine> {
    const [http = 0] = await freePorts(1);
    for (;;) {
      const directory = await temporaryDirectory();
      if (beside === undefined || portRangeOf(directory.path).from !== portRangeOf(beside).from)
        return new EmptyMachine(directory, http);
      await directory[Symbol.asyncDispose]();
    }
  }

  get home(): string {
    return this.#directory.path;
  }

  berth(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Typed> {
    return berth(this.home, words, { env });
  }

  /** As a power cut does. */
  async cutPower(): Promise<void> {
    await killAll(this.home);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      // Whatever state it was left in: what has to end well is what the stories look at.
      await killAll(this.home);
    } finally {
      await removeSystemUsers(this.home);
      await this.#directory[Symbol.asyncDispose]();
    }
  }
}
