import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { readEnv } from '../env.ts';
import { parseDestination } from './destination.ts';
import { getServer, keepServer, readServers, type Server, writeServers } from './servers-file.ts';

const server = (name: string, where = `root@${name}.example.com`): Server => ({
  name,
  destination: parseDestination(where),
  fingerprint: 'SHA256:x',
  installed: '0.1.0-7374e45a',
  addedAt: '2026-02-10T12:00:00.000Z',
});

test('servers are kept for their user alone, in the order of their names', async () => {
  await using home = await temporaryDirectory();
  const env = readEnv({ XDG_CONFIG_HOME: home.path });
  assert.deepEqual(readServers(env), { default: null, servers: [] });
  await keepServer(env, server('shop'));
  await keepServer(env, server('blog'));
  await keepServer(env, { ...server('shop'), installed: null });
  const { servers } = readServers(env);
  assert.deepEqual(
    servers.map(({ name, installed }) => [name, installed]),
    [
      ['blog', '0.1.0-7374e45a'],
      ['shop', null],
    ],
  );
  const file = home.join('berth', 'servers.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(home.join('berth')).mode & 0o777, 0o700);
  assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { format: number }).format, 1);
});

test('a default that is not known any more is none', async () => {
  await using home = await temporaryDirectory();
  const env = readEnv({ HOME: home.path });
  await writeServers(env, { default: 'shop', servers: [server('shop')] });
  assert.equal(readServers(env).default, 'shop');
  await writeServers(env, { default: 'shop', servers: [] });
  assert.equal(readServers(env).default, null);
});

test('a name that is nearly one of them is answered with it', async () => {
  await using home = await temporaryDirectory();
  const env = readEnv({ HOME: home.path });
  assert.throws(() => getServer(env, 'shop'), { code: 'SERVER_NOT_FOUND', hint: /berth server add/ });
  await keepServer(env, server('shop'));
  assert.throws(() => getServer(env, 'shpo'), { code: 'SERVER_NOT_FOUND', hint: 'did you mean shop?' });
});

test('without a home there are none, and nothing can be kept', async () => {
  assert.deepEqual(readServers(readEnv({})), { default: null, servers: [] });
  await assert.rejects(keepServer(readEnv({}), server('shop')), { code: 'SERVER_CONFIG_UNKNOWN' });
});

describe('a list that cannot be read is refused and left as it is', () => {
  const cases = [
    { name: 'cut off', text: '{"format":1,"serv' },
    { name: 'of a later Berth', text: '{"format":2,"servers":[]}' },
    { name: 'of something else', text: '{"format":1,"servers":[{"name":7}]}' },
  ];
  for (const { name, text } of cases)
    test(name, async () => {
      await using home = await temporaryDirectory();
      mkdirSync(home.join('berth'));
      writeFileSync(home.join('berth', 'servers.json'), text);
      const env = readEnv({ XDG_CONFIG_HOME: home.path });
      assert.throws(() => readServers(env), { code: 'SERVER_FILE_UNREADABLE' });
      await assert.rejects(keepServer(env, server('shop')), { code: 'SERVER_FILE_UNREADABLE' });
      assert.equal(readFileSync(home.join('berth', 'servers.json'), 'utf8'), text);
    });
});
