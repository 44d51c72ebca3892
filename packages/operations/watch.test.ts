import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceRow } from '@berth/journal';
import { type Decision, decide, isReady, newWatch, recordDeath, type Watch } from './watch.ts';

const row = (changes: Partial<InstanceRow> = {}): InstanceRow => ({
  id: 'pad.web.1-abc',
  app: 'pad',
  service: 'web',
  release: 1,
  port: 20_001,
  want: 'serving',
  createdAt: '2026-01-01T00:00:00Z',
  restarts: 0,
  deaths: [],
  stopping: false,
  ...changes,
});
const running: Watch['status'] = { state: 'running', pid: 7, memoryBytes: 1 };
const exited: Watch['status'] = { state: 'exited', exitCode: 1, signal: null, outOfMemory: false };
const absent: Watch['status'] = { state: 'absent' };
const NOW = 1_000_000;
/** An instance that is lost after 15 s is hung after 15 s more. */
const HEALTH = { fails: 3, everyMs: 5_000, startMs: 30_000 };

const cases: { name: string; row?: Partial<InstanceRow>; watch: Partial<Watch>; areNeedsMet?: boolean; expected: Decision }[] = [
  { name: 'one that was never started is started', watch: { status: absent }, expected: 'start' },
  { name: 'one whose needs are not met waits', watch: { status: absent }, areNeedsMet: false, expected: 'nothing' },
  { name: 'one that is being started is left alone', watch: { status: absent, isBusy: true }, expected: 'nothing' },
  { name: 'a death is written down before anything else', watch: { status: exited }, expected: 'record-death' },
  {
    name: 'after its first death it starts at once',
    row: { deaths: [{ atMs: NOW, healthyForMs: 0 }] },
    watch: { status: exited, isDeathRecorded: true },
    expected: 'start',
  },
  {
    name: 'after its third it waits',
    row: { deaths: [1, 2, 3].map((ago) => ({ atMs: NOW - 4 + ago, healthyForMs: 0 })) },
    watch: { status: exited, isDeathRecorded: true },
    expected: 'nothing',
  },
  {
    name: 'one that loops is not started again',
    watch: { status: exited, isDeathRecorded: true, isLooping: true },
    expected: 'nothing',
  },
  {
    name: 'a standby that died is not started again',
    row: { want: 'standby' },
    watch: { status: exited, isDeathRecorded: true, hasFailed: true },
    expected: 'nothing',
  },
  { name: 'a running one is asked when it is time', watch: { status: running, nextCheckAtMs: NOW }, expected: 'check' },
  { name: 'and not before', watch: { status: running, nextCheckAtMs: NOW + 1 }, expected: 'nothing' },
  {
    name: 'one that was healthy and has failed for twice its limit is hung',
    watch: { status: running, healthySinceMs: 0, runningSinceMs: 0, failingSinceMs: NOW - 15_000 },
    expected: 'restart-hung',
  },
  {
    name: 'one that has failed for less is asked again, however often it was',
    watch: { status: running, healthySinceMs: 0, failingSinceMs: NOW - 14_999, failedChecks: 99, nextCheckAtMs: NOW },
    expected: 'check',
  },
  {
    name: 'one that is still starting is given its time',
    watch: { status: running, runningSinceMs: NOW - 29_999, failingSinceMs: NOW - 29_000, failedChecks: 99, nextCheckAtMs: NOW },
    expected: 'check',
  },
  {
    name: 'one that has not become healthy in its time is hung',
    watch: { status: running, runningSinceMs: NOW - 30_000, failingSinceMs: NOW - 29_000 },
    expected: 'restart-hung',
  },
  {
    name: 'one found running by a new daemon has started long ago',
    watch: { status: running, failingSinceMs: NOW - 15_000 },
    expected: 'restart-hung',
  },
  {
    name: 'a standby is never restarted for being slow',
    row: { want: 'standby' },
    watch: { status: running, failedChecks: 99, nextCheckAtMs: NOW },
    expected: 'check',
  },
  { name: 'a parked one that runs is stopped', row: { want: 'parked' }, watch: { status: running }, expected: 'park' },
  { name: 'a parked one that has exited is put away', row: { want: 'parked' }, watch: { status: exited }, expected: 'park' },
  { name: 'and then stays so', row: { want: 'parked' }, watch: { status: absent }, expected: 'nothing' },
  { name: 'a leaving one leaves, running or not', row: { want: 'leaving' }, watch: { status: absent }, expected: 'leave' },
];

for (const { name, row: changes, watch, areNeedsMet = true, expected } of cases) {
  test(name, () => {
    assert.equal(decide(row(changes), { ...newWatch(), ...watch }, { nowMs: NOW, health: HEALTH, areNeedsMet }), expected);
  });
}

test('five deaths in a row are a crash loop, and a long healthy stretch between them is forgiven', () => {
  let current = row();
  for (let death = 1; death <= 4; death += 1)
    current = { ...current, deaths: recordDeath(current, { atMs: death, healthyForMs: 0 }).deaths };
  assert.equal(recordDeath(current, { atMs: 5, healthyForMs: 0 }).isLooping, true);
  assert.equal(recordDeath(current, { atMs: 5, healthyForMs: 60_000 }).isLooping, false);
});

test('requests go to a serving instance that runs, also to one found running by a new daemon, and to no failing one', () => {
  const seen = { ...newWatch(), status: running, isTrusted: true };
  assert.equal(isReady(row(), seen), true);
  assert.equal(isReady(row(), { ...seen, health: 'failing' }), false);
  assert.equal(isReady(row({ want: 'leaving' }), seen), false);
  assert.equal(isReady(row(), { ...seen, isTrusted: false }), false);
  assert.equal(isReady(row(), undefined), false);
});
