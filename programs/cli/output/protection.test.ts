/** What people are shown of their backups; read golden/ as one of them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Reader } from '@berth/core';
import type { AppStatus, Drill, RestorePoint, StoreStatus, TargetStatus, TimeLine } from '@berth/protocol';
import { readEnv } from '../env.ts';
import { renderDrill, renderDrills } from './drill.ts';
import { confirmName } from './prompt.ts';
import { type RestorePlan, renderRestorePlan } from './restore-plan.ts';
import { renderStores } from './stores.ts';
import { createStyle } from './style.ts';
import { renderChecks, renderKitAdvice, renderTargets } from './target.ts';
import { createTerminal } from './terminal.ts';
import { describeRange, joinRanges, renderTimeLine } from './time-line.ts';

const sheet = { style: createStyle(false), width: 160 };
const reader: Reader = { now: new Date('2026-02-13T14:30:00Z'), zone: 'Europe/Berlin' };
const now = reader.now.getTime();

const point = (number: number, more: Partial<RestorePoint> = {}): RestorePoint => ({
  ...{ point: `p${number}`, app: 'shop', at: '2026-02-10T11:00:07.250Z', kind: 'deploy', label: null, release: 7, operation: 12 },
  ...{ stores: ['db', 'uploads'], ...more },
});

const ranges: TimeLine['ranges'] = [
  {
    ...{ store: 'db', target: 'local', from: '2026-02-12T14:30:00.400Z', to: '2026-02-13T14:29:59.800Z' },
    ...{ resolution: 'every-change', states: null },
  },
  {
    ...{ store: 'db', target: 'far', from: '2026-01-14T14:30:00.000Z', to: '2026-02-12T14:00:00.000Z' },
    ...{ resolution: 'snapshots', states: 186 },
  },
  {
    ...{ store: 'db', target: 'far', from: '2026-02-12T14:30:00.000Z', to: '2026-02-13T12:00:00.000Z' },
    ...{ resolution: 'every-change', states: null },
  },
  {
    ...{ store: 'uploads', target: 'far', from: '2026-02-01T02:00:00.000Z', to: '2026-02-13T14:00:00.000Z' },
    ...{ resolution: 'snapshots', states: 1_204 },
  },
];

const timeLine: TimeLine = {
  app: 'shop',
  points: [
    point(14, { at: '2026-02-13T14:29:55.000Z', kind: 'manual', label: 'before the sale' }),
    point(13, { at: '2026-02-13T03:12:00.000Z', kind: 'schedule', operation: null }),
    point(12),
    point(11, { at: '2026-02-09T09:00:00.000Z', kind: 'restore', release: null, stores: ['db'] }),
  ],
  ranges,
  unreachable: [{ target: 'near', reason: 'connect ECONNREFUSED 10.0.0.7:9000' }],
};

const store = (name: string, more: Partial<StoreStatus> = {}): StoreStatus => ({
  ...{ store: name, kind: 'sqlite', bytes: 52_428_800, state: 'protected', lossMs: 180, reason: null },
  targets: [
    { target: 'local', lagMs: 90, reason: null },
    { target: 'far', lagMs: 180, reason: null },
  ],
  drill: { at: '2026-02-12T14:30:00.000Z', outcome: 'passed', recoveryMs: 4_210, lossMs: 180 },
  ...more,
});

const app = (name: string, stores: StoreStatus[]): AppStatus => ({
  ...{ app: name, release: 7, state: 'running', url: null, urls: [], services: [], operation: null },
  stores,
});

const drill: Drill = {
  ...{
    app: 'shop',
    at: '2026-02-13T14:29:30.000Z',
    operation: 31,
    target: 'far',
    outcome: 'passed',
    recoveryMs: 4_210,
    lossMs: 180,
  },
  stores: ['db', 'uploads'].map((name) => ({
    ...{ store: name, outcome: 'passed', ms: 2_100, bytes: 52_428_800, restoredAt: '2026-02-13T14:29:29.400Z' },
    evidence: 'equal to the source, quick_check ok',
  })),
  check: { ok: true, output: '' },
};
const failedDrill: Drill = {
  ...{ ...drill, operation: 30, at: '2026-02-06T14:29:30.000Z', outcome: 'failed', lossMs: null },
  check: { ok: false, output: 'reading\n1,204 orders, and none of yesterday\n' },
};
const brokenDrill: Drill = {
  ...{ ...drill, operation: 29, at: '2026-02-01T14:29:30.000Z', outcome: 'inconclusive', check: null, lossMs: null },
  stores: [
    {
      ...{ store: 'db', outcome: 'inconclusive', ms: 30_000, bytes: 0, restoredAt: null },
      evidence: 'far did not answer within 30 s',
    },
  ],
};

const plan: RestorePlan = {
  ...{
    app: 'shop',
    at: new Date('2026-02-10T11:00:07.250Z'),
    note: null,
    point: null,
    wanted: ['db', 'uploads'],
    ranges,
    release: 7,
  },
  ...{ stores: [store('db'), store('uploads', { kind: 'files' })], into: null, target: null },
};

const target = (name: string, more: Partial<TargetStatus> = {}): TargetStatus => ({
  ...{ name, url: `dir:/srv/${name}`, addedAt: '2026-02-01T02:00:00.000Z', state: 'protecting', lagMs: 180, error: null },
  ...{ sentBytes: 12_582_912, requests: 41_200, ...more },
});

const shown: Record<string, () => string[]> = {
  'time-line': () => renderTimeLine(timeLine, reader, sheet),
  'time-line-empty': () => renderTimeLine({ app: 'shop', points: [], ranges: [], unreachable: [] }, reader, sheet),
  'restore-plan': () => renderRestorePlan({ ...plan, at: new Date('2026-02-13T14:20:00Z') }, reader, sheet),
  'restore-plan-copies': () => renderRestorePlan(plan, reader, sheet),
  'restore-plan-point': () =>
    renderRestorePlan(
      { ...plan, point: point(12, { release: 5 }), wanted: ['db'], note: 'clocks were put back', target: 'far' },
      reader,
      sheet,
    ),
  'restore-plan-into': () => renderRestorePlan({ ...plan, into: '/tmp/look', wanted: ['db'] }, reader, sheet),
  'restore-plan-too-old': () => renderRestorePlan({ ...plan, at: new Date('2025-12-24T18:00:00Z') }, reader, sheet),
  stores: () =>
    renderStores(
      [
        app('shop', [
          store('db'),
          store('uploads', {
            ...{ kind: 'files', state: 'late', lossMs: 3 * 3_600_000 },
            targets: [{ target: 'far', lagMs: 3 * 3_600_000, reason: 'connect ETIMEDOUT' }],
            drill: { at: '2026-02-06T14:30:00.000Z', outcome: 'failed', recoveryMs: 61_000, lossMs: null },
          }),
        ]),
        app('blog', [
          store('db', {
            ...{ bytes: null, state: 'unprotected', lossMs: null, targets: [], drill: null },
            reason: 'there is no target outside of this machine',
          }),
          store('files', {
            ...{ kind: 'files', state: 'unprotected', lossMs: null, targets: [], drill: null },
            reason: 'there is no target outside of this machine',
          }),
        ]),
      ],
      sheet,
      now,
    ),
  drill: () => renderDrill(drill, reader, sheet),
  'drill-failed': () => renderDrill(failedDrill, reader, sheet),
  'drill-inconclusive': () => renderDrill(brokenDrill, reader, sheet),
  drills: () => renderDrills([drill, failedDrill, brokenDrill], reader, sheet),
  targets: () =>
    renderTargets(
      [
        target('local'),
        target('far', {
          ...{ url: 's3://backups/shop?endpoint=https://s3.example.com', state: 'failing', lagMs: 95_000 },
          error: {
            code: 'TARGET_DENIED',
            message: 'far denies access to x: AccessDenied',
            hint: 'check the access key',
            fields: {},
          },
        }),
        target('new', { state: 'catching-up', lagMs: null, sentBytes: 0, requests: 0 }),
      ],
      sheet,
    ),
  checks: () =>
    renderChecks(
      [
        { name: 'an object is written', outcome: 'passed', evidence: '64 bytes', ms: 12 },
        { name: 'it is read back as it was', outcome: 'failed', evidence: '63 bytes came back', ms: 1_204 },
        { name: 'what is deleted is gone', outcome: 'not tried', evidence: '', ms: 0 },
      ],
      sheet,
    ),
};
for (const [name, render] of Object.entries(shown)) {
  test(`${name} is shown as expected`, (t) => {
    t.assert.fileSnapshot(`${render().join('\n')}\n`, join(import.meta.dirname, `../golden/protection/${name}.txt`), {
      serializers: [String],
    });
  });
}

test('a range that no longer grows says until when it goes', () => {
  const range = { store: 'db', target: 'far', from: '2026-02-13T10:00:00Z', resolution: 'every-change', states: null } as const;
  assert.match(describeRange({ ...range, to: '2026-02-13T14:28:01Z' }, reader), /^every second since .* \(4 hours ago\)$/);
  assert.match(describeRange({ ...range, to: '2026-02-13T14:27:00Z' }, reader), /^every second from .* to .* \(3 minutes ago\)$/);
});

const stretch = (from: string, to: string, more: Partial<TimeLine['ranges'][number]> = {}): TimeLine['ranges'][number] => ({
  ...{ store: 'db', target: 'far', from: `2026-02-13T${from}:00.000Z`, to: `2026-02-13T${to}:00.000Z` },
  ...{ resolution: 'every-change', states: null, ...more },
});
const single = { resolution: 'snapshots', states: 1 } as const;
const stretches: { name: string; ranges: TimeLine['ranges']; joined: TimeLine['ranges'] }[] = [
  {
    name: 'stretches that follow each other are one',
    ranges: [stretch('10:00', '11:00'), stretch('11:01', '12:00'), stretch('12:01', '12:01', single)],
    joined: [stretch('10:00', '12:01')],
  },
  {
    name: 'whatever their order',
    ranges: [stretch('11:01', '12:00'), stretch('10:00', '11:30')],
    joined: [stretch('10:00', '12:00')],
  },
  {
    name: 'a gap stays one',
    ranges: [stretch('10:00', '11:00'), stretch('11:03', '12:00')],
    joined: [stretch('10:00', '11:00'), stretch('11:03', '12:00')],
  },
  {
    name: 'other stores and targets are their own',
    ranges: [
      stretch('10:00', '11:00', { target: 'local' }),
      stretch('11:00', '12:00'),
      stretch('11:00', '12:00', { store: 'x' }),
    ],
    joined: [
      stretch('10:00', '11:00', { target: 'local' }),
      stretch('11:00', '12:00'),
      stretch('11:00', '12:00', { store: 'x' }),
    ],
  },
  {
    name: 'copies make no stretch',
    ranges: [stretch('10:00', '11:00', { ...single, states: 9 }), stretch('11:00', '12:00')],
    joined: [stretch('10:00', '11:00', { ...single, states: 9 }), stretch('11:00', '12:00')],
  },
];
for (const { name, ranges: given, joined } of stretches) test(name, () => assert.deepEqual(joinRanges(given), joined));

test('no store, no table', () => assert.deepEqual(renderStores([app('shop', [])], sheet, now), []));

const answers: { typed: string; goesOn: boolean }[] = [
  { typed: 'shop\n', goesOn: true },
  { typed: ' shop \n', goesOn: true },
  { typed: 'yes\n', goesOn: false },
  { typed: '\n', goesOn: false },
];
for (const { typed, goesOn } of answers) {
  test(`the answer ${JSON.stringify(typed)} ${goesOn ? 'goes on' : 'changes nothing'}`, async () => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()].map((stream) =>
      Object.assign(stream, { isTTY: true, columns: 80, setRawMode: () => {} }),
    );
    const terminal = createTerminal(readEnv({}), { stdin, stdout, stderr } as unknown as Parameters<typeof createTerminal>[1]);
    const asked = confirmName(terminal, { question: 'Take shop back?', name: 'shop', otherwise: 'nothing was changed' });
    stdin?.write(typed);
    if (goesOn) await asked;
    else await assert.rejects(asked, { code: 'CLI_CANCELLED', message: 'nothing was changed' });
    assert.match(String(stderr?.read()), /Take shop back\? Type its name to go on: /);
  });
}

test('the list of targets says what the bad day would lack, and nothing where all is well', () => {
  const targets = (...names: string[]) => names.map((name) => ({ name }) as TargetStatus);
  const kit = { at: '2026-02-10T11:00:07.250Z', targets: ['far'] };
  const advice = (given: Parameters<typeof renderKitAdvice>[0]) => renderKitAdvice(given, sheet).join('\n');
  assert.match(advice({ targets: targets('local'), kit: null }), /with this machine everything is lost/);
  assert.match(advice({ targets: targets('local', 'far'), kit: null }), /no recovery kit was written yet/);
  assert.match(advice({ targets: targets('local', 'far', 'near'), kit }), /does not know near:/);
  assert.equal(advice({ targets: targets('local', 'far'), kit }), '');
});
