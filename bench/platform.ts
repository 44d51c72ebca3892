import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Endpoint } from './load/connection.ts';
import { removeSystemUsers } from '../e2e/harness/system-users.ts';
import { freePorts } from './ports.ts';

/** What `berth … --json` prints, as far as it is used here. */
export type Receipt = {
  readonly operation: number;
  readonly app: string;
  readonly release: number;
  readonly ok: boolean;
  readonly ms: number;
  readonly steps: readonly { readonly name: string; readonly ms: number | null }[];
  readonly requests: { readonly served: number; readonly held: number; readonly failed: number };
};
export type Instance = { readonly id: string; readonly pid: number | null; readonly port: number | null; readonly state: string };
export type Status = {
  readonly daemon: { readonly pid: number; readonly version: string };
  readonly edge: { readonly processes: readonly { readonly name: string; readonly pid: number }[] };
  readonly apps: readonly {
    readonly app: string;
    readonly release: number | null;
    readonly services: readonly {
      readonly service: string;
      readonly address: string | null;
      readonly instances: readonly Instance[];
    }[];
  }[];
};
type Started = {
  readonly ca: string;
  readonly apps: readonly { readonly app: string; readonly url: string; readonly state: string }[];
};

const BERTH = join(import.meta.dirname, '..', 'berth');
const COMMAND_MS = 300_000;
const run = promisify(execFile);

/** A platform of its own in a temporary home, driven through the command line as anybody would. Leaving the block ends it. */
export class Platform implements AsyncDisposable {
  readonly home: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  #ca = '';

  private constructor(home: string, ports: { http: number; https: number }) {
    this.home = home;
    this.httpPort = ports.http;
    this.httpsPort = ports.https;
  }

  static async start(directories: readonly string[], options: { tls: 'on' | 'off' } = { tls: 'on' }): Promise<Platform> {
    // Apps run as users of their own, who must be able to pass through the home but not to list it.
    const home = mkdtempSync(join(tmpdir(), 'berth-bench-'));
    chmodSync(home, 0o711);
    const [http = 0, https = 0] = await freePorts(2);
    const platform = new Platform(home, { http, https });
    try {
      const ports = ['--http', String(http), ...(options.tls === 'on' ? ['--https', String(https)] : ['--tls', 'off'])];
      const started = (await platform.berth(['up', ...directories, '--detach', ...ports])) as Started;
      platform.#ca = started.ca === null ? '' : readFileSync(started.ca, 'utf8');
      return platform;
    } catch (cause) {
      await platform[Symbol.asyncDispose]();
      throw cause;
    }
  }

  /** One command; gives what it printed. Throws with all output when it fails. */
  async berth(args: readonly string[]): Promise<unknown> {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, BERTH_HOME: this.home };
    try {
      const { stdout } = await run(BERTH, [...args, '--json'], { env, timeout: COMMAND_MS, maxBuffer: 64 * 1024 * 1024 });
      return stdout.trim() === '' ? null : JSON.parse(stdout);
    } catch (cause) {
      const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
      throw new Error(`berth ${args.join(' ')} failed:\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`, { cause });
    }
  }

  async deploy(directory: string): Promise<Receipt> {
    return (await this.berth(['deploy', directory])) as Receipt;
  }

  async rollback(app: string): Promise<Receipt> {
    return (await this.berth(['rollback', app])) as Receipt;
  }

  async remove(app: string): Promise<void> {
    await this.berth(['rm', app, '--yes', '--purge']);
  }

  async status(): Promise<Status> {
    return (await this.berth(['ps'])) as Status;
  }

  /** Where `https://HOST.localhost:PORT` is reached. */
  endpoint(host: string): Endpoint {
    return { secure: true, address: '127.0.0.1', port: this.httpsPort, host: `${host}.localhost`, ca: this.#ca };
  }

  get ca(): string {
    return this.#ca;
  }

  /** Processes that belong to this home: they run in it, or were told of it. */
  processes(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid && belongsTo(pid, this.home));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.berth(['down']).catch((cause: Error) => process.stderr.write(`${cause.message}\n`));
    const deadline = performance.now() + 5_000;
    while (this.processes().length > 0 && performance.now() < deadline) await sleep(50);
    for (const pid of this.processes()) {
      process.stderr.write(`left behind by berth down: ${pid} ${commandOf(pid)}\n`);
      try {
        process.kill(pid, 'SIGKILL');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
      }
    }
    // `berth down` keeps the users that Berth made, as the home's files are theirs; here the home goes.
    await removeSystemUsers(this.home);
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The command line of a process; empty when it is gone. */
export function commandOf(pid: number): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

function belongsTo(pid: number, home: string): boolean {
  if (readProc(pid, 'stat').includes(') Z ')) return false;
  if (commandOf(pid).includes(home) || readProc(pid, 'environ').includes(home)) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(home);
  } catch {
    return false; // ended since it was listed
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // ended since it was listed
  }
}
