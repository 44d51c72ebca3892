import assert from 'node:assert/strict';
import { appendFileSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { exec, readProcess, type SystemUser } from '@berth/host';
import { waitUntil } from '@berth/testing';
import { describeLimits } from './testing/conformance-limits.ts';
import { alive, type Bench, ended, NAP, nameOf, napping, never, openBench, quickly, running } from './testing/driver-bench.ts';

export type ConformanceOptions = {
  /** Sentences that do not hold for this driver here, each with the reason. */
  readonly skip?: Readonly<Record<string, string>>;
  /** Somebody else to run as; null when we may not change user. */
  readonly user: SystemUser | null;
  /** The fault points inside `start`, in order. */
  readonly startPoints: readonly string[];
};

/**
 * What every driver does, in executable form. `opener` is a module that exports `openDriver: OpenDriver`, since some of
 * these tests open the driver in a process of its own and kill that.
 */
export const describeDriver = (name: string, opener: URL, { skip = {}, user, startPoints }: ConformanceOptions): void => {
  describe(`the ${name} driver`, () => {
    const it = (sentence: string, body: (bench: Bench) => Promise<void>): void => {
      test(sentence, { skip: skip[sentence] ?? false, timeout: 60_000 }, async () => {
        await using bench = await openBench(opener);
        await body(bench);
      });
    };

    it('starts a program and knows its pid and its memory', async ({ driver, spec }) => {
      await driver.start(spec({ argv: ['sleep', '60'] }), never);
      const status = running(await driver.status('one'));
      await waitUntil(() => nameOf(status.pid) === 'sleep', { what: 'the program runs under that pid' });
      // Between exec and its first instructions a process has no memory.
      await waitUntil(async () => running(await driver.status('one')).memoryBytes > 100_000, { what: 'its memory is seen' });
      assert.deepEqual(await driver.list(), ['one']);
    });

    it('has nothing to say about an id that it never saw', async ({ driver }) => {
      assert.deepEqual(await driver.status('nobody'), { state: 'absent' });
      assert.deepEqual(await driver.exited('nobody', never), { state: 'absent' });
      await driver.stop('nobody', { stopSignal: 'SIGTERM', withinMs: 1_000 });
      await driver.forget('nobody');
      assert.deepEqual(await driver.list(), []);
    });

    it('gives the program its arguments, its directory and exactly its environment', async ({ driver, spec, log, directory }) => {
      const script =
        'process.stdout.write(JSON.stringify({ argv: process.argv.slice(1), env: process.env, cwd: process.cwd() }))';
      const env = {
        A: 'with "quotes", $dollars, `ticks` and\nlines',
        EMPTY: '',
        n: '1',
        IFS: ':',
        PATH: '/nowhere',
        LD_PRELOAD: '',
        PWD: 'x',
      };
      const args = ['', 'a b', '$HOME', "it's", '-n', '*'];
      await driver.start(spec({ argv: [process.execPath, '-e', script, '--', ...args], env }), never);
      await driver.exited('one', never);
      assert.deepEqual(JSON.parse(log()), { argv: args, env, cwd: directory });
    });

    it('runs a command beside a program with its files, its environment, as its user and with no more rights', async (bench) => {
      const { driver, spec, log, directory } = bench;
      const key = join(directory, 'key');
      writeFileSync(key, 'secret', { mode: 0o400 });
      if (user !== null) chownSync(key, user.uid, user.gid);
      const tells = `cat "$KEY_FILE"; pwd; env; readlink /proc/self/ns/mnt; ${RIGHTS}`;
      const program = spec({
        ...{ argv: ['/bin/sh', '-c', `${tells}; echo told; exec sleep 60`], secretFiles: { KEY: key }, user },
        env: { PATH: '/usr/bin:/bin', WORD: "it's $HOME\nand more", KEY_FILE: key },
      });
      await driver.start(program, never);
      const told = await waitUntil(() => log().match(/^([^]*)told\n$/)?.[1] ?? null, { what: 'the program has told' });
      const argv = ['/bin/sh', '-c', tells];
      const beside = await driver.beside(program, argv);
      const { cwd, env } = program;
      const { stdout, stderr } = beside ? await exec(beside.argv, beside) : await exec(argv, { cwd, env, user });
      // A caller may leave out what only keeps a program from getting more rights than its user has.
      const comparable = (text: string): string => (beside === null ? text.replace(/^NoNewPrivs:.*\n/m, '') : text);
      assert.deepEqual([comparable(stdout), stderr], [comparable(told), '']);
      if (beside !== null) assert.doesNotMatch(beside.argv.join(' '), /HOME|secret/);
    });

    it('finds the program through the PATH that it is given', async ({ driver, spec, log }) => {
      await driver.start(spec({ argv: ['echo-not-there'], env: { PATH: '/usr/bin:/bin' } }), never);
      assert.deepEqual(await driver.exited('one', never), ended(127));
      assert.match(log(), /echo-not-there.*not found/);
    });

    it('reports a program that may not be executed', async ({ driver, spec, log, directory }) => {
      appendFileSync(`${directory}/not-executable`, 'hello');
      await driver.start(spec({ argv: [`${directory}/not-executable`] }), never);
      assert.deepEqual(await driver.exited('one', never), ended(126));
      assert.match(log(), /not-executable.*[Pp]ermission denied/);
    });

    it('reports a working directory that is missing', async ({ driver, spec, log, directory }) => {
      await driver.start(spec({ argv: ['sleep', '60'], cwd: `${directory}/missing` }), never);
      assert.deepEqual(await driver.exited('one', never), ended(126));
      assert.match(log(), /missing/);
    });

    for (const code of [0, 1, 77, 255])
      it(`tells that the program ended with code ${code}`, async ({ driver, spec }) => {
        await driver.start(spec({ argv: ['/bin/sh', '-c', `exit ${code}`] }), never);
        assert.deepEqual(await driver.exited('one', never), ended(code));
        assert.deepEqual(await driver.status('one'), ended(code));
      });

    it('tells which signal ended the program', async ({ driver, spec }) => {
      await driver.start(spec({ argv: ['sleep', '60'] }), never);
      process.kill(running(await driver.status('one')).pid, 'SIGUSR1');
      assert.deepEqual(await driver.exited('one', never), {
        state: 'exited',
        exitCode: null,
        signal: 'SIGUSR1',
        outOfMemory: false,
      });
    });

    it('appends what the program says to its log', async ({ driver, spec, log, logFile }) => {
      appendFileSync(logFile, 'before\n');
      await driver.start(spec({ argv: ['/bin/sh', '-c', 'echo out; echo err >&2'] }), never);
      await driver.exited('one', never);
      await driver.start(spec({ argv: ['/bin/sh', '-c', 'echo again'] }), never);
      await driver.exited('one', never);
      assert.equal(log(), 'before\nout\nerr\nagain\n');
    });

    it('keeps empty lines, and spaces at the end of lines', async ({ driver, spec, log }) => {
      await driver.start(spec({ argv: ['/bin/sh', '-c', 'echo one; echo; echo "two  "; echo three'] }), never);
      await driver.exited('one', never);
      assert.equal(log(), 'one\n\ntwo  \nthree\n');
    });

    it('gives the program no input', async ({ driver, spec }) => {
      await driver.start(spec({ argv: ['/bin/sh', '-c', 'cat'] }), never);
      assert.deepEqual(await driver.exited('one', never), ended(0));
    });

    for (const stopSignal of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR2'] as const)
      it(`stops with ${stopSignal} and leaves the program time to end by itself`, async ({ driver, spec, log }) => {
        const script = `trap 'echo asked; sleep 0.3; echo done; exit 3' ${stopSignal.slice(3)}; echo ready; while :; do sleep 0.05; done`;
        await driver.start(spec({ argv: ['/bin/sh', '-c', script] }), never);
        await waitUntil(() => log().includes('ready'), { what: 'the program is ready' });
        await driver.stop('one', { stopSignal, withinMs: 20_000 });
        assert.deepEqual(await driver.status('one'), ended(3));
        // The signal is for the whole group: the shell's sleep gets it too, and says so or not.
        assert.match(log(), /asked\n[^]*done\n$/);
      });

    it('kills a program that does not end when asked', async ({ driver, spec, log }) => {
      await driver.start(spec({ argv: ['/bin/sh', '-c', "trap '' TERM; echo ready; while :; do sleep 0.05; done"] }), never);
      await waitUntil(() => log().includes('ready'), { what: 'the program is ready' });
      const startedAt = performance.now();
      await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 300 });
      assert.ok(performance.now() - startedAt >= 300);
      assert.deepEqual(await driver.status('one'), { state: 'exited', exitCode: null, signal: 'SIGKILL', outOfMemory: false });
    });

    it('ends a program that was suspended', async ({ driver, spec }) => {
      await driver.start(spec({ argv: ['sleep', '60'] }), never);
      const { pid } = running(await driver.status('one'));
      process.kill(pid, 'SIGSTOP');
      await waitUntil(() => readProcess(pid)?.state === 'T', { what: 'it is suspended' });
      const startedAt = performance.now();
      await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 20_000 });
      assert.ok(performance.now() - startedAt < 5_000);
    });

    const stopsAll = (sentence: string, script: string, programs: number): void =>
      it(sentence, async ({ driver, spec, log }) => {
        await driver.start(spec({ argv: ['/bin/sh', '-c', script], env: { PATH: '/usr/bin:/bin', NAP } }), never);
        const started = await waitUntil(() => (napping(log).length === programs ? napping(log) : null), {
          what: 'its programs sleep',
        });
        await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 5_000 });
        assert.deepEqual(started.filter(alive), []);
      });
    stopsAll('stops all that the program has started', `${NAP} & /bin/sh -c "$NAP & $NAP" & wait`, 3);
    stopsAll('stops its children that have a session of their own', `setsid ${NAP} & setsid /bin/sh -c "$NAP & $NAP" & wait`, 3);
    stopsAll(
      'stops what left its session and its parents',
      `(setsid ${NAP} &) ; (setsid /bin/sh -c "$NAP & $NAP" &) ; wait; exec sleep 60`,
      3,
    );

    it('waits for the children of a program that ends faster than they do', async ({ driver, spec, log }) => {
      const child = "trap 'sleep 0.3; echo child done; exit' TERM; echo ready; while :; do sleep 0.05; done";
      await driver.start(spec({ argv: ['/bin/sh', '-c', `/bin/sh -c "${child}" & wait`] }), never);
      await waitUntil(() => log().includes('ready'), { what: 'the child is ready' });
      await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 20_000 });
      assert.match(log(), /child done/);
    });

    it('clears away what an ended program left running before it starts again', async ({ driver, spec, log }) => {
      await driver.start(spec({ argv: ['/bin/sh', '-c', `${NAP} & sleep 0.1`] }), never);
      assert.deepEqual(await driver.exited('one', never), ended(0));
      const left = await waitUntil(() => (napping(log).length === 1 ? napping(log) : null), { what: 'its child sleeps' });
      await driver.start(spec({ argv: ['sleep', '60'] }), never);
      assert.deepEqual(left.filter(alive), []);
      assert.equal((await driver.status('one')).state, 'running');
    });

    it('starts an id once, however often and at the same time it is asked', async ({ driver, spec, log }) => {
      const one = spec({ argv: ['/bin/sh', '-c', 'echo started; exec sleep 60'] });
      await Promise.all(Array.from({ length: 5 }, () => driver.start(one, never)));
      await driver.start(one, never);
      await waitUntil(() => log() !== '', { what: 'it has started' });
      assert.equal(log(), 'started\n');
    });

    it('starts an id once when several processes are asked at the same time', async ({ driver, spec, log, elsewhere }) => {
      const one = spec({ argv: ['/bin/sh', '-c', 'echo started; exec sleep 60'] });
      await Promise.all([elsewhere(one), elsewhere(one), driver.start(one, never)]);
      await waitUntil(() => log() !== '', { what: 'it has started' });
      assert.equal(log(), 'started\n');
      await driver.stop('one', quickly);
      assert.equal((await driver.status('one')).state, 'exited');
    });

    it('does not start what was aborted before', async ({ driver, spec }) => {
      await assert.rejects(driver.start(spec({ argv: ['sleep', '60'] }), AbortSignal.abort(new Error('no more'))), /no more/);
      assert.equal((await driver.status('one')).state, 'absent');
    });

    it('runs an instance on when the process that started it has ended, and another process takes it over', async (bench) => {
      const { driver, spec, log, elsewhere } = bench;
      await elsewhere(
        spec({ argv: ['/bin/sh', '-c', 'echo started; while [ ! -e stop ]; do sleep 0.05; done; echo goes on; exit 5'] }),
      );
      const { pid } = running(await driver.status('one'));
      assert.deepEqual(await driver.list(), ['one']);
      const exited = driver.exited('one', never);
      appendFileSync(`${bench.directory}/stop`, '');
      assert.deepEqual(await exited, ended(5));
      assert.equal(readProcess(pid), null);
      assert.equal(log(), 'started\ngoes on\n');
    });

    it('tells how an instance ended while nobody was there', async ({ driver, spec, elsewhere, log }) => {
      await elsewhere(spec({ argv: ['/bin/sh', '-c', 'sleep 0.2; echo over; exit 9'] }));
      await waitUntil(() => log() === 'over\n', { what: 'the program has ended' });
      assert.deepEqual(await driver.exited('one', never), ended(9));
    });

    for (const point of startPoints)
      it(`starts an instance exactly once when the process was killed at ${point}`, async ({ driver, spec, elsewhere, log }) => {
        const one = spec({ argv: ['/bin/sh', '-c', 'echo started; exec sleep 60'] });
        assert.equal(await elsewhere(one, point), 'SIGKILL');
        await driver.start(one, never);
        assert.equal((await driver.status('one')).state, 'running');
        await waitUntil(() => log() !== '', { what: 'it has started' });
        assert.equal(log(), 'started\n');
        await driver.stop('one', quickly);
        assert.equal((await driver.status('one')).state, 'exited');
        assert.equal(log(), 'started\n');
      });

    for (const point of startPoints)
      it(`never starts an instance that was stopped after the process was killed at ${point}`, async ({
        driver,
        spec,
        elsewhere,
        log,
      }) => {
        assert.equal(await elsewhere(spec({ argv: ['/bin/sh', '-c', NAP] }), point), 'SIGKILL');
        await driver.stop('one', quickly);
        assert.notEqual((await driver.status('one')).state, 'running');
        await driver.forget('one');
        // Long enough for any shim that was on its way.
        await new Promise((resolve) => setTimeout(resolve, 200));
        assert.deepEqual(napping(log), []);
        assert.deepEqual(await driver.list(), []);
      });

    it('starts an ended instance again, with a new environment', async ({ driver, spec, log }) => {
      const argv = ['/bin/sh', '-c', 'echo $N; exit $N'];
      await driver.start(spec({ argv, env: { N: '1' } }), never);
      assert.deepEqual(await driver.exited('one', never), ended(1));
      await driver.start(spec({ argv, env: { N: '2' } }), never);
      assert.deepEqual(await driver.exited('one', never), ended(2));
      assert.equal(log(), '1\n2\n');
    });

    it('forgets an instance that has ended, and refuses while it runs', async ({ driver, spec }) => {
      await driver.start(spec({ argv: ['sleep', '60'] }), never);
      await assert.rejects(driver.forget('one'), { code: 'RUNTIME_STILL_RUNNING' });
      await driver.stop('one', quickly);
      assert.deepEqual(await driver.list(), ['one']);
      await driver.forget('one');
      assert.deepEqual(await driver.list(), []);
      assert.deepEqual(await driver.status('one'), { state: 'absent' });
    });

    it('keeps instances apart', async ({ driver, spec }) => {
      await driver.start(spec({ id: 'pad.web.1-a', argv: ['sleep', '60'] }), never);
      await driver.start(spec({ id: 'pad.web.1-b', argv: ['sleep', '60'] }), never);
      await driver.stop('pad.web.1-a', quickly);
      assert.equal((await driver.status('pad.web.1-a')).state, 'exited');
      assert.equal((await driver.status('pad.web.1-b')).state, 'running');
      assert.deepEqual([...(await driver.list())].sort(), ['pad.web.1-a', 'pad.web.1-b']);
    });

    it('gives up waiting for the end when told to', async ({ driver, spec }) => {
      await driver.start(spec({ argv: ['sleep', '60'] }), never);
      const aborted = new AbortController();
      const exited = driver.exited('one', aborted.signal);
      aborted.abort(new Error('enough'));
      await assert.rejects(exited, /enough/);
      assert.equal((await driver.status('one')).state, 'running');
    });

    it('refuses an id that would lead out of its directory', async ({ driver, spec }) => {
      await assert.rejects(driver.start(spec({ id: '../one', argv: ['true'] }), never), { code: 'RUNTIME_ID_INVALID' });
    });

    describeLimits(it, user);
  });
};

/** Who a process is and what it may do, in the words of the kernel. */
const RIGHTS = "grep -E '^(Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs):' /proc/self/status | sed 's/ *$//'";
