/** The app as a process of its own session, over a catalogue that was written before, as it runs behind an edge. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ADMIN } from '../../apps/bluejay/testing/app-process.ts';
import { PanelClient } from '../../apps/bluejay/testing/panel-client.ts';
import { freePorts } from '../ports.ts';
import { answers, Program } from '../program.ts';

const APP = join(import.meta.dirname, '../../apps/bluejay');
const run = promisify(execFile);
/** As its manifest has it. */
const FLAGS = ['--max-old-space-size=192', '--max-semi-space-size=8'];

export type SiteOptions = {
  /** Of `makeCatalogue`. */
  readonly data: string;
  readonly cacheMb?: number;
  /** `info`, as it is deployed, writes a line for each request. */
  readonly logLevel?: 'info' | 'warn';
};

const variables = (data: string): Record<string, string> => ({
  NODE_ENV: 'production',
  ENVIRONMENT: 'production',
  SESSION_SECRET: 'a secret of the benchmark with 0123456789 many bytes',
  SITE_BASE_URL: 'https://www.example.com',
  DATABASE_PATH: join(data, 'bluejay.db'),
  UPLOADS_PATH: join(data, 'uploads'),
});

/** A directory with a migrated database, an administrator and so many products. */
export async function makeCatalogue(scratch: string, products: number): Promise<string> {
  const data = mkdtempSync(join(scratch, 'catalogue-'));
  const env = { ...process.env, ...variables(data) };
  await run(process.execPath, [join(APP, 'command.ts'), 'migrate'], { env, cwd: data });
  const words = [join(APP, 'command.ts'), 'create-admin', ADMIN.email, ADMIN.name, '--password-stdin'];
  const creating = run(process.execPath, words, { env, cwd: data });
  creating.child.stdin?.end(`${ADMIN.password}\n`);
  await creating;
  const seeding = [join(import.meta.dirname, 'seed-process.ts'), join(data, 'bluejay.db'), String(products)];
  await run(process.execPath, seeding, { env, cwd: data });
  return data;
}

/** For what writes: the original stays as it was made. */
export function copyOf(data: string): string {
  const copy = mkdtempSync(`${data}-`);
  cpSync(data, copy, { recursive: true });
  return copy;
}

/** Leaving the block ends it. */
export class Site implements AsyncDisposable {
  readonly port: number;
  readonly #program: Program;

  private constructor(port: number, program: Program) {
    this.port = port;
    this.#program = program;
  }

  static async start({ data, cacheMb = 32, logLevel = 'info' }: SiteOptions): Promise<Site> {
    const [port = 0] = await freePorts(1);
    const program = new Program([process.execPath, ...FLAGS, join(APP, 'main.ts')], {
      cwd: data,
      env: { ...variables(data), PORT: String(port), CACHE_MB: String(cacheMb), LOG_LEVEL: logLevel, LOG_FORMAT: 'json' },
      logFile: join(data, 'site.log'),
    });
    const site = new Site(port, program);
    await program
      .until(() => answers(port, '/ready'))
      .catch(async (cause: unknown) => {
        await site[Symbol.asyncDispose]();
        throw cause;
      });
    return site;
  }

  get pid(): number {
    return this.#program.pid;
  }

  visitor(): PanelClient {
    return new PanelClient({ port: this.port });
  }

  async panel(): Promise<PanelClient> {
    const client = this.visitor();
    await client.login(ADMIN);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop('SIGKILL');
  }
}
