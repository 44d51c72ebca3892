import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../load/connection.ts';
import { freePorts } from '../ports.ts';
import { answers, Program } from '../program.ts';
import type { Dialect } from './editor.ts';
import { type FileLimit, fileLimit } from './file-limit.ts';
import { Inspector } from './inspector.ts';

export type ServerName = 'kolabpad' | 'broadcast';
type Recipe = {
  readonly dialect: Dialect;
  readonly program: string;
  readonly env: (directory: string) => Readonly<Record<string, string>>;
};

const ROOT = join(import.meta.dirname, '../..');
/** Beyond any load here: what is measured is the work, not the limits. */
export const NO_LIMITS = {
  MAX_SOCKETS_PER_ADDRESS: '1000000',
  MAX_SOCKETS_PER_DOCUMENT: '1000000',
  MESSAGES_PER_SECOND: '1000000',
} as const;
const STOP_MS = 60_000;

const recipes: Readonly<Record<ServerName, Recipe>> = {
  kolabpad: {
    dialect: 'kolabpad',
    program: join(ROOT, 'apps/kolabpad/main.ts'),
    env: (directory) => ({
      ...NO_LIMITS,
      SQLITE_URI: join(directory, 'kolabpad.db'),
      BACKEND_LOG_LEVEL: 'warn',
      NODE_ENV: 'production',
    }),
  },
  broadcast: { dialect: 'relay', program: join(import.meta.dirname, 'broadcast-server.ts'), env: () => ({}) },
};

/** One of the two that are compared, alone in a process with a directory of its own. Leaving the block ends it. */
export class Server implements AsyncDisposable {
  readonly name: ServerName;
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
  readonly openFiles: number;
  readonly #program: Program;
  readonly #directory: string;
  readonly #inspectorPort: number;

  private constructor(
    name: ServerName,
    parts: { program: Program; directory: string; ports: readonly number[]; limit: FileLimit },
  ) {
    const [port = 0, inspectorPort = 0] = parts.ports;
    this.name = name;
    this.dialect = recipes[name].dialect;
    this.endpoint = { secure: false, address: '127.0.0.1', port, host: '127.0.0.1', ca: null };
    this.openFiles = parts.limit.openFiles;
    this.#program = parts.program;
    this.#directory = parts.directory;
    this.#inspectorPort = inspectorPort;
  }

  static async start(name: ServerName, scratch: string, openFiles = 20_000): Promise<Server> {
    const directory = mkdtempSync(join(scratch, `${name}-`));
    const ports = await freePorts(2);
    const limit = fileLimit(openFiles);
    const { program: file, env } = recipes[name];
    const command = [process.execPath, `--inspect=127.0.0.1:${ports[1]}`, '--max-old-space-size=8192', file];
    const [first = process.execPath, ...rest] = [...limit.argv, ...command];
    const program = new Program([first, ...rest], {
      cwd: directory,
      env: { PORT: String(ports[0]), ...env(directory) },
      logFile: join(directory, 'server.log'),
    });
    const server = new Server(name, { program, directory, ports, limit });
    await program
      .until(() => answers(server.endpoint.port))
      .catch(async (cause: unknown) => {
        await server[Symbol.asyncDispose]();
        throw cause;
      });
    return server;
  }

  get pid(): number {
    return this.#program.pid;
  }

  inspect(): Promise<Inspector> {
    return Inspector.open(this.#inspectorPort);
  }

  /** Asks it to end, as a deploy would; gives how long that took. */
  async stop(): Promise<{ ms: number }> {
    const startedMs = performance.now();
    await this.#program.stop('SIGTERM', STOP_MS);
    return { ms: Math.round(performance.now() - startedMs) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
