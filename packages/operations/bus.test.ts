import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@berth/host';
import { openJournal } from '@berth/journal';
import { createBus } from './bus.ts';

const open = () => {
  const now = () => new Date('2026-01-01T00:00:00Z');
  return createBus(openJournal(':memory:', { now }), { now, log: silentLogger });
};

test('a listener gets what was and what comes, in order and once', async () => {
  const bus = open();
  const stop = new AbortController();
  bus.publish({ name: 'one' });
  const seen: string[] = [];
  for await (const event of bus.listen({ since: 0, follow: true }, stop.signal)) {
    seen.push(`${event.seq} ${event.name}`);
    if (seen.length === 1) for (const name of ['two', 'three']) bus.publish({ name });
    if (seen.length === 3) stop.abort();
  }
  assert.deepEqual(seen, ['1 one', '2 two', '3 three']);
});

test('the stream of an operation ends with it, and carries the output that nobody keeps', async () => {
  const bus = open();
  bus.publish({ name: 'operation.queued', app: 'pad', operation: 1 });
  const seen: string[] = [];
  for await (const event of bus.listen({ operation: 1, follow: true }, new AbortController().signal)) {
    seen.push(event.name);
    if (event.name === 'operation.queued') {
      setImmediate(() => {
        bus.publish({ name: 'other', app: 'other' });
        bus.mention({ name: 'operation.output', app: 'pad', operation: 1, fields: { lines: ['x'] } });
        bus.publish({ name: 'operation.finished', app: 'pad', operation: 1 });
      });
    }
  }
  assert.deepEqual(seen, ['operation.queued', 'operation.output', 'operation.finished']);
});

test('without follow it ends with the past', async () => {
  const bus = open();
  for (let index = 0; index < 1_200; index += 1) bus.publish({ name: 'x' });
  let count = 0;
  for await (const _event of bus.listen({ since: 0, follow: false }, new AbortController().signal)) count += 1;
  assert.equal(count, 1_200);
});
