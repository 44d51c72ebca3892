/** A secret is changed under load: nobody is logged out, and what the former value signed ends when somebody says so. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Receipt, SecretEntry } from '@berth/protocol';
import { berth } from './harness/command.ts';
import { StoryPlatform } from './harness/platform.ts';
import { archive } from './harness/source.ts';
import { ask, Visitor } from './harness/visitor.ts';

const HOST = 'door.localhost';
const MANIFEST = `app: door
services:
  web:
    run: exec node server.js
    instances: 2
    health: /health
    secrets: { SIGNING: { generate: true, as: file }, KEY: { generate: true } }
routes:
  door: web
`;
/** Signs with the first value and believes both, as every app has to that wants to be rotated. */
const SERVER = `
const { createHmac } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { SIGNING_FILE, SIGNING_PREVIOUS_FILE } = process.env;
const values = [SIGNING_FILE, SIGNING_PREVIOUS_FILE].filter(Boolean).map((file) => readFileSync(file, 'utf8'));
const mac = (value) => createHmac('sha256', value).update('somebody').digest('hex');
require('node:http').createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://door');
  if (pathname === '/login') return response.end(mac(values[0]));
  if (pathname === '/check') response.statusCode = values.some((value) => mac(value) === searchParams.get('token')) ? 200 : 401;
  response.end(process.env.BERTH_RELEASE);
}).listen(process.env.PORT, process.env.HOST);
process.on('SIGTERM', () => process.exit(0));
`;

describe('a secret that signs cookies', () => {
  let platform: StoryPlatform;
  before(async () => {
    platform = await StoryPlatform.open({ tls: 'off' });
    const files = { 'berth.yaml': MANIFEST, 'server.js': SERVER };
    const receipt = await platform.finished(await platform.client.call('deploy', { body: archive(files), query: {} }));
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  });
  after(() => platform[Symbol.asyncDispose]());

  const secret = async (words: readonly string[], code = 0) => {
    const typed = await berth(platform.home, ['secret', 'door', ...words]);
    assert.equal(typed.code, code, `${words.join(' ')}:\n${typed.stdout}${typed.stderr}`);
    return typed.stdout + typed.stderr;
  };
  const get = async (path: string, options?: Parameters<typeof ask>[2]) => {
    const { status, body } = await ask(platform.httpPort, HOST, { path, ...options });
    return { status, body };
  };
  const login = async () => (await get('/login')).body;
  const statusOf = async (token: string) => (await get(`/check?token=${token}`)).status;
  const values = async (): Promise<Map<string, SecretEntry>> => {
    const { secrets } = await platform.client.call('revealSecrets', { params: { app: 'door' } });
    return new Map(secrets.map((entry) => [entry.name, entry]));
  };
  const visiting = () =>
    Array.from({ length: 4 }, () => {
      let known: string[] = [];
      return new Visitor(async (agent) => {
        // What any instance signed is believed by every other one, whichever is asked.
        known = [...known.slice(-20), (await get('/login', { agent })).body];
        for (const token of new Set(known)) {
          const { status } = await get(`/check?token=${token}`, { agent });
          if (status !== 200) throw new Error(`a token that an instance signed was answered with ${status}`);
        }
      });
    });

  let first: string;
  test('nobody is logged out while it is rotated, and the former value is believed afterwards', async (t) => {
    first = await login();
    const was = (await values()).get('SIGNING')?.value;
    const visitors = visiting();
    try {
      const said = await secret(['rotate', 'SIGNING']);
      assert.match(said, /believed beside it until: berth secret door rotate SIGNING --finish/);
    } finally {
      await Promise.all(visitors.map((visitor) => visitor[Symbol.asyncDispose]()));
    }
    const requests = visitors.reduce((sum, visitor) => sum + visitor.requests, 0);
    t.diagnostic(`${requests} rounds of requests while the secret was rotated`);
    assert.deepEqual(
      visitors.flatMap(({ failures }) => failures),
      [],
    );
    assert.ok(requests > 0);
    const now = await values();
    assert.notEqual(now.get('SIGNING')?.value, was);
    assert.equal(now.get('SIGNING_PREVIOUS')?.value, was);
    assert.match(await secret([]), /SIGNING_PREVIOUS .*believed beside it, until rotate --finish/);
    assert.notEqual(await login(), first);
    assert.equal(await statusOf(first), 200);
  });

  test('a rollback to before it takes nothing from those who logged in since', async () => {
    const second = await login();
    const rolledBack = await berth(platform.home, ['rollback', 'door', '--to', '1', '--json']);
    assert.equal((JSON.parse(rolledBack.stdout) as Receipt).ok, true, rolledBack.stderr);
    assert.equal(await login(), first, 'it signs with the value that it had');
    assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200]);
  });

  test('once it is finished the former value is believed no more, by no release', async () => {
    await secret(['rotate', 'SIGNING', '--finish']);
    const second = await login();
    assert.notEqual(second, first);
    assert.deepEqual([await statusOf(first), await statusOf(second)], [401, 200]);
    const rolledBack = await berth(platform.home, ['rollback', 'door', '--to', '1', '--json']);
    assert.equal((JSON.parse(rolledBack.stdout) as Receipt).ok, true, rolledBack.stderr);
    assert.deepEqual([await statusOf(first), await statusOf(second)], [401, 200], 'and no rollback brings it back');
    assert.match(await secret(['rotate', 'SIGNING', '--finish'], 1), /has one value only/);
    assert.match(await secret(['rotate', 'ABSENT'], 1), /has no secret ABSENT/);
  });
});
