import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import type { BerthError } from '@berth/core';
import { temporaryDirectory } from '@berth/testing';
import { newestState } from './copies.ts';
import { loseMachine, T0 } from './fake-machine.ts';
import { planRecovery } from './plan.ts';
import { finishRecovery } from './record.ts';
import { recover } from './recover.ts';

const plans = () => readdirSync(tmpdir()).filter((name) => name.startsWith('berth-plan-'));
const iso = (ms: number) => new Date(ms).toISOString();

describe('a plan', () => {
  test('says what would come back, how old it is and from where, and changes nothing', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    const before = plans();
    const plan = await planRecovery(machine.deps(), { at: null });
    assert.deepEqual(plan.platform, { target: 'near', at: iso(T0 + 100) });
    const [notes, site] = plan.apps;
    assert.deepEqual(
      notes?.stores.map(({ store, kind, target, at, bytes }) => ({ store, kind, target, at, bytes })),
      [
        { store: 'main', kind: 'sqlite', target: 'near', at: iso(T0 + 100), bytes: 'late rows'.length },
        { store: 'pictures', kind: 'files', target: 'near', at: iso(T0 - 500), bytes: 'pictures'.length },
      ],
    );
    assert.deepEqual([notes?.release, notes?.build, notes?.state, site?.release, site?.build], [2, 'near', 'running', 1, 'near']);
    assert.equal(plan.bytes, 'late rows'.length + 'pictures'.length);
    assert.ok(plan.estimate.ms > 0);
    assert.ok(!existsSync(machine.home));
    assert.deepEqual(plans(), before, 'no copy of the platform stays behind');
    for (const { owner } of plan.targets) assert.deepEqual(owner, { host: 'old.example', seenAt: iso(T0), isAlive: false });
    assert.equal((await (await machine.vault('near')).owner())?.id, 'old');
  });

  test('of a moment is of that moment', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    const { apps, platform } = await planRecovery(machine.deps(), { at: new Date(T0 + 40) });
    assert.equal(platform.at, iso(T0));
    assert.equal(apps[0]?.release, 1);
    assert.equal(apps[0]?.stores[0]?.at, iso(T0 + 40));
  });

  test('names what no target has, and targets that do not answer', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    for (const { trees, stores } of machine.targets.values()) {
      trees.delete('build-b2');
      stores.delete('s-files');
    }
    machine.silent.add('far');
    const { apps, targets } = await planRecovery(machine.deps(), { at: null });
    assert.equal(apps[0]?.build, null);
    assert.equal(apps[0]?.stores[1]?.target, null);
    assert.match(targets.find(({ target }) => target === 'far')?.silent ?? '', /does not answer/);
  });

  test('says that an owner looks alive', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    machine.nowMs = T0 + 30_000;
    const { targets } = await planRecovery(machine.deps(), { at: null });
    assert.deepEqual(
      targets.map(({ owner }) => owner?.isAlive),
      [true, true],
    );
  });

  test('is refused where nothing can be recovered to', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    await recover(machine.deps(), { at: null, takeOver: false });
    // Unfinished it would go on; finished it is a platform.
    await finishRecovery(machine.home);
    await assert.rejects(planRecovery(machine.deps(), { at: null }), (error: BerthError) => error.code === 'HOME_NOT_EMPTY');
  });
});

describe('the newest state', () => {
  const range = (fromMs: number, toMs: number) => ({ fromMs, toMs, resolution: 'every-change' as const, states: null });
  const cases = [
    { name: 'of nothing is none', ranges: [], at: null, found: null },
    { name: 'is the end of the last range', ranges: [range(1, 5), range(7, 9)], at: null, found: 9 },
    { name: 'is the moment itself inside of a range', ranges: [range(1, 5), range(7, 9)], at: 8, found: 8 },
    { name: 'is the end before a gap', ranges: [range(1, 5), range(7, 9)], at: 6, found: 5 },
    { name: 'is none before everything', ranges: [range(3, 5)], at: 2, found: null },
  ];
  for (const { name, ranges, at, found } of cases)
    test(name, () => assert.equal(newestState(ranges, at === null ? null : new Date(at)), found));
});
