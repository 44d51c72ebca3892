import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffDelayMs, type Death, failuresInARow, isCrashLoop } from './restart-policy.ts';

const delays: [failures: number, ms: number][] = [
  [0, 0],
  [1, 0],
  [2, 1_000],
  [3, 2_000],
  [4, 4_000],
  [5, 8_000],
  [6, 16_000],
  [7, 30_000],
  [8, 30_000],
  [10_000, 30_000],
];
for (const [failures, ms] of delays) {
  test(`after ${failures} failures in a row the next start is ${ms} ms away`, () => assert.equal(backoffDelayMs(failures), ms));
}

/** Deaths so many seconds apart, none ever healthy. */
const deathsEvery = (seconds: number, count: number): Death[] =>
  Array.from({ length: count }, (_, at) => ({ atMs: at * seconds * 1000, healthyForMs: 0 }));
const healthyBefore = (healthyForMs: number, ...deaths: Death[]): Death[] =>
  deaths.map((death, at) => (at === 0 ? { ...death, healthyForMs } : death));

const loops: { name: string; deaths: Death[]; looping: boolean }[] = [
  { name: 'no death', deaths: [], looping: false },
  { name: 'four deaths in a row are bad luck still', deaths: deathsEvery(1, 4), looping: false },
  { name: 'five deaths in a few seconds', deaths: deathsEvery(1, 5), looping: true },
  { name: 'five deaths in just two minutes', deaths: deathsEvery(30, 5), looping: true },
  { name: 'five deaths in more than two minutes', deaths: deathsEvery(31, 5), looping: false },
  { name: 'ten deaths, each after a long start', deaths: deathsEvery(60, 10), looping: true },
  {
    name: 'many deaths, the last five of them close together',
    deaths: [...deathsEvery(100, 3), ...deathsEvery(1, 5).map((death) => ({ ...death, atMs: death.atMs + 1e6 }))],
    looping: true,
  },
  {
    name: 'five deaths, the second after a healthy half minute',
    deaths: [...deathsEvery(1, 1), ...healthyBefore(30_000, ...deathsEvery(1, 4))],
    looping: false,
  },
  {
    name: 'a service that dies once a day',
    deaths: deathsEvery(86_400, 100).map((death) => ({ ...death, healthyForMs: 86_000_000 })),
    looping: false,
  },
  {
    name: 'five deaths, each after 29 healthy seconds',
    deaths: deathsEvery(30, 5).map((death) => ({ ...death, healthyForMs: 29_000 })),
    looping: true,
  },
];
for (const { name, deaths, looping } of loops) {
  test(`${looping ? 'a crash loop' : 'no crash loop'}: ${name}`, () => assert.equal(isCrashLoop(deaths), looping));
}

test('the death that ends a healthy stretch is the first failure of a new row', () => {
  const deaths = [...deathsEvery(1, 3), { atMs: 100_000, healthyForMs: 60_000 }, { atMs: 101_000, healthyForMs: 0 }];
  assert.deepEqual(failuresInARow(deaths), deaths.slice(3));
});
