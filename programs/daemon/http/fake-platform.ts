/** A platform in memory, for the tests of the API and of the CLI: it keeps operations and events, and starts nothing. */
import { EventEmitter, on, once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { createZstdDecompress } from 'node:zlib';
import { asBerthError, BerthError, type Commit, formatCommit } from '@berth/core';
import type { Platform } from '@berth/operations';
import type {
  AppStatus,
  Event,
  LogLine,
  Operation,
  OperationKind,
  PlatformSettings,
  Receipt,
  Release,
  RunFrame,
} from '@berth/protocol';
import { extract } from 'tar-stream';
import { createFakeCertificates } from './fake-certificates.ts';
import { createFakeProtection, type FakeStores, storesIn } from './fake-protection.ts';

const AT = '2030-01-02T03:04:05.000Z';
const STEPS: Partial<Record<OperationKind, readonly string[]>> = {
  deploy: ['build', 'preflight', 'restore point', 'release', 'switch'],
  backup: ['restore point', 'send'],
  restore: ['choose', 'fetch', 'restore point', 'exchange', 'switch'],
  drill: ['fetch', 'check'],
};
/** Operations that can be gone back behind. */
const GUARDED: ReadonlySet<OperationKind> = new Set(['deploy', 'rollback', 'configure', 'restore', 'backup']);

export type FakePlatform = Platform & {
  readonly settingsNow: PlatformSettings;
  /** Every file of the last source that was deployed. */
  readonly lastSource: ReadonlyMap<string, string>;
  readonly asked: readonly string[];
  addLog(line: Partial<LogLine> & { app: string; text: string }): void;
};

export type FakeOptions = {
  /** How long each step takes. */
  readonly stepMs?: number;
  /** The step at which deploys fail. */
  readonly failAt?: string;
  readonly pid?: number;
  readonly home?: string;
  readonly onShutdown?: (what: { everything: boolean }) => void;
};

type App = {
  status: AppStatus;
  releases: Release[];
  receipts: Receipt[];
  env: Record<string, string>;
  secrets: Record<string, string>;
  stores: FakeStores;
};

export const createFakePlatform = (options: FakeOptions = {}): FakePlatform => {
  const apps = new Map<string, App>();
  const operations: Operation[] = [];
  const events: Event[] = [];
  const logs: LogLine[] = [];
  const asked: string[] = [];
  const happened = new EventEmitter().setMaxListeners(0);
  const cancelled = new Set<number>();
  let lastSource = new Map<string, string>();
  let settings: PlatformSettings = {
    domain: 'localhost',
    addresses: ['127.0.0.1'],
    httpPort: 8080,
    httpsPort: 8443,
    trustedProxies: [],
    redactQuery: [],
    acme: null,
  };

  const getApp = (name: string): App => {
    const app = apps.get(name);
    if (!app)
      throw new BerthError('APP_NOT_FOUND', `there is no app called ${name}`, {
        hint: 'berth ps lists all apps',
        fields: { app: name },
      });
    return app;
  };
  const getOperation = (id: number): Operation => {
    const operation = operations.find((candidate) => candidate.id === id);
    if (!operation)
      throw new BerthError('OPERATION_NOT_FOUND', `there is no operation ${id}`, { hint: 'see GET /v1/operations' });
    return operation;
  };
  const emit = (name: string, operation: Operation | null, fields: Record<string, unknown> = {}): void => {
    events.push({ seq: events.length + 1, at: AT, name, app: operation?.app ?? null, operation: operation?.id ?? null, fields });
    happened.emit('event');
  };

  const queue = (kind: OperationKind, app: string, by: string, work: (operation: Operation) => void): Operation => {
    const steps = STEPS[kind] ?? [kind];
    const operation: Operation = {
      id: operations.length + 1,
      app,
      kind,
      state: 'queued',
      by,
      release: null,
      createdAt: AT,
      startedAt: null,
      finishedAt: null,
      steps: steps.map((name) => ({ name, state: 'pending', ms: null, note: null })),
      error: null,
    };
    operations.push(operation);
    emit('operation.queued', operation);
    void perform(operation, work);
    return structuredClone(operation);
  };

  const perform = async (operation: Operation, work: (operation: Operation) => void): Promise<void> => {
    Object.assign(operation, { state: 'running', startedAt: AT });
    const point = GUARDED.has(operation.kind) ? protection.takePoint(operation) : null;
    if (point !== null) points.set(operation.id, point);
    for (const step of operation.steps) {
      step.state = 'running';
      emit('operation.step.started', operation, { step: step.name });
      await delay(options.stepMs ?? 1);
      if (cancelled.has(operation.id) || options.failAt === step.name) {
        step.state = 'failed';
        step.ms = 12;
        for (const earlier of operation.steps) if (earlier.state === 'done') earlier.state = 'undone';
        const error = cancelled.has(operation.id)
          ? new BerthError('OPERATION_CANCELLED', 'the deploy was cancelled', { hint: 'the old release still serves' })
          : new BerthError('DEPLOY_NEVER_HEALTHY', 'service web of shop did not become healthy within 30 s', {
              hint: 'it listens on 3000 and not on $PORT',
              fields: { lastLines: ['listening on 3000'] },
            });
        finish(operation, cancelled.has(operation.id) ? 'cancelled' : 'failed', error);
        return;
      }
      Object.assign(step, { state: 'done', ms: 12, note: step.name === 'build' ? 'unchanged: build 3fa2c1 reused' : null });
      emit('operation.step.done', operation, { step: step.name });
    }
    work(operation);
    finish(operation, 'succeeded', null);
  };

  const finish = (operation: Operation, state: Operation['state'], error: BerthError | null): void => {
    const body = error === null ? null : asBerthError(error).toJSON();
    Object.assign(operation, { state, finishedAt: AT, error: body });
    const app = apps.get(operation.app);
    app?.receipts.unshift({
      operation: operation.id,
      app: operation.app,
      kind: operation.kind,
      release: operation.release,
      previousRelease: null,
      commit: app.releases.find((known) => known.release === operation.release)?.commit ?? null,
      ok: state === 'succeeded',
      changed: true,
      ms: 60,
      steps: structuredClone(operation.steps),
      requests: { served: 1204, held: 3, failed: 0 },
      restorePoint: points.get(operation.id) ?? null,
      by: operation.by,
      at: AT,
      changes: ['source changed'],
      warnings: [],
      error: body as Receipt['error'],
    });
    emit('operation.finished', operation, { state });
  };

  const serve = (operation: Operation, { to, commit = null }: { to?: number; commit?: Commit | null } = {}): void => {
    const app = getApp(operation.app);
    const release = to ?? Math.max(0, ...app.releases.map((known) => known.release)) + 1;
    for (const known of app.releases) known.state = known.state === 'serving' ? 'previous' : 'kept';
    const existing = app.releases.find((known) => known.release === release);
    if (existing) existing.state = 'serving';
    else {
      app.releases.unshift({
        app: operation.app,
        release,
        createdAt: AT,
        by: operation.by,
        build: '3fa2c1d4e5f6',
        commit,
        state: 'serving',
        bake: 'baking',
        changes: ['source changed'],
      });
    }
    operation.release = release;
    app.status = { ...app.status, release, state: 'running' };
  };

  const points = new Map<number, string>();
  const protection = createFakeProtection({
    home: options.home ?? '/srv/berth',
    asked,
    stores: (name) => getApp(name).stores,
    release: (name) => getApp(name).status.release,
    queue,
  });

  const statusOf = (app: string): AppStatus => ({
    app,
    release: null,
    state: 'deploying',
    url: `https://${app}.localhost:8443`,
    urls: [`https://${app}.localhost:8443`],
    services: [
      {
        service: 'web',
        wanted: 1,
        address: 'http://127.0.0.1:21002',
        instances: [
          {
            id: `${app}-web-1`,
            release: 1,
            pid: 4242,
            port: 21500,
            state: 'healthy',
            restarts: 0,
            memoryBytes: 52_428_800,
            startedAt: AT,
            reason: null,
          },
        ],
      },
    ],
    stores: [],
    operation: null,
  });

  const statusNow = ({ status }: App): AppStatus => ({ ...structuredClone(status), stores: protection.status(status.app) });

  const follow = async function* <T>(items: T[], signal: AbortSignal): AsyncGenerator<T> {
    let next = 0;
    while (!signal.aborted) {
      while (next < items.length) yield items[next++] as T;
      await once(happened, 'event', { signal });
    }
  };

  return {
    asked,
    get settingsNow() {
      return settings;
    },
    get lastSource() {
      return lastSource;
    },
    addLog: (line) => {
      logs.push({ at: AT, service: 'web', instance: `${line.app}-web-1`, level: null, ...line });
      happened.emit('event');
    },

    status: async () => ({
      daemon: { pid: options.pid ?? process.pid, version: '0.1.0', startedAt: AT, home: options.home ?? '/srv/berth' },
      edge: {
        state: 'up',
        domain: settings.domain,
        addresses: settings.addresses,
        httpPort: settings.httpPort,
        httpsPort: settings.httpsPort,
        ca: settings.httpsPort === null ? null : `${options.home ?? '/srv/berth'}/ca/root.pem`,
        processes: [{ name: 'haproxy', pid: 77 }],
      },
      apps: [...apps.values()].map(statusNow),
    }),
    settings: () => settings,
    changeSettings: async (changes) => {
      settings = { ...settings, ...changes };
      return settings;
    },
    app: async (name) => statusNow(getApp(name)),
    releases: (name) => getApp(name).releases,
    receipts: (name) => getApp(name).receipts,
    receipt: (name, operation) => {
      const receipts = getApp(name).receipts;
      const receipt = operation === undefined ? receipts[0] : receipts.find((candidate) => candidate.operation === operation);
      if (!receipt)
        throw new BerthError('RECEIPT_NOT_FOUND', `${name} has no receipt ${operation ?? ''}`, { hint: 'deploy it first' });
      return receipt;
    },
    deploy: async (source, { by, force, directory, commit }) => {
      lastSource = await unpack(source);
      const manifest = lastSource.get(join(directory ?? '.', 'berth.yaml')) ?? '';
      const name = /^app: *(\S+)/m.exec(manifest)?.[1];
      if (!name) {
        throw new BerthError('MANIFEST_INVALID', 'berth.yaml:1:1: app is missing', {
          hint: 'add app: <name>',
          fields: { problems: [{ line: 1, column: 1, message: 'app is missing' }] },
        });
      }
      const from = directory === undefined ? '' : ` from ${directory}`;
      asked.push(`deploy ${name} by ${by}${force ? ' forced' : ''}${from}${commit ? ` at ${formatCommit(commit)}` : ''}`);
      const stores = storesIn(manifest);
      if (!apps.has(name)) apps.set(name, { status: statusOf(name), releases: [], receipts: [], env: {}, secrets: {}, stores });
      return queue('deploy', name, by, (operation) => serve(operation, { commit: commit ?? null }));
    },
    rollback: (name, { by, to, withData }) => {
      asked.push(`rollback ${name}${to === undefined ? '' : ` to ${to}`}${withData ? ' with data' : ''}`);
      const serving = getApp(name).status.release ?? 0;
      const target = to ?? serving - 1;
      if (!getApp(name).releases.some((release) => release.release === target)) {
        throw new BerthError('RELEASE_NOT_FOUND', `${name} has no release ${target}`, { hint: `see berth releases ${name}` });
      }
      return queue('rollback', name, by, (operation) => serve(operation, { to: target }));
    },
    restart: (name, { by, service }) => {
      getApp(name);
      asked.push(`restart ${name} ${service ?? 'all'}`);
      return queue('restart', name, by, () => {});
    },
    scale: (name, { by, services }) => {
      getApp(name);
      asked.push(`scale ${name} ${JSON.stringify(services)}`);
      return queue('scale', name, by, () => {});
    },
    stop: (name, { by }) => {
      const app = getApp(name);
      return queue('stop', name, by, () => {
        app.status = { ...app.status, state: 'stopped' };
      });
    },
    start: (name, { by }) => {
      const app = getApp(name);
      return queue('start', name, by, () => {
        app.status = { ...app.status, state: 'running' };
      });
    },
    remove: (name, { by, purge }) => {
      getApp(name);
      asked.push(`remove ${name}${purge ? ' purge' : ''}`);
      return queue('remove', name, by, () => apps.delete(name));
    },
    operation: (id) => structuredClone(getOperation(id)),
    operations: ({ app, limit }) => operations.filter((one) => !app || one.app === app).slice(-(limit ?? 100)),
    cancel: (id) => {
      cancelled.add(id);
      asked.push(`cancel ${id}`);
      return structuredClone(getOperation(id));
    },
    events: async function* (query, signal) {
      const since = query.since ?? (query.operation === undefined ? events.length : 0);
      const wanted = (event: Event) =>
        event.seq > since && (!query.app || event.app === query.app) && (!query.operation || event.operation === query.operation);
      if (!query.follow) {
        yield* events.filter(wanted);
        return;
      }
      for await (const event of follow(events, signal)) {
        if (wanted(event)) yield event;
        if (query.operation === event.operation && event.name === 'operation.finished') return;
      }
    },
    logs: async function* (name, query, signal) {
      getApp(name);
      asked.push(`logs ${name} ${JSON.stringify(query)}`);
      const wanted = (line: LogLine) => line.app === name && (!query.grep || new RegExp(query.grep).test(line.text));
      if (!query.follow) yield* logs.filter(wanted);
      else for await (const line of follow(logs, signal)) if (wanted(line)) yield line;
    },
    environment: (name) => getApp(name).env,
    changeEnvironment: (name, { by, changes }) => {
      const app = getApp(name);
      applyChanges(app.env, changes);
      return queue('configure', name, by, (operation) => serve(operation));
    },
    secrets: async (name, { reveal }) =>
      Object.entries(getApp(name).secrets).map(([key, value]) => ({
        name: key,
        setAt: AT,
        generated: value === 'generated',
        isOther: false,
        value: reveal ? value : null,
      })),
    changeSecrets: async (name, { by, set, generate }) => {
      applyChanges(getApp(name).secrets, { ...set, ...Object.fromEntries(generate.map((key) => [key, 'generated'])) });
      return queue('configure', name, by, (operation) => serve(operation));
    },
    run: async function* (name, { argv, stdin }, signal): AsyncGenerator<RunFrame> {
      getApp(name);
      asked.push(`run ${JSON.stringify(argv)}`);
      if (argv[0] === 'cat') yield { kind: 'stdout', data: base64(stdin ? await text(stdin) : '') };
      else if (argv[0] === 'sleep') await delay(60_000, undefined, { signal });
      else if (argv[0] === 'lines' && stdin)
        for await (const [chunk] of on(stdin, 'data', { close: ['end'] })) yield { kind: 'stdout', data: base64(`> ${chunk}`) };
      else yield { kind: 'stderr', data: base64(`${argv.join(' ')}\n`) };
      yield { kind: 'exit', code: argv[0] === 'false' ? 7 : 0 };
    },
    ...protection.routes,
    ...createFakeCertificates((what) => void asked.push(what)),
    metrics: async () => '# TYPE berth_edge_up gauge\nberth_edge_up 1\n',
    shutdown: (what) => {
      asked.push(`shutdown ${what.everything ? 'everything' : 'daemon'}`);
      options.onShutdown?.(what);
    },
  };
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const applyChanges = (values: Record<string, string>, changes: Readonly<Record<string, string | null>>): void => {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete values[name];
    else values[name] = value;
  }
};

const unpack = async (source: Readable): Promise<Map<string, string>> => {
  const files = new Map<string, string>();
  const entries = source.pipe(createZstdDecompress()).pipe(extract());
  source.once('error', (cause) => entries.destroy(cause));
  for await (const entry of entries) files.set(entry.header.name, await text(entry));
  return files;
};
