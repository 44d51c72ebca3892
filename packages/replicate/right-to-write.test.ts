import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFault } from './fault-windows.ts';
import { createFakeTarget, type FakeTarget } from './fake-target.ts';
import { renderObjectName } from './object-name.ts';
import { createRightToWrite, type RightToWrite } from './right-to-write.ts';
import type { TargetProgress } from './target-progress.ts';

const MINUTE = 60_000;
const LINEAGE = '0123456789abcdef';

/** One process with what it remembers, at a target that counts. */
const processAt = (target: FakeTarget, remembered: Partial<TargetProgress> = {}) => {
  let progress: TargetProgress = {
    safeTxid: 0,
    sequence: 0,
    snapshotTxid: 0,
    snapshotAt: 0,
    epoch: 0,
    fenced: false,
    ...remembered,
  };
  const state = { nowMs: 1e6, requests: 0 };
  const right: RightToWrite = createRightToWrite({
    target,
    database: 'app',
    owner: 'this',
    signal: new AbortController().signal,
    nowMs: () => state.nowMs,
    fault: noFault,
    progress: () => progress,
    advance: (change) => {
      progress = { ...progress, ...change };
    },
    onRequest: () => {
      state.requests += 1;
    },
  });
  return { right, state, remembers: () => progress };
};

const epochs = (target: FakeTarget): number => [...target.objects.keys()].filter((name) => name.includes('/epochs/')).length;

test('of a busy database the right is looked after each minute, of a quiet one every five, of an idle one never', async () => {
  for (const { putsAMinute, minutes, looks } of [
    { putsAMinute: 60, minutes: 60, looks: 60 },
    { putsAMinute: 10, minutes: 60, looks: 60 },
    { putsAMinute: 1, minutes: 60, looks: 12 },
    { putsAMinute: 0, minutes: 60, looks: 0 },
  ]) {
    const { right, state } = processAt(createFakeTarget());
    await right.hold();
    const before = state.requests;
    for (let put = 0; put < putsAMinute * minutes; put += 1) {
      state.nowMs += MINUTE / putsAMinute;
      await right.hold();
      right.used();
    }
    const made = state.requests - before;
    assert.ok(made <= looks && made >= looks * 0.8, `${putsAMinute} puts a minute: ${made} looks in ${minutes} minutes`);
  }
});

test('the original learns of its copy with the next look', async () => {
  const target = createFakeTarget();
  const original = processAt(target);
  await original.right.hold();
  const copy = processAt(target, original.remembers());
  await copy.right.hold();
  await original.right.hold();
  original.state.nowMs += 6 * MINUTE;
  await assert.rejects(original.right.hold(), { code: 'REPLICATION_FENCED' });
  copy.state.nowMs += 6 * MINUTE;
  await copy.right.hold();
  const again = processAt(target, original.remembers());
  await assert.rejects(again.right.hold(), { code: 'REPLICATION_FENCED' });
});

test('what is stored already, its answer lost, is no sign of another writer, and what is stored otherwise is', async () => {
  const target = createFakeTarget();
  const entry = (minTxid: number, maxTxid: number) => {
    return { sequence: minTxid, lineage: LINEAGE, minTxid, maxTxid, at: 0, bytes: 1, path: '', since: 0 };
  };
  const put = (minTxid: number, maxTxid: number): unknown =>
    target.objects.set(renderObjectName({ kind: 'log', database: 'app', lineage: LINEAGE, minTxid, maxTxid }), Buffer.from('x'));
  const entries = [entry(2, 3), entry(4, 4), entry(5, 9)];
  const isStored = async (): Promise<boolean> => true;
  put(2, 3);
  await processAt(target).right.hold({ entries, isStored });
  assert.equal(epochs(target), 1);
  put(4, 6);
  await assert.rejects(processAt(target).right.hold({ entries, isStored }), { code: 'REPLICATION_FENCED' });
  await assert.rejects(processAt(target).right.hold({ entries, isStored: async () => false }), { code: 'REPLICATION_FENCED' });
  assert.equal(epochs(target), 1, 'nothing was claimed');
});

test('a claim under which nothing was put can be given back, another one not', async () => {
  const target = createFakeTarget();
  const first = processAt(target);
  await first.right.hold();
  await first.right.giveBack();
  assert.equal(epochs(target), 0);
  const second = processAt(target);
  await second.right.hold();
  second.right.used();
  await second.right.giveBack();
  assert.equal(epochs(target), 1);
});
