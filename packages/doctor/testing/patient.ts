/** A real platform with an app that falls ill as it is told, and the doctor looking at it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { AppStatus, Finding, Receipt } from '@berth/protocol';
import { waitUntil } from '@berth/testing';
import { StoryPlatform } from '../../../e2e/harness/platform.ts';
import { archive, readSource, type SourceFiles } from '../../../e2e/harness/source.ts';
import { ask } from '../../../e2e/harness/visitor.ts';
import { type Examination, type ExaminationOptions, examine } from '../examine.ts';
import { rules } from '../rules.ts';

const source = readSource(join(import.meta.dirname, 'patient'));

type Look = Omit<ExaminationOptions, 'home' | 'uid' | 'rules'> & { readonly withinMs?: number };

export class Patient implements AsyncDisposable {
  readonly platform: StoryPlatform;
  #turn = 0;

  constructor(platform: StoryPlatform) {
    this.platform = platform;
  }

  static async open(options: { tls?: 'on' | 'off'; manifest?: (text: string) => string } = {}): Promise<Patient> {
    const patient = new Patient(await StoryPlatform.open({ tls: options.tls ?? 'off' }));
    try {
      const receipt = await patient.deploy(options.manifest === undefined ? {} : { manifest: options.manifest });
      assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
      return patient;
    } catch (cause) {
      await patient[Symbol.asyncDispose]();
      throw cause;
    }
  }

  get home(): string {
    return this.platform.home;
  }

  get database(): string {
    return join(this.home, 'apps/patient/stores/db/patient.db');
  }

  /** `manifest` changes its own. */
  async deploy({
    files = {},
    manifest = (text) => text,
  }: {
    files?: SourceFiles;
    manifest?: (text: string) => string;
  } = {}): Promise<Receipt> {
    // Another source each time, so that there is a new release.
    this.#turn += 1;
    const sent = { ...source, 'turn.txt': String(this.#turn), 'berth.yaml': manifest(source['berth.yaml'] ?? ''), ...files };
    return this.platform.finished(await this.platform.client.call('deploy', { body: archive(sent), query: { force: true } }));
  }

  status(): Promise<AppStatus> {
    return this.platform.client.call('app', { params: { app: 'patient' } });
  }

  /** Of the instance that serves. */
  async instance(): Promise<{ readonly id: string; readonly pid: number; readonly port: number }> {
    return waitUntil(
      async () => {
        const found = (await this.status()).services[0]?.instances.find(({ state }) => state === 'healthy');
        return found?.pid && found.port ? { id: found.id, pid: found.pid, port: found.port } : null;
      },
      { what: 'the patient is well', withinMs: 20_000, everyMs: 100 },
    );
  }

  /** Gives an order, past the edge. */
  async order(name: string, values: Readonly<Record<string, string | number>> = {}): Promise<void> {
    const { port } = await this.instance();
    const query = new URLSearchParams(Object.entries(values).map(([key, value]): [string, string] => [key, String(value)]));
    const { status } = await ask(port, 'patient.localhost', { path: `/do/${name}?${query}` });
    assert.equal(status, 200, name);
  }

  look({ withinMs: _, ...options }: Look = {}, only?: string): Promise<Examination> {
    const chosen = only === undefined ? rules : rules.filter(({ id }) => id === only);
    assert.ok(chosen.length > 0, `there is no rule ${only}`);
    return examine({ home: this.home, uid: process.getuid?.() ?? 0, rules: chosen, ...options });
  }

  /** Looks with this rule until it finds something. */
  async finding(rule: string, options: Look = {}): Promise<Finding> {
    const found = await waitUntil(
      async () => {
        const { findings, blind } = await this.look(options, rule);
        assert.deepEqual(blind, []);
        return findings[0] ?? null;
      },
      { what: `${rule} found something`, withinMs: options.withinMs ?? 20_000, everyMs: 200 },
    );
    assert.equal(found.rule, rule);
    return found;
  }

  /** Looks with this rule until it finds nothing any more. */
  async cured(rule: string, options: Look = {}): Promise<void> {
    const isCured = async (): Promise<boolean> => {
      const { findings, blind } = await this.look(options, rule);
      return findings.length === 0 && blind.length === 0;
    };
    await waitUntil(isCured, { what: `${rule} found nothing any more`, withinMs: options.withinMs ?? 20_000, everyMs: 200 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.platform[Symbol.asyncDispose]();
  }
}

/** That it says what was seen, in words that hold all of these. */
export const says = (finding: Finding, ...words: readonly (string | RegExp)[]): void => {
  const text = [...finding.evidence, finding.cause, finding.fix].join('\n');
  for (const word of words)
    assert.match(text, typeof word === 'string' ? new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : word);
};
