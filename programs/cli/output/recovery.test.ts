/** What is read on a bad day; read golden/recovery as the one who has it. */
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Reader } from '@berth/core';
import type { Recovered, RecoveredPart, RecoveryPlan } from '@berth/operations';
import type { AppStatus, PlatformStatus } from '@berth/protocol';
import { renderRecovered, renderRecoveryPlan } from './recovery.ts';
import { createStyle } from './style.ts';

const look = { style: createStyle(false), width: 160 };
const reader: Reader = { now: new Date('2026-02-13T14:30:00Z'), zone: 'Europe/Berlin' };
const from = { kit: { host: 'berlin-1', createdAt: '2026-01-01T09:00:00Z' }, home: '/var/lib/berth' };

const shows = (t: TestContext, name: string, lines: readonly string[]): void =>
  t.assert.fileSnapshot(`${lines.join('\n')}\n`, join(import.meta.dirname, `../golden/recovery/${name}.txt`), {
    serializers: [String],
  });

const plan: RecoveryPlan = {
  at: null,
  targets: [
    {
      ...{ target: 'disk', url: 'dir:/mnt/disk', silent: null },
      owner: { host: 'berlin-1', seenAt: '2026-02-13T13:10:00Z', isAlive: false },
    },
  ],
  platform: { target: 'disk', at: '2026-02-13T13:12:40.100Z' },
  apps: [
    {
      ...{ app: 'shop', state: 'running', release: 7, commit: '4be2c1d09a77f2', build: 'disk', unprotected: [] },
      stores: [
        { store: 'db', kind: 'sqlite', target: 'disk', at: '2026-02-13T13:12:41.300Z', bytes: 310_000_000, silent: [] },
        { store: 'uploads', kind: 'files', target: 'disk', at: '2026-02-13T13:00:00Z', bytes: null, silent: [] },
      ],
    },
    { app: 'draft', state: 'new', release: null, commit: null, build: null, stores: [], unprotected: [] },
  ],
  bytes: 310_000_000,
  estimate: { ms: 14_600, how: '1 store as long as the last drill took, system packages not counted' },
};

test('a plan says from where, how old and how long', (t) => {
  shows(t, 'plan', renderRecoveryPlan(plan, from, reader, look));
});

test('a plan names what will be missing, and an owner that looks alive', (t) => {
  const [shop] = plan.apps;
  const troubled: RecoveryPlan = {
    ...plan,
    targets: [
      {
        ...{ target: 'disk', url: 'dir:/mnt/disk', silent: null },
        owner: { host: 'berlin-1', seenAt: '2026-02-13T14:28:00Z', isAlive: true },
      },
      { target: 'far', url: 's3://bucket', silent: 'far denies access: the key was rotated', owner: null },
    ],
    apps: shop
      ? [
          {
            ...shop,
            ...{ build: null, unprotected: ['cache'] },
            stores: shop.stores.map((store) => ({
              ...store,
              ...(store.store === 'db' ? { target: null, at: null, bytes: null } : {}),
              silent: [{ target: 'far', reason: 'it does not answer' }],
            })),
          },
        ]
      : [],
  };
  shows(t, 'plan-troubled', renderRecoveryPlan(troubled, from, reader, look));
});

const part = (name: string, changes: Partial<RecoveredPart> = {}): RecoveredPart => ({
  ...{ what: 'store', app: 'shop', name, outcome: 'recovered', target: 'disk', at: '2026-02-13T13:12:41.300Z' },
  ...{ bytes: 310_000_000, ms: 5_200, note: '75,683 pages equal the source’s checksum' },
  ...changes,
});
const app = (name: string, state: AppStatus['state']): AppStatus => ({
  ...{ app: name, release: 7, state, url: `https://${name}.example.com/`, urls: [], services: [], stores: [], operation: null },
});
const status = (...apps: AppStatus[]): PlatformStatus => ({
  daemon: { pid: 1, version: '0.1.0', startedAt: '2026-02-13T14:29:58Z', home: '/var/lib/berth' },
  edge: { state: 'up', domain: 'example.com', addresses: [], httpPort: 80, httpsPort: 443, ca: null, processes: [] },
  apps,
});
const times = { toolsMs: 14_000, tools: ['haproxy', 'nginx', 'restic'], fetchMs: 6_400, startMs: 3_100 };
const whole: Recovered = {
  ...{ startedAt: '2026-02-13T14:29:40Z', at: null, silent: [] },
  parts: [part('db'), part('uploads', { bytes: 12_000, note: '3 entries with 12,000 bytes' })],
  apps: [{ app: 'shop', release: 7, state: 'running', stoppedBecause: null, unprotected: [] }],
};

test('a recovery that brought all back says what, to which moment, and how long it took', (t) => {
  shows(t, 'recovered', renderRecovered(whole, { status: status(app('shop', 'running')), times }, reader, look));
});

test('a recovery that did not says what is missing and what to do', (t) => {
  const note = 'disk: it is damaged';
  const lost: Recovered = {
    ...whole,
    silent: [{ target: 'far', reason: 'it does not answer' }],
    parts: [
      part('db', { outcome: 'lost', target: null, at: null, bytes: null, note }),
      part('uploads', { outcome: 'nothing', note: 'no target has ever had any of it' }),
    ],
    apps: [
      {
        ...{ app: 'shop', release: 7, state: 'stopped', unprotected: ['cache'] },
        stoppedBecause: `its store db did not come back: ${note}`,
      },
      { app: 'blog', release: 7, state: 'running', stoppedBecause: null, unprotected: [] },
    ],
  };
  const now = status(app('shop', 'stopped'), app('blog', 'down'));
  shows(t, 'recovered-partly', renderRecovered(lost, { status: now, times: { ...times, tools: [] } }, reader, look));
});
