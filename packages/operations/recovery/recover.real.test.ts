import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BerthError } from '@berth/core';
import { temporaryDirectory } from '@berth/testing';
import { loseMachine } from './fake-machine.ts';
import { assertWhole } from './fake-whole.ts';
import { checkRecovered } from './record.ts';
import { recover } from './recover.ts';

const newest = { at: null, takeOver: false };
const codeOf = (code: string) => (error: BerthError) => error.code === code;

test('a recovery killed at any moment and run again comes to the same', async () => {
  await using directory = await temporaryDirectory();
  const machine = await loseMachine(directory.path);
  const points: string[] = [];
  await recover(
    machine.deps((point) => void points.push(point)),
    newest,
  );
  assert.ok(points.length > 25, points.join(' '));
  for (const [index, point] of points.entries()) {
    await using place = await temporaryDirectory();
    const other = await loseMachine(place.path);
    let left = points.slice(0, index + 1).filter((it) => it === point).length;
    const kill = (reached: string) => {
      if (reached === point && --left === 0) throw new Error('killed');
    };
    await assert.rejects(recover(other.deps(kill), newest), /killed/);
    const isComplete = point === 'recover.end';
    if (isComplete) checkRecovered(other.home);
    else assert.throws(() => checkRecovered(other.home), codeOf('RECOVERY_UNFINISHED'), point);
    // The old owner was there a moment ago, by the clock of its last sign; a former attempt of ours is no stranger.
    other.nowMs += 1_000;
    await recover(other.deps(), newest);
    assertWhole(other.home);
    checkRecovered(other.home);
  }
});
