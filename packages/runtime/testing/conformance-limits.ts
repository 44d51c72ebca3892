import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { SystemUser } from '@berth/host';
import { waitUntil } from '@berth/testing';
import { type Bench, ended, nameOf, never, running } from './driver-bench.ts';

type It = (sentence: string, body: (bench: Bench) => Promise<void>) => void;

/** What a program may use, and whom it runs as: a part of the conformance suite. */
export const describeLimits = (it: It, user: SystemUser | null): void => {
  it('ends a program that takes more memory than it may, and says so', async ({ driver, spec, log }) => {
    const script = "const held = []; console.log('ready'); setInterval(() => held.push(Buffer.alloc(8e6, 1)), 20)";
    await driver.start(spec({ argv: [process.execPath, '-e', script], limits: { memoryBytes: 120_000_000 } }), never);
    const status = await driver.exited('one', AbortSignal.timeout(30_000));
    assert.deepEqual(status, { state: 'exited', exitCode: null, signal: 'SIGKILL', outOfMemory: true });
    assert.match(log(), /ready/);
  });

  it('lets a program with a memory limit use what it may', async ({ driver, spec, log }) => {
    const script = "globalThis.held = Buffer.alloc(100e6, 1); console.log('ready'); setTimeout(() => {}, 60e3)";
    await driver.start(spec({ argv: [process.execPath, '-e', script], limits: { memoryBytes: 400_000_000 } }), never);
    await waitUntil(() => log().includes('ready'), { what: 'the program has its memory' });
    assert.ok(running(await driver.status('one')).memoryBytes > 100_000_000);
  });

  it('holds a program to its share of the processor', async ({ driver, spec }) => {
    await driver.start(spec({ argv: ['/bin/sh', '-c', 'while :; do :; done'], limits: { cpu: 0.2 } }), never);
    const { pid } = running(await driver.status('one'));
    const before = cpuTicks(pid);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    // 100 ticks a second: 40 in two seconds is 0.2 of a core.
    const used = cpuTicks(pid) - before;
    assert.ok(used > 20 && used < 60, `${used} ticks in 2 s`);
  });

  it('lets low priority yield', async ({ driver, spec }) => {
    await driver.start(spec({ argv: ['sleep', '60'], priority: 'low' }), never);
    const { pid } = running(await driver.status('one'));
    await waitUntil(() => nameOf(pid) === 'sleep', { what: 'the program runs' });
    assert.equal(niceness(pid), niceness(process.pid) + 10);
  });

  it('allows as many open files as asked for, or as many as it may', async ({ driver, spec, log }) => {
    const hard = Number(
      readFileSync('/proc/self/limits', 'utf8').match(/Max open files\s+\d+\s+(\d+)/)?.[1] ?? Number.POSITIVE_INFINITY,
    );
    for (const files of [1_500, 4_000_000])
      await driver.start(spec({ id: `files-${files}`, argv: ['/bin/sh', '-c', 'ulimit -n'], limits: { files } }), never);
    for (const files of [1_500, 4_000_000]) await driver.exited(`files-${files}`, never);
    const [few, many] = log()
      .trim()
      .split('\n')
      .map(Number)
      .sort((a, b) => a - b);
    assert.equal(few, 1_500);
    assert.ok(many !== undefined && many >= Math.min(hard, 4_000_000), `${many} of ${hard}`);
  });

  const asUser = (sentence: string, body: (bench: Bench, user: SystemUser) => Promise<void>): void => {
    if (user === null) test(sentence, { skip: 'only root can change user' });
    else it(sentence, (bench) => body(bench, user));
  };

  asUser('runs the program as its user, with no other groups and no way to gain rights', async ({ driver, spec, log }, user) => {
    const argv = ['/bin/sh', '-c', 'grep -E "^(Uid|Gid|Groups|NoNewPrivs|CapEff|CapPrm|CapInh):" /proc/self/status'];
    await driver.start(spec({ argv, user }), never);
    assert.deepEqual(await driver.exited('one', never), ended(0));
    const lines = Object.fromEntries(
      log()
        .trim()
        .split('\n')
        .map((line) => line.split(':').map((part) => part.trim())) as [string, string][],
    );
    const four = (id: number): string => Array(4).fill(id).join('\t');
    const none = '0000000000000000';
    // A user's own group may be among its groups, which gives it nothing.
    assert.ok(['', String(user.gid)].includes(lines.Groups ?? ''), `the groups ${lines.Groups}`);
    assert.deepEqual(lines, {
      Uid: four(user.uid),
      Gid: four(user.gid),
      Groups: lines.Groups,
      NoNewPrivs: '1',
      CapInh: none,
      CapPrm: none,
      CapEff: none,
    });
  });

  asUser('never lets the environment of a program reach what runs as root', async ({ driver, spec, log, directory }, user) => {
    // The loader complains in each process that is told to preload what is not there: only the program's own must be.
    const env = { LD_PRELOAD: `${directory}/not-there.so`, ENV: '/not-there', BASH_ENV: '/not-there', PATH: '/usr/bin:/bin' };
    await driver.start(spec({ argv: ['sleep', '0.1'], env, user }), never);
    assert.deepEqual(await driver.exited('one', never), ended(0));
    assert.equal(log().match(/not-there\.so/g)?.length, 1);
  });

  asUser('keeps its records from the user of the program', async ({ driver, spec, log, directory }, user) => {
    const argv = [
      '/bin/sh',
      '-c',
      `ls ${directory}/records; cat ${directory}/records/one/*; echo 1 >${directory}/records/one/1.exit; kill -9 $PPID; sleep 0.1`,
    ];
    await driver.start(spec({ argv, user }), never);
    assert.deepEqual(await driver.exited('one', never), ended(0));
    assert.equal(log().match(/[Pp]ermission denied|[Nn]ot permitted/g)?.length, 4, log());
  });
};

/** Fields of /proc/PID/stat after the name, numbered as in proc(5). */
const statField = (pid: number, number: number): number =>
  Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[number - 3],
  );

/** User and system time. */
const cpuTicks = (pid: number): number => statField(pid, 14) + statField(pid, 15);
const niceness = (pid: number): number => statField(pid, 19);
