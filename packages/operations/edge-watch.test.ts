import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEdgeWatch } from './edge-watch.ts';

const setUp = () => {
  const clock = { ms: 0 };
  const edge = { isAlive: true, running: ['haproxy', 'nginx'] as ('haproxy' | 'nginx')[], asked: 0 };
  const watch = createEdgeWatch({
    edge: {
      alive: async () => {
        edge.asked += 1;
        return edge.isAlive;
      },
      processes: async () => edge.running.map((name, pid) => ({ name, pid })),
    },
    now: () => new Date(clock.ms),
  });
  return { clock, edge, watch };
};

test('whoever wants to know is told what was seen last, and the edge is not asked for it', async () => {
  const { clock, edge, watch } = setUp();
  assert.equal(await watch.isUp(), true, 'nothing was seen yet: it is asked');
  edge.isAlive = false;
  clock.ms += 1_000;
  assert.equal(await watch.isUp(), true);
  assert.equal(edge.asked, 1);
  assert.equal(await watch.look(), false);
  assert.equal(await watch.isUp(), false);
  assert.equal(edge.asked, 2);
});

test('a process that has gone is noticed at once', async () => {
  const { edge, watch } = setUp();
  await watch.look();
  edge.running = ['haproxy'];
  assert.equal(await watch.isUp(), false);
  assert.equal(edge.asked, 1);
});

test('what was seen long ago, or in another time, is looked at again', async () => {
  const { clock, edge, watch } = setUp();
  await watch.look();
  edge.isAlive = false;
  clock.ms += 6_000;
  assert.equal(await watch.isUp(), false);
  edge.isAlive = true;
  clock.ms -= 3_600_000;
  assert.equal(await watch.isUp(), true);
});
