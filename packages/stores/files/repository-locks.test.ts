import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeadLock } from './repository-locks.ts';

const now = Date.parse('2026-03-10T12:00:00Z');
const names = new Map([
  [1, 'systemd'],
  [7, 'restic'],
  [8, 'restic-0.18-lon'],
]);
const known = { host: 'here', now, program: 'restic', nameOf: (pid: number) => names.get(pid) ?? null };

describe('a lock is dead', () => {
  const cases = [
    { name: 'when its process is gone', hostname: 'here', pid: 99, time: '2026-03-10T11:59:59Z', isDead: true },
    { name: 'when its number belongs to another program', hostname: 'here', pid: 1, time: '2026-03-10T11:59:59Z', isDead: true },
    { name: 'never while its process runs', hostname: 'here', pid: 7, time: '2026-03-01T00:00:00Z', isDead: false },
    { name: 'never while a restic of another name runs', hostname: 'here', pid: 8, time: '2026-03-01T00:00:00Z', isDead: false },
    {
      name: 'not yet when another machine was there lately',
      hostname: 'there',
      pid: 99,
      time: '2026-03-10T11:10:00Z',
      isDead: false,
    },
    { name: 'when another machine has been silent', hostname: 'there', pid: 7, time: '2026-03-10T10:59:00Z', isDead: true },
  ];
  for (const { name, isDead, ...lock } of cases) test(name, () => assert.equal(isDeadLock(lock, known), isDead));
});
