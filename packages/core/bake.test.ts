import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeBake, type Traffic } from './bake.ts';

const traffic = (requests: number, errors: number, p95Ms: number | null = 40): Traffic => ({ requests, errors, p95Ms });

const cases: { name: string; before: Traffic; after: Traffic; verdict: 'wait' | 'pass' | 'worse' }[] = [
  { name: 'nothing has been asked yet', before: traffic(10_000, 2), after: traffic(0, 0, null), verdict: 'wait' },
  {
    name: '199 requests are no evidence, even if all failed',
    before: traffic(10_000, 2),
    after: traffic(199, 199),
    verdict: 'wait',
  },
  { name: 'all went well, before and after', before: traffic(10_000, 0), after: traffic(200, 0), verdict: 'pass' },
  { name: 'every request fails', before: traffic(10_000, 2), after: traffic(200, 200), verdict: 'worse' },
  { name: 'one in ten fails and none did', before: traffic(10_000, 0), after: traffic(200, 20), verdict: 'worse' },
  { name: 'one in ten fails, as before', before: traffic(10_000, 1_000), after: traffic(1_000, 100), verdict: 'pass' },
  {
    name: 'a bad release is followed by a better one',
    before: traffic(10_000, 5_000),
    after: traffic(1_000, 100),
    verdict: 'pass',
  },
  { name: 'four errors are one client with bad luck', before: traffic(10_000, 0), after: traffic(200, 4), verdict: 'pass' },
  {
    name: 'the rate doubled, but within the noise of 300 requests',
    before: traffic(300, 6),
    after: traffic(300, 12),
    verdict: 'pass',
  },
  {
    name: 'the rate doubled, and 30,000 requests leave no doubt',
    before: traffic(30_000, 600),
    after: traffic(30_000, 1_200),
    verdict: 'worse',
  },
  {
    name: 'certainly worse, but by less than one in a hundred',
    before: traffic(1_000_000, 100),
    after: traffic(1_000_000, 5_000),
    verdict: 'pass',
  },
  { name: 'a first release, with nothing before it', before: traffic(0, 0, null), after: traffic(500, 0), verdict: 'pass' },
  { name: 'little before, and every request fails', before: traffic(3, 0), after: traffic(200, 200), verdict: 'worse' },
  { name: 'little before, and one in fifty fails', before: traffic(3, 0), after: traffic(200, 5), verdict: 'pass' },
  {
    name: 'a failed attempt or two before do not excuse total failure',
    before: traffic(2, 2),
    after: traffic(400, 400),
    verdict: 'worse',
  },
  { name: 'three times slower by 100 ms', before: traffic(1_000, 0, 50), after: traffic(300, 0, 150), verdict: 'worse' },
  {
    name: 'ten times slower, by 27 ms that nobody feels',
    before: traffic(1_000, 0, 3),
    after: traffic(300, 0, 30),
    verdict: 'pass',
  },
  {
    name: 'slower by 400 ms, but not twice as slow',
    before: traffic(1_000, 0, 500),
    after: traffic(300, 0, 900),
    verdict: 'pass',
  },
  {
    name: 'slower than the three requests before, which say little',
    before: traffic(3, 0, 5),
    after: traffic(300, 0, 500),
    verdict: 'pass',
  },
  { name: 'no latency was measured', before: traffic(1_000, 0, null), after: traffic(300, 0, null), verdict: 'pass' },
];
for (const { name, before, after, verdict } of cases) {
  test(`the verdict is ${verdict} when ${name}`, () => {
    const judged = judgeBake(before, after);
    assert.equal(judged.verdict, verdict, judged.reason);
    assert.doesNotMatch(judged.reason, /NaN|Infinity|undefined/);
  });
}

test('a release as good as the one before is hardly ever sent back, however often it is asked', () => {
  // mulberry32, so that the same noise comes every time
  let state = 7;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const errorsIn = (requests: number, rate: number): number => {
    let errors = 0;
    for (let request = 0; request < requests; request++) if (random() < rate) errors++;
    return errors;
  };
  let sentBack = 0;
  for (let bake = 0; bake < 1_000; bake++) {
    const before = traffic(400, errorsIn(400, 0.02));
    let errors = 0;
    for (let requests = 100; requests <= 1_000; requests += 100) {
      errors += errorsIn(100, 0.02);
      if (judgeBake(before, traffic(requests, errors)).verdict === 'worse') {
        sentBack++;
        break;
      }
    }
  }
  assert.ok(sentBack <= 2, `${sentBack} of 1000 good releases were sent back`);
});
