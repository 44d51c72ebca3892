import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTraffic } from './traffic.ts';

const sample = (release: number, atMs: number, durationMs: number, status = 200) => ({
  app: 'pad',
  service: 'web',
  server: `pad.web.${release}-a1b2c3`,
  atMs,
  status,
  durationMs,
});

test('requests are counted for the release that answered them', () => {
  const traffic = createTraffic();
  traffic.add([sample(1, 0, 10), sample(1, 0, 10, 500), sample(2, 0, 10)]);
  assert.deepEqual(
    [traffic.of('pad', 1, 0).requests, traffic.of('pad', 1, 0).errors, traffic.of('pad', 2, 0).requests],
    [2, 1, 1],
  );
});
test('the 95th percentile is right to a fifth', () => {
  const traffic = createTraffic();
  traffic.add(Array.from({ length: 100 }, (_, index) => sample(1, 0, index < 90 ? 10 : 400)));
  const { p95Ms } = traffic.of('pad', 1, 0);
  assert.ok(p95Ms !== null && p95Ms >= 400 && p95Ms <= 480, String(p95Ms));
});
test('nothing measured has no latency', () => assert.equal(createTraffic().of('pad', 1, 0).p95Ms, null));
test('what is older than asked is left out', () => {
  const traffic = createTraffic();
  traffic.add([sample(1, 0, 10), sample(1, 600_000, 10)]);
  assert.equal(traffic.of('pad', 1, 300_000).requests, 1);
});
test('minutes of more than an hour ago are forgotten', () => {
  const traffic = createTraffic();
  traffic.add([sample(1, 0, 10), sample(1, 7_200_000, 10)]);
  assert.equal(traffic.of('pad', 1, 0).requests, 1);
});
