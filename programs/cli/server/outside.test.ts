import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { lookFromOutside } from './outside.ts';

test('a port that answers and should not is named; those that should and do not are wrong', async () => {
  const open = createServer((socket) => socket.destroy()).listen(0, '127.0.0.7');
  await once(open, 'listening');
  const { port } = open.address() as { port: number };
  try {
    const seen = await lookFromOutside('127.0.0.7', { ports: [22, port], sshPort: 22 });
    const other = seen.find(({ check }) => check === 'other ports');
    assert.equal(other?.state, 'wrong');
    assert.match(other.says, new RegExp(`\\b${port}\\b`));
    assert.deepEqual(
      seen.map(({ check }) => check),
      ['edge on 80', 'edge on 443', 'other ports'],
    );
    for (const { says } of seen) assert.notEqual(says, '');
  } finally {
    open.close();
  }
});
