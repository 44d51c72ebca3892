/** A platform of its own for one story: a home in a temporary directory, its daemon, and a client. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient, type Operation, type Receipt } from '@berth/protocol';
import { freePorts, temporaryDirectory, waitUntil } from '@berth/testing';
import { describeProcess, killProcess, processesOfHome } from './processes.ts';
import { removeSystemUsers } from './system-users.ts';

const DAEMON = join(import.meta.dirname, '..', '..', 'programs', 'daemon', 'main.ts');
export const BY = 'story';

/** A directory that goes when the story ends. */
export type Home = AsyncDisposable & { readonly path: string };

export class StoryPlatform implements AsyncDisposable {
  readonly #directory: Home;
  readonly httpPort: number;
  /** null when everything is answered in clear text. */
  readonly httpsPort: number | null;
  readonly client: Client;
  #daemon: ChildProcess | undefined;

  private constructor(directory: Home, ports: { http: number; https: number | null }) {
    this.#directory = directory;
    this.httpPort = ports.http;
    this.httpsPort = ports.https;
    this.client = createClient({ socketPath: join(directory.path, 'run', 'berthd.sock'), by: BY });
  }

  static async open({ tls, home }: { tls: 'on' | 'off'; home?: Home }): Promise<StoryPlatform> {
    const [http = 0, https = 0] = await freePorts(2);
    const platform = new StoryPlatform(home ?? (await temporaryDirectory()), { http, https: tls === 'on' ? https : null });
    try {
      await platform.start();
      return platform;
    } catch (cause) {
      await platform.#leaveNothing();
      throw cause;
    }
  }

  get home(): string {
    return this.#directory.path;
  }

  /** Starts the daemon; with a fault it kills itself when it reaches that point. */
  async start(fault?: string): Promise<void> {
    const log = openSync(join(this.home, 'berthd.log'), 'a');
    const settings = { httpPort: this.httpPort, httpsPort: this.httpsPort, addresses: ['127.0.0.1'] };
    const daemon = spawn(process.execPath, [DAEMON], {
      stdio: ['ignore', log, log],
      detached: true,
      env: {
        ...process.env,
        BERTH_HOME: this.home,
        BERTH_SETTINGS: JSON.stringify(settings),
        ...(fault && { BERTH_FAULT: fault }),
      },
    });
    closeSync(log);
    this.#daemon = daemon;
    await waitUntil(() => daemon.exitCode !== null || this.isAnswering(), { what: 'the daemon to answer', withinMs: 30_000 });
    // One that died of its fault while it went on with an operation has done what it was started for.
    if (daemon.exitCode !== null) throw new Error(`the daemon ended: ${this.log().slice(-2_000)}`);
  }

  async isAnswering(): Promise<boolean> {
    return this.client.call('settings', {}).then(
      () => true,
      () => false,
    );
  }

  log(): string {
    return readFileSync(join(this.home, 'berthd.log'), 'utf8');
  }

  /** As the kernel or a power cut would. */
  async kill(): Promise<void> {
    this.#daemon?.kill('SIGKILL');
    await this.died();
  }

  /** Resolves when the daemon has ended, however it did. */
  async died(withinMs = 60_000): Promise<void> {
    const daemon = this.#daemon;
    await waitUntil(() => daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null, {
      what: 'the daemon to die',
      withinMs,
    });
  }

  isAlive(): boolean {
    return this.#daemon !== undefined && this.#daemon.exitCode === null && this.#daemon.signalCode === null;
  }

  /** A clean end of the daemon alone. */
  async stop(): Promise<void> {
    this.#daemon?.kill('SIGTERM');
    await this.died();
  }

  /** Follows an operation to its end. */
  finished(operation: Operation): Promise<Receipt> {
    return finished(this.client, operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.isAlive()) await this.start();
      await this.client.call('shutdown', { body: { everything: true } });
      await this.died();
      await this.#untilNothingRuns();
    } finally {
      await this.#leaveNothing();
    }
  }

  async #untilNothingRuns(): Promise<void> {
    const left = () => processesOfHome(this.home);
    await waitUntil(() => left().length === 0, { what: `no process of ${this.home} to be left`, withinMs: 10_000 }).catch(
      (cause: unknown) => {
        throw new Error(`still there: ${left().map(describeProcess).join('; ')}`, { cause });
      },
    );
  }

  /** However the story went: the next one must not meet what this one left. */
  async #leaveNothing(): Promise<void> {
    for (const pid of processesOfHome(this.home)) killProcess(pid);
    await this.#untilNothingRuns();
    await removeSystemUsers(this.home);
    await this.#directory[Symbol.asyncDispose]();
  }
}

/** Follows an operation to its end. */
export const finished = async (client: Client, operation: Operation): Promise<Receipt> => {
  for await (const _ of client.stream('events', { query: { operation: operation.id, follow: true } }));
  return client.call('receipt', { params: { app: operation.app, operation: operation.id } });
};
