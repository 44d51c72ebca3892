import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collides, freeHue, trimName } from './participant.ts';

for (const [typed, name] of [
  ['  Ada  ', 'Ada'],
  ['   ', null],
  ['', null],
  ['x'.repeat(40), 'x'.repeat(25)],
  ['two\n  lines', 'two lines'],
] as const)
  test(`a name typed as ${JSON.stringify(typed)} is ${JSON.stringify(name)}`, () => assert.equal(trimName(typed), name));

for (const [hue, other, expected] of [
  [10, 39, true],
  [10, 40, false],
  [5, 350, true],
  [350, 19, true],
  [0, 330, false],
] as const)
  test(`hues ${hue} and ${other} ${expected ? 'look alike' : 'are different'}`, () =>
    assert.equal(collides(hue, [other]), expected));

test('a colliding hue is rolled again until one is free', () => {
  const rolls = [0.5, 0.5, 0.5, 0.1];
  assert.equal(
    freeHue([180], () => rolls.shift() ?? 0),
    36,
  );
});

test('after twenty tries the hue is taken as it is', () => {
  let tries = 0;
  const hue = freeHue([180], () => {
    tries += 1;
    return 0.5;
  });
  assert.deepEqual([hue, tries], [180, 20]);
});
