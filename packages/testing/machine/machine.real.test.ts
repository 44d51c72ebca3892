import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { processesOf, removeAbandoned } from './abandoned.ts';
import { quietly, run, tryRun } from './command.ts';
import { whyNoMachine } from './image.ts';
import { bootMachine, type Machine } from './machine.ts';

test('a machine whose test was killed is switched off by the next', { skip: whyNoMachine() ?? false }, async () => {
  const program = `import { bootMachine } from '${join(import.meta.dirname, 'machine.ts')}';
    const machine = await bootMachine({ suite: 'bookworm' });
    console.log(JSON.stringify({ root: machine.root, namespace: machine.namespace }));
    setInterval(() => {}, 1000);`;
  const child = await quietly([process.execPath, '--input-type=module', '--eval', program], { until: '"root"' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  const left = () => readdirSync('/var/tmp').filter((name) => name.startsWith(`berth-machine-${child.pid}-`));
  const [directory = '', ...others] = left();
  assert.deepEqual(others, []);
  const pids = processesOf(join('/var/tmp', directory));
  assert.ok(pids.length > 3, `systemd-nspawn, systemd and its services: ${pids}`);
  await removeAbandoned();
  assert.deepEqual(left(), []);
  assert.deepEqual(
    pids.filter((pid) => isRunning(pid)),
    [],
  );
});

/** A zombie is not: whoever inherited it has only not asked yet. */
const isRunning = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};

describe('a machine of its own', { skip: whyNoMachine() ?? false }, () => {
  let machine: Machine;
  const stack = new AsyncDisposableStack();
  before(async () => {
    machine = stack.use(await bootMachine({ suite: 'bookworm', source: true }));
  });
  after(async () => {
    await stack.disposeAsync();
    assert.ok(!existsSync(machine.root), 'its disk is gone');
    assert.ok(!(await run(['ip', 'netns', 'list'])).stdout.includes(`${machine.namespace} `), 'its network is gone');
  });

  test('runs systemd, is bare, and starts a service by itself', async () => {
    assert.equal((await machine.execOk(['cat', '/proc/1/comm'])).stdout, 'systemd\n');
    assert.equal((await machine.exec(['which', 'curl', 'nginx', 'node'])).stdout, '');
    await machine.execOk(['systemd-run', '--wait', '--collect', 'true']);
  });

  test('lets the key of the test in through SSH, and no other', async () => {
    const ssh = [
      'ssh',
      '-F',
      '/dev/null',
      '-o',
      'BatchMode=yes',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
    ];
    const greeted = await run([...ssh, '-i', machine.sshKey, `root@${machine.address}`, 'hostname']);
    assert.equal(greeted.stdout.trim(), machine.name);
    const refused = await tryRun([...ssh, '-o', 'IdentitiesOnly=yes', '-i', '/dev/null', `root@${machine.address}`, 'true']);
    assert.equal(refused.exitCode, 255);
  });

  test('reaches the archives of packages, and has our sources with their Node', async () => {
    await machine.execOk(['apt-get', '-qq', 'update'], { timeoutMs: 120_000 });
    const node = '/opt/berth-source/node_modules/.bin/node';
    assert.match((await machine.execOk([node, '-p', 'process.version'])).stdout, /^v24\./);
  });

  test('keeps its disk, its network and its name over a reboot and over a pulled plug', async () => {
    await machine.execOk(['sh', '-c', 'echo kept > /root/note; sync']);
    const forgotten = '/proc/sys/net/ipv4/conf/all/rp_filter';
    const ruled = (await machine.execOk(['cat', forgotten])).stdout;
    await machine.execOk(['sh', '-c', `echo 2 > ${forgotten}`]);
    const boot = () => machine.execOk(['systemctl', 'show', '--property=UserspaceTimestamp']);
    const first = (await boot()).stdout;
    await machine.reboot();
    assert.notEqual((await boot()).stdout, first);
    assert.equal(readFileSync(join(machine.root, 'root/note'), 'utf8'), 'kept\n');
    assert.equal((await machine.execOk(['cat', forgotten])).stdout, ruled, 'what the kernel was told is forgotten');
    await machine.pullThePlug();
    await machine.powerOn();
    assert.ok(readdirSync(join(machine.root, 'root')).includes('note'));
    assert.match((await machine.execOk(['ip', '-brief', 'address'])).stdout, new RegExp(machine.address));
  });

  test('is bare again when it is reinstalled, and whoever knew its keys knows them still', async () => {
    const key = () => readFileSync(join(machine.root, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8');
    const before = key();
    await machine.reinstall();
    assert.equal(key(), before);
    assert.ok(!readdirSync(join(machine.root, 'root')).includes('note'));
    assert.equal((await machine.execOk(['cat', '/proc/1/comm'])).stdout, 'systemd\n');
  });
});
