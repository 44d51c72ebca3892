import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type InstallEvent, type InstallStep, runSteps } from './step.ts';

const step = (name: string, { wrong, mends = true }: { wrong: string[]; mends?: boolean }): InstallStep & { applied: number } => {
  let left = wrong;
  let applied = 0;
  return {
    ...{ name, title: name, inspect: async () => left },
    get applied() {
      return applied;
    },
    async apply() {
      applied++;
      if (mends) left = [];
    },
  };
};

const run = async (steps: readonly InstallStep[], known: readonly string[] = []) => {
  const events: InstallEvent[] = [];
  const remembered: string[] = [];
  let now = 0;
  const running = runSteps(steps, {
    isKnown: (name) => known.includes(name),
    remember: async (name) => void remembered.push(name),
    tell: (event) => void events.push(event),
    now: () => (now += 5),
  });
  const thrown = await running.then(
    () => null,
    (error: { code: string; message: string }) => error,
  );
  const ended = events
    .filter((event) => event.kind === 'ended')
    .map(({ step: name, state, changes }) => ({ name, state, changes }));
  return { events, ended, remembered, thrown };
};

describe('a step of an installation', () => {
  test('is made when something is missing, and says what', async () => {
    const users = step('users', { wrong: ['create berth-edge'] });
    const { ended, remembered } = await run([users]);
    assert.deepEqual(ended, [{ name: 'users', state: 'done', changes: ['create berth-edge'] }]);
    assert.deepEqual([users.applied, remembered], [1, ['users']]);
  });

  test('that was made before is repaired', async () => {
    const { ended } = await run([step('users', { wrong: ['create berth-edge'] })], ['users']);
    assert.equal(ended[0]?.state, 'repaired');
  });

  test('is left alone when nothing is missing', async () => {
    const users = step('users', { wrong: [] });
    const { ended } = await run([users]);
    assert.deepEqual([ended[0]?.state, users.applied], ['already', 0]);
  });

  test('that changes nothing ends the installation, and those after it are not begun', async () => {
    const home = step('home', { wrong: ['make /var/lib/berth'], mends: false });
    const daemon = step('daemon', { wrong: ['start it'] });
    const { thrown, remembered } = await run([step('users', { wrong: [] }), home, daemon]);
    assert.equal(thrown?.code, 'SERVER_STEP_UNFINISHED');
    assert.match(thrown.message, /make \/var\/lib\/berth/);
    assert.deepEqual([remembered, daemon.applied], [['users'], 0]);
  });
});
