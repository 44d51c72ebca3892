import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Editors } from './editors.ts';
import { crewShape, openAll } from './measure.ts';
import { Server } from './servers.ts';

const scratch = mkdtempSync(join(tmpdir(), 'bench-kolabpad-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

test('with a plain broadcast server every key is seen by every other editor of its document', async () => {
  await using server = await Server.start('broadcast', scratch);
  await using editors = new Editors({ processes: 2 });
  await openAll(editors, crewShape(server, { documents: 4, sockets: 12, localAddresses: ['127.0.0.2', '127.0.0.3'] }));
  await editors.seed(1_000);
  const full = await editors.type({ pace: 'closed', ms: 300 });
  const steady = await editors.type({ pace: { keysPerSecond: 100 }, ms: 500 });
  for (const { edits, keystrokes, delays, wrong, ended } of [full, steady]) {
    assert.ok(edits > 0);
    assert.deepEqual(
      { delays, wrong, ended },
      { delays: { expected: keystrokes * 2, seen: keystrokes * 2 }, wrong: 0, ended: {} },
    );
  }
  assert.deepEqual(await editors.ping(10_000), { open: 12, answered: 12 });
  assert.deepEqual(await editors.close(10_000), { cut: 0 });
});

test('a server that is killed is noticed by everybody', async () => {
  await using server = await Server.start('broadcast', scratch);
  await using editors = new Editors();
  await openAll(editors, crewShape(server, { documents: 2, sockets: 6 }));
  const typing = editors.type({ pace: { keysPerSecond: 100 }, ms: 1_500 });
  await server[Symbol.asyncDispose]();
  const { ended } = await typing;
  assert.equal(
    Object.values(ended).reduce((sum, count) => sum + count, 0),
    6,
  );
  assert.deepEqual(await editors.ping(1_000), { open: 0, answered: 0 });
});

test('the inspector tells memory after garbage collection, and how late timers fire', async () => {
  await using server = await Server.start('broadcast', scratch);
  using inspector = await server.inspect();
  await inspector.watchDelay();
  assert.ok((await inspector.memory()).heapUsed > 1_000_000);
  assert.ok((await inspector.delay()).worst >= 0);
});
