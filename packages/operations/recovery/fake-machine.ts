/** A platform that was lost, as its targets remember it, and an empty place to recover it to. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '@berth/core';
import { homeLayout } from '@berth/host';
import { type Journal, openJournal } from '@berth/journal';
import { createDirectoryTarget } from '@berth/replicate';
import { createIdentity, recipientOf, unwrap, wrap } from '@berth/secrets';
import type { ProtectedStore, StoreMoment, StoreRange } from '@berth/stores';
import { openVault, type Vault, type VaultAccess } from '@berth/vault';
import { exampleService, manifestOf } from '../testing/manifests.ts';
import type { KeySealer, RecoveryDeps, RecoveryEvent } from './deps.ts';

export const VAULT = 'b5a1c0de-0000-4000-8000-000000000001';
export const T0 = Date.parse('2026-02-10T12:00:00.000Z');
const MINUTE_MS = 60_000;

/** States of stores and trees by target: `null` content is damaged. */
export type Holdings = Map<string, { readonly atMs: number; readonly content: string | Buffer | null }[]>;

export type LostMachine = {
  readonly directory: string;
  readonly identity: string;
  readonly targets: ReadonlyMap<string, { readonly path: string; readonly stores: Holdings; readonly trees: Holdings }>;
  /** Targets that do not answer. */
  readonly silent: Set<string>;
  readonly events: RecoveryEvent[];
  home: string;
  nowMs: number;
  vault(target: string): Promise<Vault>;
  deps(fault?: (point: string) => void): RecoveryDeps;
};

/** Two targets with the same; an app `notes` with two stores, and one `site` that has none. */
export async function loseMachine(directory: string): Promise<LostMachine> {
  const identity = await createIdentity();
  const sealer = keySealer(identity);
  const targets = new Map<string, { path: string; stores: Holdings; trees: Holdings }>();
  const silent = new Set<string>();
  const events: RecoveryEvent[] = [];
  const machine: LostMachine = {
    ...{ directory, identity, targets, silent, events },
    home: join(directory, 'new'),
    nowMs: T0 + 60 * MINUTE_MS,
    vault: (name) => openOwn(name),
    deps: (fault = () => undefined) => depsOf(machine, sealer, fault),
  };
  const openOwn = (name: string) => {
    const path = targets.get(name)?.path ?? '';
    return openVault({ target: createDirectoryTarget(path), identity, vault: VAULT, create: { now: T0 } });
  };
  for (const name of ['near', 'far']) {
    const path = join(directory, name);
    await mkdir(path);
    targets.set(name, { path, stores: new Map(), trees: new Map() });
    const vault = await openOwn(name);
    await vault.claim({ id: 'old', host: 'old.example' }, { now: T0, takeOver: false });
    await vault.putPoint({ number: 9, app: 'notes', at: T0 + 50, kind: 'manual', label: null, release: 2, positions: {} });
  }
  await mkdir(join(directory, 'old'));
  const file = join(directory, 'old', 'journal.db');
  const early = await journalAt(file, (journal) => fillEarly(journal, { machine, sealer }));
  const late = await journalAt(file, (journal) => fillLate(journal));
  for (const { stores, trees } of targets.values()) {
    stores.set('platform', [
      { atMs: T0, content: early },
      { atMs: T0 + 100, content: late },
    ]);
    stores.set('s-main', [
      { atMs: T0, content: 'early rows' },
      { atMs: T0 + 100, content: 'late rows' },
    ]);
    stores.set('s-files', [{ atMs: T0 - 500, content: 'pictures' }]);
    trees.set('build-b1', [{ atMs: T0 - 900, content: 'first build' }]);
    trees.set('build-b2', [{ atMs: T0 - 800, content: 'second build' }]);
    trees.set('authority', [{ atMs: T0 - 950, content: 'root' }]);
  }
  return machine;
}

export const oldHome = (directory: string): string => join(directory, 'old');

