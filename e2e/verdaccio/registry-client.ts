import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NPM_MS = 60_000;

export type RegistryAddress = {
  readonly port: number;
  readonly host: string;
  readonly ca: string;
  readonly caFile: string;
  /** Where the edge is; loopback if left out. */
  readonly edge?: string;
};
export type Answer = { readonly status: number; readonly body: Buffer };

/** One HTTPS request on a connection of its own to the edge, whatever the resolver thinks of the name. */
export function ask(
  address: RegistryAddress,
  path: string,
  options: { method?: string; body?: string; token?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { host: `${address.host}:${address.port}` };
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
    const target = {
      host: address.edge ?? '127.0.0.1',
      port: address.port,
      servername: address.host,
      ca: address.ca,
      agent: false,
      path,
      headers,
    };
    const outgoing = request({ ...target, method: options.method ?? 'GET', timeout: 60_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer to ${path} within a minute`)));
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

/** What `npm adduser` sends; gives the token. */
export async function addUser(address: RegistryAddress, name: string): Promise<string> {
  const user = {
    _id: `org.couchdb.user:${name}`,
    name,
    password: `${name}-secret-1`,
    email: `${name}@example.com`,
    type: 'user',
    roles: [],
  };
  const answer = await ask(address, `/-/user/org.couchdb.user:${name}`, { method: 'PUT', body: JSON.stringify(user) });
  if (answer.status !== 201) throw new Error(`no account: ${answer.status} ${answer.body.toString()}`);
  return (JSON.parse(answer.body.toString()) as { token: string }).token;
}

/** The real npm, in a directory of its own, which never tries anything twice. */
export class NpmClient {
  readonly #directory: string;
  readonly #address: RegistryAddress;
  readonly #token: string;

  constructor(directory: string, address: RegistryAddress, token: string) {
    this.#directory = directory;
    this.#address = address;
    this.#token = token;
  }

  async publish(name: string, version: string): Promise<void> {
    const source = join(this.#directory, 'publish', `${name}-${version}`);
    await mkdir(source, { recursive: true });
    await this.#configure(source);
    await writeFile(join(source, 'package.json'), JSON.stringify({ name, version, main: 'index.js', license: 'MIT' }));
    await writeFile(join(source, 'index.js'), `module.exports = '${name}@${version}';\n${'// padding\n'.repeat(2000)}`);
    await this.#npm(['publish', '--provenance=false'], source);
  }

  /** Into an empty project with an empty cache, so that every byte comes from the registry. */
  async install(name: string, version: string): Promise<void> {
    const project = join(this.#directory, 'install');
    await rm(project, { recursive: true, force: true });
    await mkdir(project, { recursive: true });
    await this.#configure(project);
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer', version: '1.0.0', private: true }));
    await this.#npm(['install', `${name}@${version}`, '--prefer-online', '--cache', join(project, 'cache')], project);
    await run(process.execPath, ['-e', `if (require('${name}') !== '${name}@${version}') process.exit(1)`], { cwd: project });
  }

  async #configure(directory: string): Promise<void> {
    const { host, port, caFile } = this.#address;
    const settings = [
      `registry=https://${host}:${port}/`,
      `//${host}:${port}/:_authToken=${this.#token}`,
      `cafile=${caFile}`,
      // Retries would hide what this story looks for.
      'fetch-retries=0',
      'fetch-timeout=60000',
      'audit=false',
      'fund=false',
      'update-notifier=false',
    ];
    await writeFile(join(directory, '.npmrc'), `${settings.join('\n')}\n`, { mode: 0o600 });
  }

  async #npm(args: readonly string[], cwd: string): Promise<void> {
    const env = {
      PATH: process.env.PATH,
      HOME: this.#directory, // no settings of the person who runs this
      npm_config_globalconfig: join(this.#directory, 'global-npmrc'),
      // Node resolves *.localhost by the system, which may not know it; the edge is reached through a preload.
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'resolve-localhost.mjs')}`,
    };
    try {
      await run('npm', [...args, '--loglevel=http'], { cwd, env, timeout: NPM_MS });
    } catch (cause) {
      const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
      throw new Error(`npm ${args.join(' ')} failed:\n${stdout.slice(-2000)}\n${stderr.slice(-3000)}`, { cause });
    }
  }
}
