import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { recordingExec, waitUntil } from '@berth/testing';
import { cgroupDirectories, cgroupMembers, cgroupOomKills, limitFiles, openCgroups, removeCgroup } from './cgroups.ts';

const cgroups = await openCgroups({ uid: process.getuid?.() ?? 0 });
const withMemory = cgroups.available.memory ? { timeout: 30_000 } : { skip: cgroups.reasons.join('; ') };
const name = (what: string): string => `berth-test-${process.pid}-${what}`;
const unlimited = { memoryBytes: null, cpu: null, share: 'normal' } as const;

/** Joins the groups, then becomes the program. */
const spawnIn = (directories: readonly string[], script: string) => {
  const join = directories.map((directory) => `echo 0 >${directory}/cgroup.procs`).join(' && ');
  return spawn('/bin/sh', ['-c', `${join} && ${script}`], { stdio: ['ignore', 'pipe', 'inherit'] });
};

test('what is not available has a reason', () => {
  const { available, reasons } = cgroups;
  assert.equal(reasons.length, Number(!available.memory) + Number(!available.cpu));
});

test('trying out leaves nothing behind, not even of a process that was killed while it tried', withMemory, async () => {
  const group = cgroups.create('berth-trial-4194305', unlimited);
  await openCgroups({ uid: process.getuid?.() ?? 0 });
  for (const directory of cgroupDirectories(group)) {
    assert.ok(!existsSync(directory), directory);
    assert.ok(!existsSync(join(directory, '..', `berth-trial-${process.pid}`)));
  }
});

test('a group knows its members, loses its limits again, and is removed without a trace', withMemory, async () => {
  const group = cgroups.create(name('members'), { memoryBytes: 50_000_000, cpu: 0.5, share: 'low' });
  const directories = cgroupDirectories(group);
  assert.ok(directories.length > 0 && directories.every((directory) => existsSync(directory)));
  const child = spawnIn(directories, 'exec sleep 60');
  const ended = once(child, 'exit');
  try {
    await waitUntil(() => cgroupMembers(group).includes(child.pid ?? 0), { what: 'the process has joined' });
    assert.deepEqual(cgroupMembers(group), [child.pid]);
    assert.deepEqual(cgroups.create(name('members'), unlimited), group);
    assert.equal(cgroupOomKills(group), 0);
  } finally {
    child.kill('SIGKILL');
    await ended;
    await removeCgroup(group);
  }
  assert.ok(directories.every((directory) => !existsSync(directory)));
  assert.deepEqual(cgroupMembers(group), []);
  assert.equal(cgroupOomKills(group), 0);
  await removeCgroup(group);
});

test('the kernel ends what takes more memory than its group may, and that is counted', withMemory, async () => {
  const group = cgroups.create(name('oom'), { ...unlimited, memoryBytes: 60_000_000 });
  try {
    const child = spawnIn(cgroupDirectories(group), `exec ${process.execPath} -e 'Buffer.alloc(200e6, 1)'`);
    const [code, signal] = await once(child, 'exit');
    assert.deepEqual([code, signal], [null, 'SIGKILL']);
    assert.ok(cgroupOomKills(group) >= 1);
  } finally {
    await removeCgroup(group);
  }
});

test('a machine without control groups offers none', async () => {
  const none = await openCgroups({ uid: 0, exec: recordingExec(), membership: '', mounts: '' });
  assert.deepEqual(none.available, { memory: false, cpu: false });
  assert.match(none.reasons.join(), /memory: this machine has no such control group controller/);
  assert.deepEqual(none.create('x', unlimited), { version: 1, memory: null, cpu: null });
});

test('a group that is only told about, and is not there, is not available', async () => {
  const found = await openCgroups({
    uid: 0,
    exec: recordingExec(),
    membership: '4:memory:/gone\n1:cpu,cpuacct:/gone\n',
    mounts:
      '1 2 0:1 / /not-there/memory rw - cgroup cgroup rw,memory\n1 2 0:1 / /not-there/cpu rw - cgroup cgroup rw,cpu,cpuacct\n',
  });
  assert.deepEqual(found.available, { memory: false, cpu: false });
  assert.match(found.reasons.join(), /ENOENT.*\/not-there\/memory\/gone/);
});

describe('what is written to limit a group', () => {
  const cases = [
    {
      version: 1,
      limits: { memoryBytes: 512e6, cpu: 1.5, share: 'normal' },
      expected: [
        'memory.memsw.limit_in_bytes=-1',
        'memory.limit_in_bytes=512000000',
        'memory.memsw.limit_in_bytes=512000000',
        'cpu.cfs_period_us=100000',
        'cpu.cfs_quota_us=150000',
        'cpu.shares=1024',
      ],
    },
    {
      version: 1,
      limits: { memoryBytes: null, cpu: null, share: 'low' },
      expected: [
        'memory.memsw.limit_in_bytes=-1',
        'memory.limit_in_bytes=-1',
        'memory.memsw.limit_in_bytes=-1',
        'cpu.cfs_period_us=100000',
        'cpu.cfs_quota_us=-1',
        'cpu.shares=102',
      ],
    },
    {
      version: 2,
      limits: { memoryBytes: 512e6, cpu: 1.5, share: 'normal' },
      expected: ['memory.max=512000000', 'memory.swap.max=0', 'memory.oom.group=1', 'cpu.max=150000 100000', 'cpu.weight=100'],
    },
    {
      version: 2,
      limits: { memoryBytes: null, cpu: 0.001, share: 'low' },
      expected: ['memory.max=max', 'memory.swap.max=max', 'memory.oom.group=1', 'cpu.max=1000 100000', 'cpu.weight=10'],
    },
  ] as const;
  for (const { version, limits, expected } of cases)
    test(`version ${version}, ${JSON.stringify(limits)}`, () =>
      assert.deepEqual(
        limitFiles(version, limits).map(({ file, value }) => `${file}=${value}`),
        expected,
      ));
});
