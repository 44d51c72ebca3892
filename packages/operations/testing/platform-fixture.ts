/** A whole platform with a process driver, and fakes of the edge and of what protects data. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { claimPortRange, noFault, type PortRange, prepareHome, silentLogger } from '@berth/host';
import { type Journal, openJournal } from '@berth/journal';
import type { Operation, Receipt } from '@berth/protocol';
import { createProcessDriver } from '@berth/runtime';
import { createSealer } from '@berth/secrets';
import { createTrees } from '@berth/stores';
import { temporaryDirectory } from '@berth/testing';
import { pack } from 'tar-stream';
import { openPlatform, type RunningPlatform } from '../open-platform.ts';
import type { VaultWork } from '../protection/vault-work.ts';
import { defaultSettings } from '../settings.ts';
import { createFakeEdge, type FakeEdge } from './fake-edge.ts';
import { createFakeStoreDriver, type FakeStoreDriver } from './fake-store-driver.ts';

export type PlatformFixture = AsyncDisposable & {
  readonly home: string;
  readonly platform: RunningPlatform;
  readonly journal: Journal;
  readonly edge: FakeEdge;
  readonly sqlite: FakeStoreDriver;
  readonly files: FakeStoreDriver;
  /** Another life of the daemon on the same home. */
  reopen(fault?: typeof noFault): Promise<void>;
  deploy(files: Record<string, string>, force?: boolean): Promise<Receipt>;
  /** Follows an operation to its end, as a client does. */
  finished(operation: Operation): Promise<Receipt>;
  by: string;
};

const now = () => new Date();

export async function openPlatformFixture(): Promise<PlatformFixture> {
  const home = await temporaryDirectory();
  const sqlite = createFakeStoreDriver('sqlite');
  const files = createFakeStoreDriver('files');
  const ports = await claimPortRange(home.path);
  const parts = { sqlite, files, portRange: ports.range };
  let opened = await openOn(home.path, parts);
  const end = async () => {
    await opened.platform.end();
    opened.journal.close();
  };
  const finished = async (operation: Operation): Promise<Receipt> => {
    const signal = new AbortController().signal;
    for await (const event of opened.platform.events({ operation: operation.id, follow: true }, signal)) void event;
    return opened.platform.receipt(operation.app, operation.id);
  };
  return {
    home: home.path,
    get platform() {
      return opened.platform;
    },
    get journal() {
      return opened.journal;
    },
    get edge() {
      return opened.edge;
    },
    sqlite,
    files,
    by: 'ann',
    async reopen(fault = noFault) {
      await end();
      opened = await openOn(home.path, parts, fault);
    },
    deploy: async (source, force = false) => finished(await opened.platform.deploy(archive(source), { by: 'ann', force })),
    finished,
    async [Symbol.asyncDispose]() {
      await opened.platform.end();
      await opened.platform.stopEverything();
      opened.journal.close();
      await ports[Symbol.asyncDispose]();
      await rm(home.path, { recursive: true, force: true });
    },
  };
}

type Parts = { readonly sqlite: FakeStoreDriver; readonly files: FakeStoreDriver; readonly portRange: PortRange };

async function openOn(home: string, { portRange, ...drivers }: Parts, fault = noFault) {
  const uid = process.getuid?.() ?? 0;
  const layout = prepareHome(home, uid);
  const journal = openJournal(layout.journal, { now });
  if (!journal.settings.get('platform')) journal.settings.set('platform', defaultSettings);
  const edge = createFakeEdge();
  const platform = openPlatform({
    journal,
    layout,
    driver: createProcessDriver({ directory: layout.instances, cgroups: null, log: silentLogger, uid }),
    edge,
    sealer: createSealer(join(layout.secrets, 'key.txt')),
    users: { app: async () => null, builder: async () => null, edge: null, removeApp: async () => undefined },
    log: silentLogger,
    now,
    fault,
    version: '0.0.0',
    startedAt: now(),
    portRange,
    nodeDirectory: join(process.execPath, '..'),
    systemPath: '/usr/bin:/bin',
    network: {},
    build: { memoryBytes: 1e9, withinMs: 60_000, diskFloorBytes: 1e6 },
    exit: () => undefined,
    protect: () => ({ ...drivers, trees: noTrees(layout.treeCache), work: fakeVaultWork }),
  });
  await platform.begin();
  return { platform, journal, edge };
}

const noTrees = (cache: string) =>
  createTrees({
    restic: async () => {
      throw new Error('nothing here saves trees');
    },
    cache,
    now,
    notice: () => undefined,
  });

/** Targets that take everything and belong to whoever asks. */
const fakeVaultWork: VaultWork = {
  check: async () => ({ ok: true, checks: [] }),
  setUp: async () => ({ dataKey: Buffer.alloc(32, 7) }),
  tend: async () => undefined,
  erase: async () => undefined,
};

/** A source as clients send it. */
export const archive = (files: Record<string, string>, tool?: { name: string; mode: number; text: string }) => {
  const tar = pack();
  if (tool) tar.entry({ name: tool.name, mode: tool.mode, mtime: new Date(0) }, tool.text);
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mtime: new Date(0) }, content);
  tar.finalize();
  const compressed = createZstdCompress();
  // Whoever reads the result sees every error there.
  pipeline(tar, compressed, () => {});
  return compressed;
};
