/**
 * On a machine whose systemd runs berthd and every instance: deploys, handovers and kills lose no request and no line,
 * systemctl is another way to say what `berth` says, and after a reboot all is as it was.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exec, execOk, readProcess } from '@berth/host';
import { isInside, type Machine, testInside, waitUntil } from '@berth/testing';
import { berth } from '../harness/command.ts';
import { finished } from '../harness/platform.ts';
import * as service from '../harness/service.ts';
import { archive, readSource, type SourceFiles } from '../harness/source.ts';
import { ask, Visitor } from '../harness/visitor.ts';

const pair = readSource(join(import.meta.dirname, '../apps/pair'));
const talker = readSource(join(import.meta.dirname, '../apps/talker'));
const STEPS_TO_DIE_IN = ['build', 'release-command', 'start', 'switch'];
/** systemd's own measure, systemd-analyze security: from 10, at the mercy of everybody, to 0. */
const EXPOSURE_MAX = { instance: 2, daemon: 5 };

const stories = (): void => {
  let platform: service.Service;
  let version = 1;

  const withVersion = (): SourceFiles => ({ ...pair, VERSION: `${version++}\n` });
  const visit = (host: string) => async (agent: Agent) => {
    const { status, body } = await ask(platform.httpPort, `${host}.localhost`, { agent });
    if (status !== 200) throw new Error(`${host} answered ${status}: ${body.slice(0, 100)}`);
  };
  /** What is done while people use both kinds of service, none of whom may notice. */
  const unnoticed = async (act: () => Promise<void>): Promise<void> => {
    const visitors = [new Visitor(visit('pair')), new Visitor(visit('pair')), new Visitor(visit('owner'))];
    try {
      await act();
      await sleep(300);
    } finally {
      for (const visitor of visitors) await visitor[Symbol.asyncDispose]();
    }
    assert.deepEqual(
      visitors.flatMap(({ failures }) => failures),
      [],
    );
    for (const { requests } of visitors) assert.ok(requests > 20, `${requests} requests`);
  };
  const pids = async () => (await service.instancesOf(platform, 'pair')).map(({ pid }) => pid ?? 0).toSorted((a, b) => a - b);
  const exposure = async (unit: string) =>
    Number(
      (await execOk(['systemd-analyze', 'security', '--no-pager', unit])).stdout.match(/exposure level for .*: ([\d.]+)/)?.[1],
    );

  before(async () => {
    platform = await service.installService();
    await service.deploy(platform, withVersion());
  });
  after(async () => {
    // Left for the reboot: pair runs, talker is stopped.
    await berth(service.HOME, ['stop', 'talker']);
  });

  test('`berth up` starts the service, which tells systemd that it is ready and what it runs', async () => {
    assert.equal(await service.show('berthd', 'ActiveState'), 'active');
    assert.match(await service.show('berthd', 'StatusText'), /systemd runtime/);
    assert.equal((await service.runningUnits('pair')).length, 3);
  });

  test('an instance and berthd can do no more than they need', async (t) => {
    const [unit = ''] = await service.runningUnits('pair');
    const figures = { instance: await exposure(unit), daemon: await exposure('berthd.service') };
    t.diagnostic(`exposure: ${JSON.stringify(figures)}`);
    assert.ok(figures.instance <= EXPOSURE_MAX.instance, JSON.stringify(figures));
    assert.ok(figures.daemon <= EXPOSURE_MAX.daemon, JSON.stringify(figures));
  });

  test('nothing that is secret is in an argument, a unit or a file that others may read', async () => {
    const value = 'not-to-be-seen-5e1f';
    const set = await berth(service.HOME, ['env', 'pair', 'set', `PASSPHRASE=${value}`]);
    assert.equal(set.code, 0, set.stderr);
    const units = await service.runningUnits('pair');
    const texts = [
      (await execOk(['systemctl', 'show', ...units])).stdout,
      (await execOk(['systemctl', 'cat', '--no-pager', ...units])).stdout,
      (await execOk(['ps', 'axww', '-o', 'args'])).stdout,
      (await execOk(['journalctl', '--no-pager', '-b'])).stdout,
    ];
    assert.deepEqual(
      texts.map((text) => text.includes(value)),
      [false, false, false, false],
    );
    const { id = '' } = (await service.instancesOf(platform, 'pair')).find(({ state }) => state === 'healthy') ?? {};
    const file = join(service.HOME, 'instances', id, 'enter');
    assert.ok(readFileSync(file, 'utf8').includes(value), 'it is where it should be');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(service.HOME, 'instances')).mode & 0o777, 0o700);
  });

  test('a deploy, rolling and with a handover, is not noticed', () =>
    unnoticed(async () => {
      for (let round = 0; round < 3; round += 1) await service.deploy(platform, withVersion());
    }));

  test('an instance that is killed is started again by Berth, once', async () => {
    const victim = (await service.instancesOf(platform, 'pair')).find(({ id }) => id.includes('.owner.'));
    assert.ok(victim?.pid);
    process.kill(victim.pid, 'SIGKILL');
    const found = await waitUntil(
      async () =>
        (await service.instancesOf(platform, 'pair')).find(
          (it) => it.id === victim.id && it.state === 'healthy' && it.restarts === 1,
        ),
      { what: 'the instance to be healthy again', withinMs: 10_000 },
    );
    assert.notEqual(found?.pid, victim.pid);
    assert.equal((await service.runningUnits('pair')).length, 3);
    assert.equal(await service.show(`${victim.id.replaceAll('.', '-')}.service`, 'NRestarts'), '0');
  });

  test('a daemon that is killed is back by itself, and nobody and nothing noticed', async () => {
    const [instances, edge] = [await pids(), await service.edgePids(platform)];
    await unnoticed(async () => {
      for (let round = 0; round < 3; round += 1) await service.killDaemon(platform);
    });
    assert.deepEqual(await pids(), instances);
    assert.equal(await service.edgePids(platform), edge);
  });

  test('`systemctl restart berthd` is not noticed either', async () => {
    const [instances, edge] = [await pids(), await service.edgePids(platform)];
    await unnoticed(async () => void (await execOk(['systemctl', 'restart', 'berthd'])));
    assert.deepEqual(await pids(), instances);
    assert.equal(await service.edgePids(platform), edge);
  });

  for (const step of STEPS_TO_DIE_IN)
    test(`a daemon killed in the step ${step} of a deploy goes on with it`, () =>
      unnoticed(async () => {
        const source = { ...withVersion(), 'berth.yaml': (pair['berth.yaml'] ?? '').replace('build: ', 'build: sleep 0.5 && ') };
        const operation = await platform.client.call('deploy', { body: archive(source), query: {} });
        for await (const { name, fields } of platform.client.stream('events', {
          query: { operation: operation.id, follow: true },
        }))
          if (name === 'operation.step.started' && fields.step === step) break;
        await service.killDaemon(platform);
        const receipt = await finished(platform.client, operation);
        assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
        await waitUntil(async () => (await service.runningUnits('pair')).length === 3, { what: 'only its instances to run' });
      }));

  test('while Berth is away systemd restarts an instance, and Berth takes it over as it is', async () => {
    await execOk(['systemctl', 'stop', 'berthd']);
    const [unit = ''] = await service.runningUnits('pair-web');
    const before = await service.show(unit, 'MainPID');
    process.kill(Number(before), 'SIGKILL');
    await waitUntil(async () => !['0', before].includes(await service.show(unit, 'MainPID')), {
      what: 'systemd to restart it',
      withinMs: 40_000,
    });
    const pid = Number(await service.show(unit, 'MainPID'));
    await execOk(['systemctl', 'start', 'berthd']);
    await service.untilAnswering(platform.client);
    await waitUntil(async () => (await service.instancesOf(platform, 'pair')).every(({ state }) => state === 'healthy'), {
      what: 'all to be healthy',
      withinMs: 20_000,
    });
    const found = (await service.instancesOf(platform, 'pair')).find((it) => it.pid === pid);
    assert.equal(found?.restarts, 0);
    assert.equal((await service.runningUnits('pair')).length, 3);
  });

  test('every line an app writes is in `berth logs` once and in order, whatever happens to the daemon', async () => {
    await service.deploy(platform, talker);
    for (let round = 0; round < 4; round += 1) {
      await sleep(400);
      if (round % 2 === 0) await service.killDaemon(platform);
      else await execOk(['systemctl', 'restart', 'berthd']);
    }
    const counted = async (): Promise<number[]> => {
      const { stdout } = await berth(service.HOME, ['logs', 'talker', '--tail', '1000000']);
      return [...stdout.matchAll(/line (\d+)$/gm)].map(([, number]) => Number(number));
    };
    await waitUntil(async () => (await counted()).length > 1_000, { what: 'it to have said much', withinMs: 20_000 });
    const numbers = await counted();
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => at),
    );
  });

  test('`systemctl restart`, `stop` and `start` of an app are Berth’s own', async () => {
    const before = await service.runningUnits('pair');
    await unnoticed(async () => void (await execOk(['systemctl', 'restart', 'pair'], { timeoutMs: 60_000 })));
    const after = await service.runningUnits('pair');
    assert.equal(after.length, 3);
    assert.ok(
      after.every((unit) => !before.includes(unit)),
      `all are new: ${after.join(' ')}`,
    );
    await execOk(['systemctl', 'stop', 'pair'], { timeoutMs: 60_000 });
    const state = async () => (await platform.client.call('status', {})).apps.find(({ app }) => app === 'pair')?.state;
    assert.equal(await state(), 'stopped');
    assert.deepEqual(await service.runningUnits('pair'), []);
    await execOk(['systemctl', 'start', 'pair'], { timeoutMs: 60_000 });
    assert.equal(await state(), 'running');
    const stopped = await berth(service.HOME, ['stop', 'pair']);
    assert.equal(stopped.code, 0, stopped.stderr);
    await waitUntil(async () => (await service.show('pair', 'ActiveState')) === 'inactive', { what: 'its unit to say so' });
    await berth(service.HOME, ['start', 'pair']);
    await waitUntil(async () => (await service.show('pair', 'ActiveState')) === 'active', { what: 'its unit to say so' });
  });

  test('`berth run` runs a command where the app’s instances run: with their rights and no others', async () => {
    const script = 'id -un; sed -n "s/.*name=systemd://p;s/^0:://p" /proc/self/cgroup | sort -u; touch /etc/x || exit 3';
    const run = berth(service.HOME, ['run', 'pair', '--', '/bin/sh', '-c', script]);
    const { code, stdout, stderr } = await run;
    assert.equal(code, 3, stderr);
    assert.match(stdout, /^berth-pair\n/);
    assert.match(stdout, /berth-pair\.slice\/pair-run-[0-9a-f]+\.service/);
    assert.match(stderr, /Read-only file system/);
  });

  test('a unit of an app’s name that is not ours stays as it is', async () => {
    const file = '/etc/systemd/system/hello.service';
    const text = '[Service]\nExecStart=/bin/true\n';
    writeFileSync(file, text);
    await execOk(['systemctl', 'daemon-reload']);
    await service.deploy(platform, readSource(join(import.meta.dirname, '../apps/hello')));
    await waitUntil(async () => (await service.show('berth-hello', 'ActiveState')) === 'active', {
      what: 'a unit of another name',
    });
    assert.equal(readFileSync(file, 'utf8'), text);
    const removed = await berth(service.HOME, ['rm', 'hello', '--yes', '--purge']);
    assert.equal(removed.code, 0, removed.stderr);
    await waitUntil(() => !existsSync('/etc/systemd/system/berth-hello.service'), { what: 'our unit to go with the app' });
    assert.equal(readFileSync(file, 'utf8'), text);
    rmSync(file);
  });

  test('`berth down` stops all there is and leaves it stopped, `berth up` brings it back', async () => {
    const down = await berth(service.HOME, ['down']);
    assert.equal(down.code, 0, down.stderr);
    assert.equal(await service.show('berthd', 'ActiveState'), 'inactive');
    assert.deepEqual([...(await service.runningUnits('pair')), ...(await service.runningUnits('talker'))], []);
    assert.equal((await exec(['pgrep', '--full', '--list-full', `${service.HOME}/edge|replicator-process`])).stdout, '');
    const up = await berth(service.HOME, ['up', '--detach']);
    assert.equal(up.code, 0, up.stderr);
    await waitUntil(async () => (await service.runningUnits('pair')).length === 3, { what: 'its instances', withinMs: 20_000 });
  });

  test('an instance that somebody stops by its unit is started again, also when systemd has read that unit again', async () => {
    await execOk(['systemctl', 'daemon-reload']);
    const healthy = async () => (await service.instancesOf(platform, 'pair')).filter(({ state }) => state === 'healthy');
    await waitUntil(async () => (await healthy()).length === 3, { what: 'all to be healthy', withinMs: 20_000 });
    const [victim] = await healthy();
    assert.ok(victim);
    await execOk(['systemctl', 'stop', `${victim.id.replaceAll('.', '-')}.service`]);
    const isBack = async () => (await healthy()).some(({ id, pid }) => id === victim.id && pid !== victim.pid);
    await waitUntil(isBack, { what: 'Berth to start it again', withinMs: 20_000 });
    assert.equal((await service.runningUnits('pair')).length, 3);
  });

  test('a daemon that hangs is ended and started by its watchdog', async () => {
    const directory = '/run/systemd/system/berthd.service.d';
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'soon.conf'), '[Service]\nWatchdogSec=3\nTimeoutAbortSec=1\n');
    await execOk(['systemctl', 'daemon-reload']);
    await execOk(['systemctl', 'restart', 'berthd']);
    const pid = await service.daemonPid();
    await sleep(4_000);
    assert.equal(await service.daemonPid(), pid, 'one that does not hang is left alone');
    process.kill(pid, 'SIGSTOP');
    await waitUntil(() => readProcess(pid) === null, { what: 'it to be ended', withinMs: 20_000 });
    await service.untilAnswering(platform.client);
    assert.equal((await service.runningUnits('pair')).length, 3);
    rmSync(directory, { recursive: true });
    await execOk(['systemctl', 'daemon-reload']);
    await execOk(['systemctl', 'restart', 'berthd']);
    await service.untilAnswering(platform.client);
  });
};

