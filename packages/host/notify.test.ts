import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Exec } from './exec.ts';
import { silentLogger } from './log.ts';
import { createNotifier } from './notify.ts';

const place = { socket: '/run/systemd/notify', watchdogMs: 60_000 };

const recording = (exitCode = 0) => {
  const said: string[] = [];
  const exec: Exec = async (argv, options) => {
    said.push(`${options?.env?.NOTIFY_SOCKET} ${argv.slice(1).join(' ')}`);
    return { exitCode, signal: null, stdout: '', stderr: 'no such socket' };
  };
  return { said, exec };
};

test('systemd is told when the service is ready, three times in every period that it lives, and when it stops', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { said, exec } = recording();
    const notifier = createNotifier(place, { log: silentLogger, exec });
    await notifier.ready('all is well');
    mock.timers.tick(60_000);
    await notifier.stopping();
    notifier[Symbol.dispose]();
    mock.timers.tick(60_000);
    const at = `${place.socket} `;
    assert.deepEqual(said, [`${at}--ready --status=all is well`, ...Array(3).fill(`${at}WATCHDOG=1`), `${at}STOPPING=1`]);
  } finally {
    mock.timers.reset();
  }
});

test('nothing is told when systemd did not start the service', async () => {
  const { said, exec } = recording();
  using notifier = createNotifier(null, { log: silentLogger, exec });
  await notifier.ready('all is well');
  assert.deepEqual(said, []);
});

test('a service that cannot tell goes on, and says so in its log', async () => {
  const warned: string[] = [];
  const log = { ...silentLogger, warn: (event: string) => void warned.push(event) };
  using notifier = createNotifier({ ...place, watchdogMs: null }, { log, exec: recording(1).exec });
  await notifier.ready('all is well');
  assert.deepEqual(warned, ['notify.failed']);
});
