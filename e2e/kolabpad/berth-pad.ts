/** Kolabpad on a platform of its own, deployed by the real command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Operation, Receipt } from '@berth/protocol';
import { waitUntil } from '@berth/testing';
import { readProcess } from '@berth/host';
import type { ClientOptions } from 'ws';
import { StoryPlatform } from '../harness/platform.ts';
import { killProcess } from '../harness/processes.ts';
import { type BuildKind, type Clone, cloneKolabpad } from './clone.ts';
import type { ServedText } from './verdict.ts';

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

const CLI = join(import.meta.dirname, '../../programs/cli/main.ts');
const params = { app: 'kolabpad' };
const HOST = 'kolabpad.localhost';

export class BerthPad implements AsyncDisposable {
  readonly platform: StoryPlatform;
  readonly clone: Clone;
  #changes = 0;

  private constructor(platform: StoryPlatform, clone: Clone) {
    this.platform = platform;
    this.clone = clone;
  }

  static async open(build: BuildKind): Promise<BerthPad> {
    await using started = new AsyncDisposableStack();
    const clone = started.use(await cloneKolabpad(build));
    const platform = started.use(await StoryPlatform.open({ tls: 'off' }));
    const pad = new BerthPad(platform, clone);
    await pad.deploy();
    started.move();
    return pad;
  }

  get database(): string {
    return join(this.platform.home, 'apps/kolabpad/stores/db/kolabpad.db');
  }

  /** Through the edge, each client from a source address of its own. */
  address(document: string, client = 0): { url: string; options: ClientOptions } {
    const localAddress = `127.1.${client >> 8}.${(client & 255) + 1}`;
    const url = `ws://127.0.0.1:${this.platform.httpPort}/api/socket/${document}`;
    return { url, options: { localAddress, headers: { host: HOST } } };
  }

  async pid(): Promise<number> {
    const { apps } = await this.platform.client.call('status', {});
    const pid = apps[0]?.services[0]?.instances[0]?.pid;
    assert.ok(typeof pid === 'number', 'one instance runs');
    return pid;
  }

  /** As the kernel would; resolves when the process is gone. */
  async kill(): Promise<void> {
    const pid = await this.pid();
    killProcess(pid);
    await waitUntil(() => readProcess(pid) === null, { what: `process ${pid} was gone` });
  }

  /** A changed source: a build and a handover. */
  async deploy(): Promise<Receipt> {
    this.#changes += 1;
    this.clone.change(String(this.#changes));
    const { stdout } = await this.berth(['deploy', this.clone.app, '--json']);
    return expectChanged(JSON.parse(stdout) as Receipt);
  }

  /** Changed variables: a handover without a build. */
  async configure(changes: Readonly<Record<string, string>> = {}): Promise<Receipt> {
    this.#changes += 1;
    const body = { changes: { TURN: String(this.#changes), ...changes } };
    return expectChanged(await this.#finished(await this.platform.client.call('changeEnvironment', { params, body })));
  }

  async rollback(): Promise<Receipt> {
    return expectChanged(await this.#finished(await this.platform.client.call('rollback', { params, body: {} })));
  }

  /** A clean end of the instance. */
  async stop(): Promise<Receipt> {
    return this.#finished(await this.platform.client.call('stop', { params }));
  }

  async berth(words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return promisify(execFile)(process.execPath, [CLI, ...words], { env: { ...process.env, BERTH_HOME: this.platform.home } });
  }

  /** One request to the edge; `from`: the source address, `headers` beside Host. */
  async get(path: string, { from, headers = {} }: { from?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    const target = { host: '127.0.0.1', port: this.platform.httpPort, path, agent: false, headers: { host: HOST, ...headers } };
    const asking = request({ ...target, ...(from && { localAddress: from }) }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') };
  }

  async read(documents: readonly string[]): Promise<Map<string, ServedText>> {
    const texts = new Map<string, ServedText>();
    for (const document of documents) {
      const answer = await fetch(`http://127.0.0.1:${this.clone.port}/api/text/${document}`);
      texts.set(document, { text: await answer.text(), revision: Number(answer.headers.get('x-revision') ?? -1) });
    }
    return texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.platform[Symbol.asyncDispose]();
    await this.clone[Symbol.asyncDispose]();
  }

  async #finished(operation: Operation): Promise<Receipt> {
    return expectGood(await this.platform.finished(operation));
  }
}

function expectGood(receipt: Receipt): Receipt {
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  return receipt;
}

/** Another release serves than before. */
function expectChanged(receipt: Receipt): Receipt {
  assert.equal(expectGood(receipt).changed, true);
  return receipt;
}
