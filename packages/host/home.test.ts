import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { exec } from './exec.ts';
import { homeLayout, prepareHome, resolveHome } from './home.ts';

describe('the home is', () => {
  const cases = [
    { name: 'where BERTH_HOME says', env: { BERTH_HOME: '/srv/b', HOME: '/home/eve' }, uid: 0, home: '/srv/b' },
    { name: 'absolute and without dots', env: { BERTH_HOME: '/srv/../opt/b/' }, uid: 1000, home: '/opt/b' },
    { name: 'one for the machine as root', env: { HOME: '/root', XDG_DATA_HOME: '/root/x' }, uid: 0, home: '/var/lib/berth' },
    {
      name: 'in XDG_DATA_HOME of a user',
      env: { HOME: '/home/eve', XDG_DATA_HOME: '/data/eve' },
      uid: 1000,
      home: '/data/eve/berth',
    },
    { name: 'in the home of a user', env: { HOME: '/home/eve' }, uid: 1000, home: '/home/eve/.local/share/berth' },
    {
      name: 'not what an empty variable says',
      env: { HOME: '/home/eve', BERTH_HOME: '', XDG_DATA_HOME: '' },
      uid: 1000,
      home: '/home/eve/.local/share/berth',
    },
  ];
  for (const { name, env, uid, home } of cases) test(name, () => assert.equal(resolveHome(env, uid), home));

  test('refused when sockets below it would not fit', () =>
    assert.throws(() => resolveHome({ BERTH_HOME: `/${'é'.repeat(32)}` }, 0), { code: 'HOME_PATH_TOO_LONG' }));
  test('unknown to a user without variables', () => assert.throws(() => resolveHome({}, 1000), { code: 'HOME_UNKNOWN' }));
});

test('everything is below the home, and the daemon’s socket is reachable by path', () => {
  const layout = homeLayout('/h');
  assert.equal(layout.socket, '/h/run/berthd.sock');
  assert.deepEqual(layout.app('pad'), {
    root: '/h/apps/pad',
    builds: '/h/apps/pad/builds',
    stores: '/h/apps/pad/stores',
    logs: '/h/apps/pad/logs',
    home: '/h/apps/pad/home',
    secrets: '/h/apps/pad/secrets',
  });
  assert.equal(layout.publicOf('pad'), '/h/public/pad');
});

test('a home is made with modes of its own, and again without harm', async () => {
  await using directory = await temporaryDirectory();
  const home = directory.join('deep', 'home');
  mkdirSync(directory.join('deep'), { mode: 0o755 });
  chmodSync(directory.join('deep'), 0o755);
  const layout = prepareHome(home, process.getuid?.() ?? 0);
  const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
  chmodSync(layout.secrets, 0o755);
  writeFileSync(`${layout.secrets}/key`, 'x');
  prepareHome(home, process.getuid?.() ?? 0);
  for (const path of [home, layout.apps, layout.public, layout.edge]) assert.equal(mode(path), '711', path);
  for (const path of [layout.parts, layout.node]) assert.equal(mode(path), '755', path);
  for (const path of [layout.run, layout.secrets, layout.instances, layout.sources, layout.compileCache])
    assert.equal(mode(path), '700', path);
  assert.ok(existsSync(`${layout.secrets}/key`));
});

test('as root, a home that users of apps cannot reach is refused', async () => {
  await using directory = await temporaryDirectory();
  mkdirSync(directory.join('closed'), { mode: 0o700 });
  assert.throws(() => prepareHome(directory.join('closed', 'home'), 0), {
    code: 'HOME_NOT_TRAVERSABLE',
    fields: { home: directory.join('closed', 'home'), directory: directory.join('closed') },
  });
});

test('a home below something that is no directory is refused', async () => {
  await using directory = await temporaryDirectory();
  writeFileSync(directory.join('file'), '');
  assert.throws(() => prepareHome(directory.join('file', 'home'), 1000), { code: 'HOME_NOT_WRITABLE', message: /ENOTDIR/ });
});

test('a home on a read-only file system is refused', async (t) => {
  await using directory = await temporaryDirectory();
  mkdirSync(directory.join('mount'));
  const script = `mount -t tmpfs -o ro,mode=755 tmpfs ${directory.join('mount')} && exec "$@"`;
  const module = JSON.stringify(new URL('home.ts', import.meta.url).href);
  const program = `const { prepareHome } = await import(${module}); try { prepareHome(${JSON.stringify(directory.join('mount', 'h'))}, 0) } catch (e) { console.log(e.code, e.message) }`;
  const result = await exec([
    'unshare',
    '-m',
    '/bin/sh',
    '-c',
    script,
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]);
  if (/unshare|mount/.test(result.stderr)) return t.skip('mounting needs root');
  assert.match(result.stdout, /^HOME_NOT_WRITABLE .*EROFS/);
  rmSync(directory.join('mount'), { recursive: true });
});
