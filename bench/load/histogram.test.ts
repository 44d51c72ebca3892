import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from './histogram.ts';

test('quantiles of 1 to 1000 ms are those of the numbers themselves', () => {
  const histogram = new Histogram();
  for (let ms = 1; ms <= 1000; ms += 1) histogram.add(ms);
  assert.deepEqual(histogram.summary(), { count: 1000, p50: 500.1, p90: 900.1, p99: 990.1, worst: 1000 });
});

test('the worst is exact above the range of the buckets', () => {
  const histogram = new Histogram();
  histogram.add(500_000.5);
  assert.equal(histogram.summary().worst, 500_000.5);
});

test('nothing measured gives zeros', () => {
  assert.deepEqual(new Histogram().summary(), { count: 0, p50: 0, p90: 0, p99: 0, worst: 0 });
});
