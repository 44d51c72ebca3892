/** The app `ledger` on a platform, and people who write into it and look whether it is still there. */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { join } from 'node:path';
import type { AppStatus, Receipt } from '@berth/protocol';
import { waitUntil } from '@berth/testing';
import { berth } from './command.ts';
import type { StoryPlatform } from './platform.ts';
import { archive, readSource, type SourceFiles } from './source.ts';
import { ask, Visitor } from './visitor.ts';

const HOST = 'ledger.localhost';
const source = readSource(join(import.meta.dirname, '..', 'apps', 'ledger'));

export type Entry = { readonly token: string; readonly release: number };
type Committed = { readonly release: number; readonly ms: number };

export class Ledger {
  readonly platform: StoryPlatform;

  constructor(platform: StoryPlatform) {
    this.platform = platform;
  }

  get database(): string {
    return join(this.platform.home, 'apps/ledger/stores/db/ledger.db');
  }

  /** `manifest` is added to its own. */
  async deploy({ files = {}, manifest = '' }: { files?: SourceFiles; manifest?: string } = {}): Promise<Receipt> {
    const sent = { ...source, 'berth.yaml': `${source['berth.yaml'] ?? ''}${manifest}`, ...files };
    return this.platform.finished(await this.platform.client.call('deploy', { body: archive(sent), query: {} }));
  }

  /** The source of its server, changed. */
  server(change: (text: string) => string): SourceFiles {
    const text = source['server.js'] ?? '';
    const changed = change(text);
    assert.notEqual(changed, text);
    return { 'server.js': changed };
  }

  async ask<T>(path: string, agent?: Agent): Promise<T> {
    const { status, body } = await ask(this.platform.httpPort, HOST, { path, ...(agent && { agent }) });
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${body.slice(0, 200)}`);
    return JSON.parse(body) as T;
  }

  add(token: string, { bytes = 100, agent }: { bytes?: number; agent?: Agent } = {}): Promise<Committed> {
    return this.ask(`/add?token=${token}&bytes=${bytes}`, agent);
  }

  /** Whole megabytes of what cannot be compressed. */
  fill(megabytes: number, prefix: string): Promise<Committed> {
    return this.ask(`/fill?rows=${megabytes * 64}&bytes=${(1 << 20) / 64}&prefix=${prefix}`);
  }

  async entries(): Promise<readonly Entry[]> {
    return (await this.ask<{ entries: Entry[] }>('/list')).entries;
  }

  async tokens(): Promise<Set<string>> {
    return new Set((await this.entries()).map(({ token }) => token));
  }

  async status(): Promise<AppStatus> {
    return this.platform.client.call('app', { params: { app: 'ledger' } });
  }

  /** At every target: what is there now. */
  async backup(label: string): Promise<string> {
    const operation = await this.platform.client.call('backup', { params: { app: 'ledger' }, body: { label } });
    const receipt = await this.platform.finished(operation);
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
    assert.ok(receipt.restorePoint);
    return receipt.restorePoint;
  }

  /** Protected where `target` says. */
  async untilSafe(target: string, withinMs = 60_000): Promise<void> {
    const isThere = async (): Promise<boolean> => {
      const [store] = (await this.status()).stores;
      return store?.targets.some((it) => it.target === target && it.lagMs !== null && it.reason === null) === true;
    };
    await waitUntil(isThere, { what: `the ledger was at ${target}`, withinMs, everyMs: 200 });
  }

  /** `berth` with `--json`; its answer. */
  async berth<T = Receipt>(words: readonly string[], options: { code?: number; env?: Record<string, string> } = {}): Promise<T> {
    const { code, stdout, stderr } = await berth(this.platform.home, [...words, '--json'], options);
    assert.equal(code, options.code ?? 0, `berth ${words.join(' ')}:\n${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }
}

/** People who write and read without a pause, through the edge, and remember what they were promised. */
export class Writers implements AsyncDisposable {
  /** Every token whose write was acknowledged, with the release that did. */
  readonly promised: Entry[] = [];
  /** The slowest commit, as the app measured it, since the last `forget`. */
  slowestMs = 0;
  #commits: number[] = [];
  readonly #visitors: readonly Visitor[];

  constructor(
    ledger: Ledger,
    { writers = 2, pauseMs = 10, name = 'w' }: { writers?: number; pauseMs?: number; name?: string } = {},
  ) {
    this.#visitors = Array.from({ length: writers }, (_, writer) => {
      let turn = 0;
      return new Visitor(async (agent) => {
        const token = `${name}${writer}.${turn}`;
        turn += 1;
        const { release, ms } = await ledger.add(token, { agent });
        this.promised.push({ token, release });
        this.#commits.push(ms);
        this.slowestMs = Math.max(this.slowestMs, ms);
        await ledger.ask(`/has?token=${token}`, agent);
      }, pauseMs);
    });
  }

  get failures(): readonly string[] {
    return this.#visitors.flatMap(({ failures }) => failures);
  }

  /** Each turn is a write and a read. */
  get requests(): number {
    return this.#visitors.reduce((sum, { requests }) => sum + 2 * requests, 0);
  }

  /** Until so many more writes were acknowledged. */
  async more(writes: number, withinMs = 60_000): Promise<void> {
    const goal = this.promised.length + writes;
    await waitUntil(() => this.promised.length >= goal, { what: `${writes} more writes were acknowledged`, withinMs }).catch(
      (cause: unknown) => {
        throw new Error(`writers are stuck: ${this.failures.slice(-3).join('; ')}`, { cause });
      },
    );
  }

  /** Commit times since the last call, in words. */
  commitTimes(): string {
    const times = this.#commits.toSorted((a, b) => a - b);
    this.#commits = [];
    this.slowestMs = 0;
    const at = (share: number): string => `${(times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(1)} ms`;
    return `${times.length} commits: median ${at(0.5)}, 99 % within ${at(0.99)}, slowest ${at(1)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#visitors.map((visitor) => visitor[Symbol.asyncDispose]()));
  }
}
