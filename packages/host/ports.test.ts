import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { describe, test } from 'node:test';
import { freePorts } from '@berth/testing';
import { claimPortRange, findFreePort, isPortFree, portRangeOf } from './ports.ts';

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

test('a range that is claimed is given to nobody else, in no process, until its owner gives it back or dies', async () => {
  const home = '/home/claimed';
  const program = `
    import { claimPortRange } from ${JSON.stringify(import.meta.resolve('./ports.ts'))};
    const { range } = await claimPortRange(${JSON.stringify(home)});
    console.log(range.from);
    setInterval(() => {}, 60_000);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(other, 'exit');
  try {
    const [printed] = (await once(other.stdout, 'data')) as [Buffer];
    const theirs = Number(printed.toString());
    const before = await claimPortRange(home);
    assert.notEqual(before.range.from, theirs);
    other.kill('SIGKILL');
    await ended;
    await using again = await claimPortRange(home);
    assert.equal(again.range.from, theirs);
    await before[Symbol.asyncDispose]();
    await using next = await claimPortRange(home);
    assert.deepEqual(next.range, before.range);
  } finally {
    other.kill('SIGKILL');
    await ended;
  }
});

test('a home whose range is claimed gets the next one, and where all are claimed its own', async () => {
  await using kept = new AsyncDisposableStack();
  const claimed = new Set<number>();
  // As many as there are ranges: those that others on this machine have are missing in the end.
  for (let i = 0; i < 24; i++) claimed.add(kept.use(await claimPortRange('/home/1')).range.from);
  assert.ok(claimed.has(portRangeOf('/home/1').from));
  assert.ok(claimed.size > 12, `${claimed.size} ranges`);
  await using last = await claimPortRange('/home/1');
  assert.deepEqual(last.range, portRangeOf('/home/1'));
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