const afterReboot = async (machine: Machine): Promise<void> => {
  const status = async () => {
    const { stdout } = await machine.exec([
      '/bin/sh',
      '-c',
      'cd /opt/berth-source && exec node_modules/.bin/node programs/cli/main.ts ps --json',
    ]);
    const { apps } = JSON.parse(stdout) as {
      apps: { app: string; state: string; services: { instances: { restarts: number; state: string }[] }[] }[];
    };
    return apps;
  };
  await machine.reboot();
  const healthy = async () => {
    const found = (await status()).find(({ app }) => app === 'pair');
    return found?.state === 'running' ? found : null;
  };
  const found = await waitUntil(healthy, { what: 'the app to come back by itself', withinMs: 30_000 });
  assert.deepEqual(
    found?.services.flatMap(({ instances }) => instances.map(({ restarts, state }) => `${state} ${restarts}`)),
    ['healthy 0', 'healthy 0', 'healthy 0'],
  );
  assert.equal((await status()).find(({ app }) => app === 'talker')?.state, 'stopped');
  assert.equal((await machine.execOk(['systemctl', 'is-active', 'pair'])).stdout.trim(), 'active');
  const { stdout } = await machine.execOk(['journalctl', '--no-pager', '-b', '-1', '-u', 'pair-owner-*', '-o', 'cat']);
  assert.match(stdout.trimEnd().split('\n').slice(-3).join('\n'), /Deactivated successfully/, 'it was asked to end, and did');
};

if (isInside()) describe('on systemd', stories);
else
  testInside('Berth on a Debian 12 whose systemd runs it', fileURLToPath(import.meta.url), {
    suite: 'bookworm',
    packages: ['haproxy', 'nginx-light', 'procps'],
    afterwards: afterReboot,
  });