const service = exampleService('web');
const stores = [
  { name: 'main', kind: 'sqlite' as const, path: 'main.db' },
  { name: 'pictures', kind: 'files' as const, path: '.' },
];

type Filling = { readonly machine: LostMachine; readonly sealer: KeySealer };

async function fillEarly(journal: Journal, { machine, sealer }: Filling): Promise<void> {
  journal.settings.set('installation', { id: 'old', host: 'old.example' });
  journal.settings.set('vault', { id: VAULT });
  for (const name of ['local', ...machine.targets.keys()]) {
    const key = name === 'local' ? randomBytes(32) : (await machine.vault(name)).dataKey;
    const path = machine.targets.get(name)?.path ?? join(oldHome(machine.directory), 'vault');
    const dataKey = await sealer.seal(Buffer.from(key).toString('base64'));
    journal.targets.put({ name, url: `dir:${path}`, credentials: null, dataKey });
  }
  for (const [app, manifest] of [
    ['notes', manifestOf([service, exampleService('worker', { networked: false })], { app: 'notes', stores })],
    ['site', manifestOf([service], { app: 'site' })],
  ] as const) {
    journal.apps.ensure(app);
    const content = { app, digest: 'd1', build: 'b1', commit: null, manifest, variables: {}, secrets: {}, by: 'me', changes: [] };
    journal.releases.add(content);
    journal.releases.setState(app, 1, 'good');
    journal.apps.update(app, { state: 'running', release: 1 });
    journal.apps.setAddress(app, 'web', app === 'notes' ? 20_001 : 20_002);
  }
  journal.stores.put({ id: 's-main', app: 'notes', name: 'main', kind: 'sqlite', path: 'main.db' });
  journal.stores.put({ id: 's-files', app: 'notes', name: 'pictures', kind: 'files', path: '.' });
}

/** A second release of `notes` serves; a third was on its way when the machine was lost, and everything else was busy. */
async function fillLate(journal: Journal): Promise<void> {
  const first = journal.releases.get('notes', 1);
  const { number: _, createdAt: __, state: ___, ...content } = first;
  const commit = { hash: 'c0ffee'.padEnd(40, '0'), dirty: false };
  for (const build of ['b2', 'b3']) journal.releases.add({ ...content, build, digest: build, commit });
  journal.releases.setState('notes', 2, 'good');
  journal.apps.update('notes', { release: 2, previous: 1, scale: { web: 2 } });
  const died = { atMs: T0, healthyForMs: 0 };
  for (const [id, want] of [
    ['notes.web.2-aaaaaa', 'serving'],
    ['notes.web.3-bbbbbb', 'standby'],
    ['notes.worker.2-cccccc', 'parked'],
  ] as const) {
    const [, name = ''] = id.split('.');
    journal.instances.add({ id, app: 'notes', service: name, release: 2, port: null, want });
    journal.instances.update(id, { deaths: [died, died], restarts: 7, stopping: true });
  }
  const operation = journal.operations.add({ app: 'notes', kind: 'deploy', by: 'me', input: {}, steps: ['build', 'switch'] });
  journal.operations.update(operation.id, { state: 'running', startedAt: new Date(T0).toISOString(), release: 3 });
  journal.operations.updateStep(operation.id, 0, { state: 'running', startedAt: new Date(T0).toISOString() });
  journal.instances.arm('notes', 'web', operation.id);
  const baseline = { requests: 0, errors: 0, durationsMs: [] };
  journal.bakes.begin({ app: 'notes', release: 2, previous: 1, baseline: baseline as never });
}

async function journalAt(file: string, fill: (journal: Journal) => Promise<void>): Promise<Buffer> {
  const journal = openJournal(file, { now: () => new Date(T0) });
  await fill(journal);
  journal.close();
  return readFileSync(file);
}

