import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execOk, findUser, showUnit } from '@berth/host';
import { isInside, testInside } from '@berth/testing';
import { describeDriver } from '../conformance.ts';
import { besideCommand } from './beside.ts';
import { renderDaemonUnit } from './daemon-unit.ts';
import { probeLimits } from './probe-limits.ts';

// On this host it boots a machine with systemd and runs itself in there.
if (isInside()) {
  const limits = await probeLimits('test');
  describeDriver('systemd', new URL('open-for-tests.ts', import.meta.url), {
    user: await findUser('nobody'),
    startPoints: ['runtime.start.recorded', 'runtime.start.spawned'],
    skip: {
      'keeps empty lines, and spaces at the end of lines': 'journald drops both',
      ...(limits.cpu ? {} : { 'holds a program to its share of the processor': 'CPUQuota of a unit was seen not to act here' }),
    },
  });

  test('what the daemon may do itself is enough to run a command beside an instance', async () => {
    const unit = 'berth-beside-test.service';
    const tmp = ['--property=PrivateTmp=yes', '--property=User=nobody'];
    await execOk(['systemd-run', `--unit=${unit}`, ...tmp, '/bin/sh', '-c', 'touch /tmp/here; exec sleep 600']);
    try {
      const pid = Number((await showUnit(unit, ['MainPID']))?.MainPID);
      const daemon = renderDaemonUnit({ root: '/' });
      const valuesOf = (name: string) => [...daemon.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);
      const own = [...daemon.matchAll(/^(?:NoNew|Private|Protect|Lock|Restrict|SystemCall)\w+=.*$/gm)].map(([line]) => line);
      // Of several of these systemd-run heeds the last alone.
      own.push(`CapabilityBoundingSet=${valuesOf('CapabilityBoundingSet').join(' ')}`);
      assert.ok(own.includes('NoNewPrivileges=yes') && own.some((line) => line.startsWith('RestrictNamespaces=')));
      const spec = { cwd: '/', env: { PATH: '/usr/bin:/bin' }, user: await findUser('nobody'), secretFiles: {}, shared: false };
      const argv = ['/bin/sh', '-c', 'until test -e /tmp/here; do sleep 0.1; done; id -un'];
      const { argv: words, input } = besideCommand(spec, { pid, unit, argv });
      const sandbox = own.map((line) => `--property=${line}`);
      const asDaemon = ['systemd-run', '--quiet', '--wait', '--pipe', '--collect', ...sandbox, '--', ...words];
      assert.equal((await execOk(asDaemon, { input, timeoutMs: 30_000 })).stdout, 'nobody\n');
    } finally {
      await execOk(['systemctl', 'stop', unit]);
    }
  });
} else testInside('the systemd driver keeps its contract on a Debian 12', fileURLToPath(import.meta.url), { suite: 'bookworm' });
