import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import type { InstanceSpec } from '../driver.ts';
import { appOfUnit, renderAppUnit } from './app-unit.ts';
import { renderDaemonUnit } from './daemon-unit.ts';
import { renderEnterScript } from './enter-script.ts';
import { readLimits } from './probe-limits.ts';
import { parseEnd } from './records.ts';
import { startCommand } from './unit.ts';
import { appSlice, homeTag, instanceUnit } from './unit-name.ts';
import { readUnitState } from './unit-state.ts';

const golden = (name: string): string => join(import.meta.dirname, 'golden', name);

const spec: InstanceSpec = {
  id: 'pad.web.3-k4x',
  argv: ['/bin/sh', '-c', "exec node server.js --title 'a $b'"],
  cwd: '/var/lib/berth/apps/pad/builds/5d4c',
  env: { PORT: '31501', TOKEN: "it's $ecret", KEY_FILE: '/var/lib/berth/apps/pad/secrets/pad.web.3-k4x/KEY', LINES: 'a\nb' },
  user: { name: 'berth-pad', uid: 998, gid: 997 },
  limits: { memoryBytes: 512_000_000, cpu: 0.5, files: 65_536 },
  logFile: '/var/lib/berth/apps/pad/logs/pad.web.3-k4x.log',
  priority: 'normal',
  kind: 'instance',
  app: 'pad',
  service: 'web',
  writable: ['/var/lib/berth/apps/pad/stores', '/var/lib/berth/apps/pad/home'],
  secretFiles: { KEY: '/var/lib/berth/apps/pad/secrets/pad.web.3-k4x/KEY' },
  shared: false,
  stop: { signal: 'SIGTERM', withinMs: 30_000 },
};
const build: InstanceSpec = {
  ...spec,
  ...{ id: 'op7.build', service: null, kind: 'build', priority: 'low', shared: true, secretFiles: {} },
};
const place = (id: string) => ({
  unit: instanceUnit({ id, app: 'pad' }, ''),
  slice: appSlice('pad', ''),
  enterFile: `/var/lib/berth/instances/${id}/enter`,
  endFile: `/var/lib/berth/instances/${id}/1.end`,
  home: 'berth',
  noteScript: '/var/lib/berth/instances/.note-end.sh',
  systemd: 257,
});
const asLines = (_: unknown): string => (_ as readonly string[]).join('\n');

for (const [name, given] of Object.entries({ instance: spec, build }))
  test(`the command that starts an ${name} names every limit, and nothing of its environment`, (t) => {
    const command = startCommand(given, place(given.id));
    assert.ok(!command.join(' ').includes('$ecret'));
    t.assert.fileSnapshot(command, golden(`start-${name}.txt`), { serializers: [asLines] });
  });

test('the units of berthd and of an app', (t) => {
  const text = renderDaemonUnit({ root: '/usr/lib/berth/current' });
  t.assert.fileSnapshot(text, golden('berthd.service'), { serializers: [String] });
  const command = ['/usr/lib/berth/current/node', '/usr/lib/berth/current/app-unit.ts'];
  const app = renderAppUnit(
    { app: 'pad', home: '/var/lib/berth', socket: '/var/lib/berth/run/berthd.sock', command },
    'pad.service',
  );
  t.assert.fileSnapshot(app, golden('app.service'), { serializers: [String] });
  assert.equal(appOfUnit(app, '/var/lib/berth'), 'pad');
  assert.equal(appOfUnit(app, '/srv/berth'), null, 'of another platform');
  assert.equal(appOfUnit(app.slice(app.indexOf('\n') + 1), '/var/lib/berth'), null, 'of somebody else');
});

test('a program is given its arguments and its whole environment, whatever is in them', async () => {
  await using directory = await temporaryDirectory();
  const credentials = directory.join('credentials');
  mkdirSync(credentials);
  const env = { ...spec.env, EMPTY: '', IFS: ':', QUOTES: `'"\`\\`, PATH: '/nowhere' };
  const script = 'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env]))';
  const argv = [process.execPath, '-e', script, '--', "it's", '', '$HOME *'];
  writeFileSync(join(credentials, 'enter'), renderEnterScript({ ...spec, env, argv, cwd: directory.path }, credentials));
  const said = execFileSync('/usr/bin/env', ['-i', '/bin/sh', join(credentials, 'enter')]).toString();
  assert.deepEqual(JSON.parse(said), [["it's", '', '$HOME *'], { ...env, KEY_FILE: join(credentials, 'KEY') }]);
});

