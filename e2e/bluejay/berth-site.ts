/** Bluejay on a platform of its own, deployed by the real command, with an administrator. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { AppStatus, Receipt } from '@berth/protocol';
import { ADMIN } from '../../apps/bluejay/testing/app-process.ts';
import { type Answered, PanelClient } from '../../apps/bluejay/testing/panel-client.ts';
import { berth, type Typed } from '../harness/command.ts';
import { StoryPlatform } from '../harness/platform.ts';
import { type Clone, cloneBluejay } from './clone.ts';

export const HOST = 'bluejay.localhost';
/** It keeps for two seconds which files are there and which are not. */
export const EDGE_LOOKS_WITHIN_MS = 10_000;
const DEPLOY_MS = 300_000;

export class BerthSite implements AsyncDisposable {
  readonly platform: StoryPlatform;
  readonly clone: Clone;
  #changes = 0;

  private constructor(platform: StoryPlatform, clone: Clone) {
    this.platform = platform;
    this.clone = clone;
  }

  static async open(): Promise<BerthSite> {
    await using started = new AsyncDisposableStack();
    const clone = started.use(await cloneBluejay());
    const platform = started.use(await StoryPlatform.open({ tls: 'off' }));
    const site = new BerthSite(platform, clone);
    await site.deploy();
    await site.#createAdmin();
    started.move();
    return site;
  }

  get stores(): string {
    return join(this.platform.home, 'apps/bluejay/stores');
  }

  get database(): string {
    return join(this.stores, 'db/bluejay.db');
  }

  get uploads(): string {
    return join(this.stores, 'uploads/uploads');
  }

  /** A changed source: a build, the release command and a switch. */
  async deploy(): Promise<Receipt> {
    const receipt = JSON.parse(expectGood(await this.tryDeploy()).stdout) as Receipt;
    assert.deepEqual([receipt.ok, receipt.changed], [true, true], JSON.stringify(receipt.error));
    return receipt;
  }

  /** However it ends. */
  tryDeploy(): Promise<Typed> {
    this.#changes += 1;
    this.clone.change(String(this.#changes));
    return this.try(['deploy', this.clone.app], { withinMs: DEPLOY_MS });
  }

  /** `berth … --json`; its answer. */
  async berth<T = Receipt>(words: readonly string[]): Promise<T> {
    return JSON.parse(expectGood(await this.try(words)).stdout) as T;
  }

  try(words: readonly string[], { withinMs = 120_000 } = {}): Promise<Typed> {
    return berth(this.platform.home, [...words, '--json'], { withinMs });
  }

  status(): Promise<AppStatus> {
    return this.platform.client.call('app', { params: { app: 'bluejay' } });
  }

  /** Logged in as the administrator, through the edge. */
  async panel(): Promise<PanelClient> {
    const client = this.visitor();
    await client.login(ADMIN);
    return client;
  }

  /** Somebody whom nobody knows, at the edge. */
  visitor(): PanelClient {
    return new PanelClient({ port: this.platform.httpPort, host: HOST });
  }

  /** One request to the edge. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    using visitor = this.visitor();
    return await visitor.send(path, { headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.platform[Symbol.asyncDispose]();
    await this.clone[Symbol.asyncDispose]();
  }

  async #createAdmin(): Promise<void> {
    const words = ['run', 'bluejay', '--', 'node', 'command.ts', 'create-admin', ADMIN.email, ADMIN.name, '--password-stdin'];
    expectGood(await berth(this.platform.home, words, { input: `${ADMIN.password}\n` }));
  }
}

export function expectGood(typed: Typed): Typed {
  assert.equal(typed.code, 0, `${typed.stdout}${typed.stderr}`);
  return typed;
}
