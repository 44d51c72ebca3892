import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, otherValueOf, type Service, type TemplateContext } from '@berth/core';
import type { HomeLayout, SystemUser } from '@berth/host';
import type { InstanceRow, Journal, ReleaseRow } from '@berth/journal';
import type { InstanceSpec } from '@berth/runtime';
import type { Sealer } from '@berth/secrets';
import type { PlatformSettings } from '@berth/protocol';
import { urlsOf } from './edge-plan.ts';
import { appDirectory, toolDirectories } from './release-directory.ts';
import { secretsGiven } from './secret-rotation.ts';
import { shellCommand } from './shell-command.ts';
import { buildEnvironment } from './environment.ts';

export type LaunchDeps = {
  readonly journal: Journal;
  readonly layout: HomeLayout;
  readonly sealer: Sealer;
  readonly settings: () => PlatformSettings;
  /** The system user of an app; null when Berth does not run as root. */
  readonly appUser: (app: string) => Promise<SystemUser | null>;
  /** The directory that holds Berth's own `node`. */
  readonly nodeDirectory: string;
  readonly systemPath: string;
  readonly network: Readonly<Record<string, string>>;
};

/** Turns what the journal knows into something that a runtime can start. */
export interface Launcher {
  instance(row: InstanceRow): Promise<InstanceSpec>;
  /** A command of a release that is no instance: its release command, a one-off. */
  command(
    release: ReleaseRow,
    what: { id: string; argv: readonly string[]; writable?: readonly string[] },
  ): Promise<InstanceSpec>;
  /** Everything secret that an app was given, to be hidden in texts. */
  secretValues(release: ReleaseRow): Promise<readonly string[]>;
  /** Removes the secret files of an instance. */
  clean(app: string, id: string): Promise<void>;
}

const DEFAULT_FILES = 65_536;
const COMMAND_STOP_MS = 5_000;

export function createLauncher(deps: LaunchDeps): Launcher {
  const { journal, layout } = deps;
  const spec = async (release: ReleaseRow, id: string, service: Service | null, port: number | null) => {
    const user = await deps.appUser(release.app);
    const secrets = await openSecrets(deps, release);
    const { inEnvironment, files } = await giveSecrets(deps, { app: release.app, id, service, secrets, user });
    const app = layout.app(release.app);
    const build = join(app.builds, release.build);
    const env = buildEnvironment({
      manifest: release.manifest,
      service,
      release: release.number,
      commit: release.commit,
      instance: id,
      port,
      variables: release.variables,
      secrets: inEnvironment,
      secretFiles: files,
      templates: templateContext(deps, release),
      directories: { tools: toolDirectories(build, release.manifest), home: app.home, node: deps.nodeDirectory },
      path: deps.systemPath,
      network: deps.network,
    });
    return {
      ...{ id, cwd: appDirectory(build, release.manifest), env, user, logFile: join(app.logs, `${id}.log`) },
      ...{ app: release.app, service: service?.name ?? null, secretFiles: files, priority: 'normal' as const },
      writable: [app.stores, app.home],
      // A route may serve such a store, now or from a later release on; nobody else has a reason to read what an app writes.
      shared: release.manifest.stores.some(({ kind }) => kind === 'files'),
    };
  };
  return {
    async instance(row) {
      const release = journal.releases.get(row.app, row.release);
      const service = release.manifest.services.find((it) => it.name === row.service);
      if (!service) throw new Error(`release ${row.release} of ${row.app} has no service ${row.service}`);
      const common = await spec(release, row.id, service, row.port);
      return { ...common, kind: 'instance', argv: shellCommand(service.run), limits: service.limits, stop: service.stop };
    },
    async command(release, { id, argv, writable = [] }) {
      const common = await spec(release, id, null, null);
      const limits = { memoryBytes: null, cpu: null, files: DEFAULT_FILES };
      return {
        ...{ ...common, writable: [...common.writable, ...writable], kind: 'one-off' },
        ...{ argv, limits, stop: { signal: 'SIGTERM', withinMs: COMMAND_STOP_MS } },
      };
    },
    secretValues: async (release) => Object.values(await openSecrets(deps, release)),
    clean: (app, id) => rm(secretDirectory(layout, app, id), { recursive: true, force: true }),
  };
}

async function openSecrets({ journal, sealer }: LaunchDeps, release: ReleaseRow): Promise<Record<string, string>> {
  const given = secretsGiven(journal, release.app, release.secrets);
  const opened = given.map(async ({ name, from, version }) => {
    const row = journal.configuration.secret(release.app, from, version);
    return row ? [[name, await sealer.open(name, row.value)] as const] : [];
  });
  return Object.fromEntries((await Promise.all(opened)).flat());
}

type Giving = { app: string; id: string; service: Service | null; secrets: Record<string, string>; user: SystemUser | null };

/** A service gets the secrets that it asks for and no others; a command of the release gets them all, in its environment. */
async function giveSecrets({ layout }: LaunchDeps, { app, id, service, secrets, user }: Giving) {
  if (!service) return { inEnvironment: secrets, files: {} };
  const asked = service.secrets
    .flatMap((use) => [use, { ...use, name: otherValueOf(use.name) }])
    .filter((use) => secrets[use.name] !== undefined);
  const inEnvironment = Object.fromEntries(
    asked.filter((use) => use.as !== 'file').map((use) => [use.name, secrets[use.name] ?? '']),
  );
  const asFiles = asked.filter((use) => use.as !== 'env');
  if (asFiles.length === 0) return { inEnvironment, files: {} };
  const directory = secretDirectory(layout, app, id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const files: Record<string, string> = {};
  for (const { name } of asFiles) {
    const file = join(directory, name);
    await rm(file, { force: true });
    await writeFile(file, secrets[name] ?? '', { mode: 0o400, flag: 'wx' });
    if (user) await chown(file, user.uid, user.gid);
    files[name] = file;
  }
  if (user) {
    await chown(directory, user.uid, user.gid);
    await chmod(directory, 0o500);
  }
  return { inEnvironment, files };
}

const secretDirectory = (layout: HomeLayout, app: string, id: string) => join(layout.app(app).secrets, id);

/** What `${…}` in a manifest may speak of. */
export function templateContext(
  { journal, layout, settings }: Pick<LaunchDeps, 'journal' | 'layout' | 'settings'>,
  release: ReleaseRow,
): TemplateContext {
  const { manifest } = release;
  const url = urlsOf(manifest, settings())[0] ?? null;
  const stores = manifest.stores.map((store) => [
    store.name,
    { kind: store.kind, path: storePath(layout, manifest, store.name) },
  ]);
  const services = manifest.services.flatMap((service) => {
    const port = journal.apps.address(release.app, service.name);
    return port === undefined ? [] : [[service.name, { port }]];
  });
  return {
    stores: Object.fromEntries(stores),
    services: Object.fromEntries(services),
    app: { name: manifest.app, url: url && url.replace(/\/$/, ''), domain: url && new URL(url).hostname },
    release: { number: release.number },
  };
}

/** Each store has a directory of its own; a database is a file in it, beside its -wal and -shm. */
export function storePath(layout: HomeLayout, manifest: Manifest, name: string): string {
  const store = manifest.stores.find((it) => it.name === name);
  if (!store) throw new Error(`${manifest.app} has no store ${name}`);
  return join(layout.app(manifest.app).stores, name, store.path);
}
