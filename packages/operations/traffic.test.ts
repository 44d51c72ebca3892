import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTraffic } from './traffic.ts';

const sample = (release: number, atMs: number, durationMs: number, changes: { status?: number; heldMs?: number } = {}) => ({
  app: 'pad',
  service: 'web',
  server: `pad.web.${release}-a1b2c3`,
  atMs,
  status: 200,
  durationMs,
  heldMs: 0,
  ...changes,
});
const many = (count: number, make: (index: number) => ReturnType<typeof sample>) =>
  Array.from({ length: count }, (_, index) => make(index));
const always = { sinceMs: 0, warmMs: 0 };

test('requests are counted for the release that answered them', () => {
  const traffic = createTraffic();
  traffic.add([sample(1, 0, 10), sample(1, 0, 10, { status: 500 }), sample(2, 0, 10)]);
  assert.deepEqual([traffic.of('pad', 1, always).requests, traffic.of('pad', 1, always).errors], [2, 1]);
  assert.equal(traffic.of('pad', 2, always).requests, 1);
});
test('the 95th percentile is right to a fifth', () => {
  const traffic = createTraffic();
  traffic.add(many(1_000, (index) => sample(1, 0, index < 900 ? 10 : 400)));
  const { p95Ms } = traffic.of('pad', 1, always);
  assert.ok(p95Ms !== null && p95Ms >= 400 && p95Ms <= 480, String(p95Ms));
});
test('too few requests have no latency', () => {
  const traffic = createTraffic();
  traffic.add(many(199, () => sample(1, 0, 10)));
  assert.equal(traffic.of('pad', 1, always).p95Ms, null);
});
test('what is older than asked is left out', () => {
  const traffic = createTraffic();
  traffic.add([sample(1, 0, 10), sample(1, 600_000, 10)]);
  assert.equal(traffic.of('pad', 1, { sinceMs: 300_000, warmMs: 0 }).requests, 1);
});
test('latency is taken only of what came when the program was warm, errors of everything', () => {
  const traffic = createTraffic();
  traffic.add(many(300, () => sample(1, 1_000, 5_000, { status: 500 })));
  traffic.add(many(300, () => sample(1, 31_000, 10)));
  const { errors, p95Ms } = traffic.of('pad', 1, { sinceMs: 0, warmMs: 15_000 });
  assert.equal(errors, 300);
  assert.ok(p95Ms !== null && p95Ms < 20, String(p95Ms));
});
test('a request that was held says nothing about how fast the release is', () => {
  const traffic = createTraffic();
  traffic.add(many(300, () => sample(1, 0, 4_000, { heldMs: 3_990 })));
  traffic.add(many(300, () => sample(1, 0, 10)));
  const { requests, p95Ms } = traffic.of('pad', 1, always);
  assert.equal(requests, 600);
  assert.ok(p95Ms !== null && p95Ms < 20, String(p95Ms));
});
test('what is more than an hour old is forgotten', () => {
  const traffic = createTraffic();
  traffic.add([sample(1, 0, 10), sample(2, 7_200_000, 10)]);
  assert.equal(traffic.of('pad', 1, always).requests, 0);
});