function keySealer(identity: string): KeySealer {
  return {
    seal: async (text) => wrap(Buffer.from(text), await recipientOf(identity)),
    open: async (_name, sealed) => Buffer.from(await unwrap(sealed, identity)).toString('utf8'),
  };
}

function depsOf(machine: LostMachine, sealer: KeySealer, fault: (point: string) => void): RecoveryDeps {
  const { targets, silent, identity } = machine;
  const holdings = (access: VaultAccess, what: 'stores' | 'trees', id: string) => {
    if (silent.has(access.name)) throw new BerthError('TARGET_FAILED', `${access.name} does not answer`, { hint: 'wait' });
    return targets.get(access.name)?.[what].get(id) ?? [];
  };
  const ranges = async ({ id }: ProtectedStore, at: VaultAccess): Promise<StoreRange[]> => {
    const states = holdings(at, 'stores', id);
    const [first, last] = [states[0], states.at(-1)];
    return first && last ? [{ fromMs: first.atMs, toMs: last.atMs, resolution: 'every-change', states: null }] : [];
  };
  const choose = (states: ReturnType<typeof holdings>, to: StoreMoment) =>
    states.findLast(({ atMs }) => to === 'latest' || ('at' in to && atMs <= to.at.getTime()));
  const driver = (kind: 'sqlite' | 'files'): RecoveryDeps['drivers']['sqlite'] => ({
    ranges,
    parts: (path) => (kind === 'sqlite' ? [path, `${path}-wal`] : [path]),
    async restore({ store, from, to, into }) {
      const state = choose(holdings(from, 'stores', store.id), to);
      if (!state || state.content === null) throw new BerthError('REPLICA_BROKEN', 'it is damaged', { hint: 'another target' });
      if (kind === 'files') await mkdir(into);
      await writeFile(kind === 'files' ? join(into, 'content') : into, state.content, { flag: 'wx' });
      return { atMs: state.atMs, bytes: state.content.length, evidence: 'equal', ms: 1 };
    },
  });
  let installations = 0;
  return {
    layout: homeLayout(machine.home),
    // As somebody without root: nothing gets another owner.
    uid: 1_000,
    kit: {
      ...{ vault: VAULT, identity },
      targets: [...targets].map(([name, { path }]) => ({ name, url: `dir:${path}` })),
    },
    newInstallation: () => ({ id: `new-${++installations}-${randomBytes(2).toString('hex')}`, host: 'new.example' }),
    async openVault({ name }) {
      if (silent.has(name)) throw new BerthError('TARGET_FAILED', `${name} does not answer`, { hint: 'wait' });
      return machine.vault(name);
    },
    bringTools: async () => ({ installed: [], bytes: 0 }),
    measure: async ({ id }, { access }) => holdings(access, 'stores', id).at(-1)?.content?.length ?? null,
    drivers: { sqlite: driver('sqlite'), files: driver('files') },
    trees: {
      async list(access) {
        holdings(access, 'trees', '');
        const trees = targets.get(access.name)?.trees ?? new Map();
        return [...trees].flatMap(([tag, states]: [string, { atMs: number }[]]) => states.map(({ atMs }) => ({ tag, at: atMs })));
      },
      async restore(access, { tag, at, into }) {
        const state = holdings(access, 'trees', tag).find(({ atMs }) => atMs === at);
        if (!state || state.content === null) throw new BerthError('TREE_NOT_EQUAL', 'it is damaged', { hint: 'another target' });
        await mkdir(into);
        await writeFile(join(into, 'server.js'), state.content);
        return { atMs: at, bytes: state.content.length, evidence: 'compared', ms: 1 };
      },
    },
    sealer,
    users: { app: async () => null, edge: async () => null },
    claimPorts: async () => ({ range: { from: 29_000, to: 29_499 }, [Symbol.asyncDispose]: async () => undefined }),
    now: () => new Date(machine.nowMs),
    fault,
    report: (event) => void machine.events.push(event),
  };
}
