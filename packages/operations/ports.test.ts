import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Journal } from '@berth/journal';
import { createPorts } from './ports.ts';

const range = { from: 20_000, to: 20_499 };
const journal = (taken: ReadonlySet<number>) => ({ instances: { takenPorts: () => taken } }) as unknown as Journal;

test('homes that share a range do not all begin with the same port', async () => {
  const firsts = await Promise.all(
    Array.from({ length: 20 }, () => createPorts(journal(new Set()), range).lease((port) => port)),
  );
  assert.ok(firsts.every((port) => port >= range.from && port <= range.to));
  assert.ok(new Set(firsts).size > 10, firsts.join(' '));
});

test('leases that are asked for at once are different ports, none of which is taken', async () => {
  const taken = new Set(Array.from({ length: 490 }, (_, n) => range.from + n));
  const ports = createPorts(journal(taken), range);
  const take = (port: number): number => {
    taken.add(port);
    return port;
  };
  const leased = await Promise.all(Array.from({ length: 5 }, () => ports.lease(take)));
  assert.equal(new Set(leased).size, 5);
  assert.ok(leased.every((port) => port >= range.from + 490));
});
