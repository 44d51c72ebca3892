import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { freePorts, temporaryDirectory, waitUntil } from '@berth/testing';
import { decodeAddress, listeningPorts, ownerOfPort } from './listeners.ts';
import {
  bootId,
  descendants,
  isSame,
  parseProcessStat,
  processGroup,
  processSession,
  pssBytes,
  readProcess,
} from './processes.ts';

const started = async (command: string, args: readonly string[]): Promise<ChildProcess & { pid: number } & AsyncDisposable> => {
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child, 'spawn');
  return Object.assign(child as ChildProcess & { pid: number }, {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      process.kill(-(child.pid as number), 'SIGKILL');
      await once(child, 'exit');
    },
  });
};

test('reads what the kernel tells about a process', async () => {
  await using child = await started('sleep', ['60']);
  const found = await waitUntil(
    () => {
      const now = readProcess(child.pid);
      // Between exec and its first instructions a process has no memory.
      return now?.name === 'sleep' && now.state === 'S' ? now : null;
    },
    { what: 'it sleeps' },
  );
  assert.equal(found.pid, child.pid);
  assert.equal(found.ppid, process.pid);
  assert.equal(found.pgid, child.pid);
  assert.equal(found.sid, child.pid);
  assert.ok(found.rssBytes > 100_000 && found.rssBytes < 50_000_000, String(found.rssBytes));
  assert.ok(found.startTime >= (readProcess(process.pid)?.startTime ?? Number.POSITIVE_INFINITY));
});

test('a name may hold spaces and parentheses', async () => {
  await using directory = await temporaryDirectory();
  const program = directory.join('a) R 1 (b');
  copyFileSync('/bin/sleep', program);
  await using child = await started(program, ['60']);
  const found = await waitUntil(() => (readProcess(child.pid)?.name.startsWith('a)') ? readProcess(child.pid) : null), {
    what: 'it runs',
  });
  assert.equal(found.name, 'a) R 1 (b');
  assert.equal(found.ppid, process.pid);
});

describe('what is not a line of /proc/PID/stat is not taken for one', () => {
  for (const line of ['', '\n', 'cancelled\n', '12 sleep S 1', '12 (sl', '12 (sleep) S 1 2', ') 1 ('])
    test(JSON.stringify(line), () => assert.equal(parseProcessStat(line), null));
});

test('a process is the same as long as it lives, and with its own start time only', async () => {
  await using child = await started('sleep', ['60']);
  const { startTime } = readProcess(child.pid) ?? { startTime: -1 };
  assert.equal(isSame(child.pid, startTime), true);
  assert.equal(isSame(child.pid, startTime + 1), false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(isSame(child.pid, startTime), false);
});

test('a zombie is gone', async () => {
  await using parent = await started('/bin/sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
  const [chunk] = await once(parent.stdout as NodeJS.ReadableStream, 'data');
  const pid = Number(String(chunk));
  const zombie = await waitUntil(() => (readProcess(pid)?.state === 'Z' ? readProcess(pid) : null), {
    what: 'the child is a zombie',
  });
  assert.equal(isSame(pid, zombie.startTime), false);
  assert.deepEqual(descendants(parent.pid), []);
  assert.ok(!processGroup(parent.pid).some((member) => member.pid === pid));
});

test('knows the group, the session and the descendants of a process', async () => {
  await using parent = await started('/bin/sh', ['-c', 'sleep 60 & setsid /bin/sh -c "sleep 60 & wait" & wait']);
  const family = await waitUntil(() => (descendants(parent.pid).length === 3 ? descendants(parent.pid) : null), {
    what: 'three descend from it',
  });
  const inner = family.find((member) => member.sid !== parent.pid)?.sid ?? 0;
  try {
    assert.deepEqual(
      processGroup(parent.pid)
        .map(({ name }) => name)
        .sort(),
      ['sh', 'sleep'],
    );
    assert.equal(processSession(parent.pid).length, 2);
    assert.equal(processSession(inner).length, 2);
  } finally {
    process.kill(-inner, 'SIGKILL');
  }
});

test('the proportional size of a process counts shared pages in part', () => {
  const { rssBytes } = readProcess(process.pid) ?? { rssBytes: 0 };
  const pss = pssBytes(process.pid);
  assert.ok(pss !== null && pss > 1_000_000 && pss <= rssBytes * 1.2, `${pss} of ${rssBytes}`);
  assert.equal(pssBytes(2 ** 22 + 1), null);
});

test('there is a boot id', () => assert.match(bootId(), /^[0-9a-f-]{36}$/));

describe('who listens where', () => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1', '::'])
    test(`a process that listens on ${host}`, async () => {
      const [port = 0] = await freePorts(1);
      const script = `require('net').createServer().listen(${port}, '${host}', () => console.log('ready'))`;
      await using child = await started(process.execPath, ['-e', script]);
      await once(child.stdout as NodeJS.ReadableStream, 'data');
      assert.deepEqual(listeningPorts([child.pid]), [{ address: host, port }]);
      assert.deepEqual(ownerOfPort(port), { address: host, process: { pid: child.pid, name: readProcess(child.pid)?.name } });
    });

  test('nobody', async () => {
    const [port = 0] = await freePorts(1);
    assert.equal(ownerOfPort(port), null);
    assert.deepEqual(listeningPorts([2 ** 22 + 1]), []);
  });

  const cases = [
    { hex: '0100007F', address: '127.0.0.1' },
    { hex: '00000000', address: '0.0.0.0' },
    { hex: '00000000000000000000000001000000', address: '::1' },
    { hex: 'B80D0120000000000000000001000000', address: '2001:db8::1' },
  ];
  for (const { hex, address } of cases) test(`${hex} is ${address}`, () => assert.equal(decodeAddress(hex), address));
});
