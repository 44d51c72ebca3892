import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { readEnv } from '../env.ts';
import { parseDestination } from './destination.ts';
import { chooseServer, placeOf, wordsWithoutOn } from './placement.ts';
import { writeServers } from './servers-file.ts';

const known = ['shop', 'blog'].map((name) => ({
  name,
  destination: parseDestination(`root@${name}`),
  ...{ fingerprint: null, installed: null, addedAt: '2026-02-10T12:00:00.000Z' },
}));

describe('a command is for', () => {
  type Case = {
    name: string;
    on?: string;
    variables?: Record<string, string>;
    default?: string;
    command?: string;
    server: string | null;
  };
  const cases: Case[] = [
    { name: 'this machine, when nothing is said', server: null },
    { name: 'the server that it names', on: 'shop', server: 'shop' },
    { name: 'the server of BERTH_ON', variables: { BERTH_ON: 'shop' }, server: 'shop' },
    { name: 'the one it names, whatever BERTH_ON says', on: 'blog', variables: { BERTH_ON: 'shop' }, server: 'blog' },
    { name: 'the default that was chosen', default: 'shop', server: 'shop' },
    { name: 'this machine in spite of a default', default: 'shop', on: 'local', server: null },
    { name: 'this machine in spite of a default, by BERTH_ON', default: 'shop', variables: { BERTH_ON: 'local' }, server: null },
    { name: 'a platform here that BERTH_HOME names', default: 'shop', variables: { BERTH_HOME: '/srv/b' }, server: null },
    { name: 'a server that it names, also with BERTH_HOME', on: 'shop', variables: { BERTH_HOME: '/srv/b' }, server: 'shop' },
    { name: 'this machine where it makes no sense elsewhere', default: 'shop', command: 'up', server: null },
  ];
  for (const { name, on, variables = {}, default: chosen = null, command = 'ps', server } of cases)
    test(name, async () => {
      await using home = await temporaryDirectory();
      const env = readEnv({ XDG_CONFIG_HOME: home.path, ...variables });
      await writeServers(env, { default: chosen, servers: known });
      assert.equal(chooseServer(env, { on, command })?.name ?? null, server);
    });
});

test('what only makes sense here says what does there', () => {
  const env = readEnv({});
  for (const command of ['up', 'down', 'check'])
    assert.throws(() => chooseServer(env, { on: 'shop', command }), {
      code: 'CLI_USAGE',
      message: new RegExp(`berth ${command}`),
    });
});

test('commands about the machine are run on it, others through the platform', () => {
  assert.deepEqual(['doctor', 'harden', 'audit', 'recover', 'ps', 'deploy', undefined].map(placeOf), [
    ...['machine', 'machine', 'machine', 'machine', 'platform', 'platform', 'platform'],
  ]);
});

describe('what is run there leaves out where', () => {
  const cases: [string[], string[]][] = [
    [
      ['doctor', '--on', 'shop', 'pad', '--fix'],
      ['doctor', 'pad', '--fix'],
    ],
    [
      ['audit', '--on=shop', '--json'],
      ['audit', '--json'],
    ],
    [
      ['harden', '--', '--on', 'x'],
      ['harden', '--', '--on', 'x'],
    ],
  ];
  for (const [words, there] of cases) test(words.join(' '), () => assert.deepEqual(wordsWithoutOn(words), there));
});
