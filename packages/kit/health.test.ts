import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '@berth/testing';
import { createHealth } from './index.ts';

test('ready without checks, and alive always', async () => {
  const health = createHealth();
  assert.deepEqual(await health.readiness(), { ready: true, checks: [] });
  const { alive, uptimeSec } = health.liveness();
  assert.ok(alive && Number.isInteger(uptimeSec));
});

test('each check says how it is, and one reason is enough not to be ready', async () => {
  const health = createHealth({ clock: createFakeClock() });
  health.add('fine', () => null);
  health.add('full', async () => 'the disk is full');
  health.add('throws', () => {
    throw new Error('no connection');
  });
  const { ready, checks } = await health.readiness();
  assert.equal(ready, false);
  assert.deepEqual(checks, [
    { name: 'fine', ok: true, reason: null, ms: 0 },
    { name: 'full', ok: false, reason: 'the disk is full', ms: 0 },
    { name: 'throws', ok: false, reason: 'no connection', ms: 0 },
  ]);
  assert.throws(() => health.add('fine', () => null), /twice/);
});

test('a check that hangs is abandoned in time, told so, and not started again before it ends', async () => {
  const clock = createFakeClock();
  const health = createHealth({ timeoutMs: 500, clock });
  let starts = 0;
  let end: (reason: null) => void = () => undefined;
  const signals: AbortSignal[] = [];
  health.add('hangs', (signal) => {
    starts += 1;
    signals.push(signal);
    return new Promise((resolve) => {
      end = resolve;
    });
  });
  for (let question = 0; question < 3; question += 1) {
    const answer = health.readiness();
    await clock.advance(500);
    const expected = { name: 'hangs', ok: false, reason: 'no answer within 500 ms', ms: 500 };
    assert.deepEqual((await answer).checks, [expected]);
  }
  assert.equal(starts, 1);
  assert.equal(signals[0]?.aborted, true);
  end(null);
  await clock.advance(0);
  const answer = health.readiness();
  end(null);
  assert.equal((await answer).ready, true);
  assert.equal(starts, 2);
  assert.equal(clock.sleepers, 0);
});
