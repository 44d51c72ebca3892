import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { createTurns } from './turns.ts';

test('many work together, one works alone, in the order in which they came', async () => {
  const turns = createTurns();
  const told: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => async () => {
    told.push(`${name} begins`);
    await new Promise<void>((end) => ends.set(name, end));
    told.push(`${name} ends`);
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await turn();
  };
  const all = [turns.together(work('a')), turns.together(work('b')), turns.alone(work('c')), turns.together(work('d'))];
  await turn();
  assert.deepEqual(told, ['a begins', 'b begins']);
  await end('a');
  assert.equal(told.includes('c begins'), false);
  await end('b');
  assert.deepEqual(told.slice(2), ['a ends', 'b ends', 'c begins']);
  await end('c');
  assert.deepEqual(told.slice(5), ['c ends', 'd begins']);
  await end('d');
  await Promise.all(all);
});

test('work that fails gives its turn on', async () => {
  const turns = createTurns();
  await assert.rejects(
    turns.alone(() => Promise.reject(new Error('broke'))),
    /broke/,
  );
  assert.equal(await turns.together(async () => 'next'), 'next');
});
