import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../load/connection.ts';
import { freePorts } from '../ports.ts';
import { answers, Program } from '../program.ts';

/**
 * A deploy as guides teach it: a proxy with a fixed address of the app; stop the service, swap the files, start it,
 * look whether it answers. The proxy is as friendly as one line can make it: it retries connections that are refused.
 */
export class GuideWay implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #directory: string;
  readonly #port: number;
  readonly #proxy: Program;
  #app: Program;

  private constructor(parts: { endpoint: Endpoint; directory: string; port: number; proxy: Program; app: Program }) {
    this.endpoint = parts.endpoint;
    this.#directory = parts.directory;
    this.#port = parts.port;
    this.#proxy = parts.proxy;
    this.#app = parts.app;
  }

  static async start(directory: string, source: string): Promise<GuideWay> {
    const [front = 0, port = 0] = await freePorts(2);
    cpSync(source, directory, { recursive: true });
    const configuration = join(directory, 'haproxy.cfg');
    writeFileSync(configuration, renderProxy(front, port));
    const app = startApp(directory, port);
    await app.until(() => answers(port));
    const proxy = new Program(['haproxy', '-db', '-f', configuration], { logFile: join(directory, 'haproxy.log') });
    await proxy.until(() => answers(front));
    return new GuideWay({
      endpoint: { secure: false, address: '127.0.0.1', port: front, host: 'localhost', ca: null },
      directory,
      port,
      proxy,
      app,
    });
  }

  /** `systemctl stop`, copy, `systemctl start`, `curl`. */
  async deploy(release: string): Promise<{ ms: number }> {
    const startedMs = performance.now();
    await this.#app.stop('SIGTERM');
    writeFileSync(join(this.#directory, 'release.js'), `export const release = '${release}';\n`);
    this.#app = startApp(this.#directory, this.#port);
    await this.#app.until(() => answers(this.#port));
    return { ms: performance.now() - startedMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy.stop('SIGKILL');
    await this.#app.stop('SIGKILL');
    await sleep(0);
  }
}

const startApp = (directory: string, port: number): Program =>
  new Program([process.execPath, join(directory, 'server.js')], {
    env: { PORT: String(port) },
    logFile: join(directory, 'app.log'),
  });

const renderProxy = (front: number, port: number): string => `global
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 10s
  timeout tunnel 1h
  retries 3
frontend public
  bind 127.0.0.1:${front}
  default_backend app
backend app
  server app 127.0.0.1:${port}
`;
