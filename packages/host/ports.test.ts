import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { describe, test } from 'node:test';
import { freePorts } from '@berth/testing';
import { findFreePort, isPortFree, portRangeOf } from './ports.ts';

const listening = async (port: number, host: string): Promise<Server & AsyncDisposable> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host }, () => resolve()));
  return server;
};

describe('a port is taken while somebody listens', () => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::'])
    test(`on ${host}`, async () => {
      const [port = 0] = await freePorts(1);
      assert.equal(await isPortFree(port), true);
      {
        await using _server = await listening(port, host);
        assert.equal(await isPortFree(port), false);
      }
      assert.equal(await isPortFree(port), true);
    });
});

test('an address that is not of this machine is an error, not a taken port', async () => {
  await assert.rejects(isPortFree(20_000, '192.0.2.1'), { code: 'EADDRNOTAVAIL' });
});

test('the range of a home stays the same, and lies below the ports of outgoing connections', () => {
  const ranges = Array.from({ length: 200 }, (_, i) => portRangeOf(`/home/${i}`));
  for (const { from, to } of ranges) assert.ok(from >= 20_000 && to <= 31_999 && to - from === 499 && from % 500 === 0);
  assert.ok(new Set(ranges.map(({ from }) => from)).size > 15);
  assert.deepEqual(portRangeOf('/home/1'), ranges[1]);
});

test('a port is chosen after the last one, going round, without those that are taken', async () => {
  const [first = 0] = await freePorts(1);
  const range = { from: first, to: first + 3 };
  const none = new Set<number>();
  assert.equal(await findFreePort({ range, taken: none }), first);
  await using _server = await listening(first, '127.0.0.1');
  const next = await findFreePort({ range, taken: none });
  assert.ok(next > first);
  assert.equal(await findFreePort({ range, taken: none, after: range.to }), next);
  const taken = new Set([first + 1, first + 2, first + 3]);
  await assert.rejects(findFreePort({ range, taken }), { code: 'PORTS_EXHAUSTED' });
  await assert.rejects(findFreePort({ range, taken: none, signal: AbortSignal.abort(new Error('enough')) }), /enough/);
});