const names: [id: string, app: string | null, tag: string, unit: string][] = [
  ['pad.web.3-k4x', 'pad', '', 'pad-web-3-k4x.service'],
  ['op12.build', 'pad', '', 'pad-op12-build.service'],
  ['one', null, '', 'berth-one.service'],
  ['pad.web.3-k4x', 'pad', 'a1b2c3', 'berth-a1b2c3-pad-web-3-k4x.service'],
];
for (const [id, app, tag, unit] of names)
  test(`${id} of ${app ?? 'nobody'} is ${unit}`, () => assert.equal(instanceUnit({ id, app }, tag), unit));

test('only a home that is not the machine’s own marks its units', () => {
  assert.equal(homeTag('/var/lib/berth/instances'), '');
  assert.match(homeTag('/srv/berth/instances'), /^[0-9a-f]{6}$/);
});

const endings: [text: string, how: unknown][] = [
  ['exit-code exited 3 0', [3, null, false]],
  ['success exited 0 0', [0, null, false]],
  ['success killed TERM 0', [null, 'SIGTERM', false]],
  ['signal killed KILL 1', [null, 'SIGKILL', true]],
  ['oom-kill killed KILL 0', [null, 'SIGKILL', true]],
  ['exit-code exited 137 0', [null, 'SIGKILL', false]],
  ['success exited 0 2', [0, null, false]],
];
for (const [text, how] of endings)
  test(`a unit that wrote "${text}" is understood`, () => {
    const ended = parseEnd(`${text}\n`);
    assert.deepEqual([ended?.exitCode, ended?.signal, ended?.outOfMemory], how);
  });

test('a run that never began has no ending', () => assert.equal(parseEnd('resources   0\n'), null));

const loaded = { LoadState: 'loaded', MainPID: '0', Job: '', ExecMainCode: '1', ExecMainStatus: '3', Result: 'exit-code' };
const states: [what: string, unit: Record<string, string>, state: string][] = [
  ['nobody knows it', { LoadState: 'not-found' }, 'unknown'],
  ['it waits to be started', { ...loaded, ActiveState: 'inactive', SubState: 'dead', Job: '7', ExecMainCode: '0' }, 'changing'],
  [
    'its sandbox is being made',
    { ...loaded, ActiveState: 'activating', SubState: 'start', MainPID: String(process.pid) },
    'changing',
  ],
  ['it runs', { ...loaded, ActiveState: 'active', SubState: 'running', MainPID: String(process.pid) }, 'running'],
  [
    'it runs and is asked to end',
    { ...loaded, ActiveState: 'deactivating', SubState: 'stop-sigterm', MainPID: String(process.pid) },
    'running',
  ],
  [
    'its process has gone, and systemd has not heard',
    { ...loaded, ActiveState: 'active', SubState: 'running', MainPID: '4194305' },
    'changing',
  ],
  ['it writes down how it ended', { ...loaded, ActiveState: 'deactivating', SubState: 'stop-post' }, 'changing'],
  ['its children are being ended', { ...loaded, ActiveState: 'deactivating', SubState: 'final-sigterm' }, 'ended'],
  ['systemd will restart it', { ...loaded, ActiveState: 'activating', SubState: 'auto-restart' }, 'ended'],
  ['it ended well', { ...loaded, ActiveState: 'active', SubState: 'exited', ExecMainStatus: '0' }, 'ended'],
  ['it failed', { ...loaded, ActiveState: 'failed', SubState: 'failed' }, 'ended'],
];
for (const [what, unit, state] of states)
  test(`a unit is ${state} when ${what}`, () => assert.equal(readUnitState(unit).state, state));

const limits: [text: string, memory: boolean, cpu: boolean][] = [
  ['memory 268435456\ncpu 50000 100000\n', true, true],
  ['memory 268435456\ncpu 50000\n', true, true],
  ['memory 9223372036854771712\ncpu -1\n', false, false],
  ['memory max\ncpu max 100000\n', false, false],
  ['', false, false],
];
for (const [text, memory, cpu] of limits)
  test(`control groups that say ${JSON.stringify(text)} ${memory ? 'act' : 'do not act'}`, () =>
    assert.deepEqual(readLimits(text), { memory, cpu }));
