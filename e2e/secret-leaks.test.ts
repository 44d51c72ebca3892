/** Values that are secret are looked for wherever a platform leaves something, after all that can happen to an app. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Receipt } from '@berth/protocol';
import { createS3Server, type S3Server, temporaryDirectory } from '@berth/testing';
import { berth } from './harness/command.ts';
import { leaksIn, leaksInFiles, leaksInProcesses } from './harness/leaks.ts';
import { type Home, StoryPlatform } from './harness/platform.ts';
import { archive } from './harness/source.ts';
import { ask } from './harness/visitor.ts';

const APP = 'vaulted';
const MANIFEST = `app: ${APP}
build: node build.js
release: node release.js
services:
  web:
    run: exec node server.js
    health: /health
    secrets: { GIVEN: {}, MADE: { generate: true, as: file }, TURNED: {} }
routes:
  ${APP}: web
stores:
  db: { sqlite: app.db }
`;
const SERVER = `
const { GIVEN, TURNED, MADE_FILE, STORE_DB } = process.env;
const { DatabaseSync } = require('node:sqlite');
new DatabaseSync(STORE_DB).exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS lines (text TEXT)');
require('node:fs').accessSync(MADE_FILE);
if (!GIVEN || !TURNED) throw new Error('not given');
require('node:http').createServer((request, response) => response.end('fine')).listen(process.env.PORT, process.env.HOST);
process.on('SIGTERM', () => process.exit(0));
`;
/** What a build is given stays in what it makes; a release command is given all. */
const COMMANDS = {
  'build.js': "require('node:fs').writeFileSync('built.json', JSON.stringify(process.env));",
  'release.js': 'process.exit(process.env.GIVEN && process.env.TURNED ? 0 : 1);',
};
/** Says all it knows when it fails, as programs do. */
const FAILING = `
console.error('cannot start with', process.env.GIVEN, process.env.TURNED, require('node:fs').readFileSync(process.env.MADE_FILE, 'utf8'));
process.exit(1);
`;

type Rotation = { set?: Record<string, string>; offer?: Record<string, string>; exchange?: string[] };

const secret = (): string => randomBytes(24).toString('base64');

describe('secret values of an app and of the platform', () => {
  let platform: StoryPlatform;
  let outside: Home;
  let s3: S3Server;
  const secrets = new Map<string, string>();
  const told: { place: string; text: string }[] = [];
  let failed: Receipt;

  const type = async (words: readonly string[], env: Record<string, string> = {}) => {
    const typed = await berth(platform.home, words, { env });
    told.push({ place: `berth ${words.join(' ')}`, text: typed.stdout + typed.stderr });
    return typed;
  };
  const change = async (body: Rotation) =>
    platform.finished(await platform.client.call('changeSecrets', { params: { app: APP }, body }));
  const deploy = async (server: string) => {
    const files = { ...COMMANDS, 'berth.yaml': MANIFEST, 'server.js': server };
    return platform.finished(await platform.client.call('deploy', { body: archive(files), query: {} }));
  };

  before(async () => {
    outside = await temporaryDirectory();
    platform = await StoryPlatform.open({ tls: 'on' });
    const access = { accessKeyId: 'AKIALEAKTEST00000000', secretAccessKey: secret() };
    s3 = await createS3Server({ buckets: ['backup'], credentials: [access] });
    secrets.set('the key of the target', access.secretAccessKey);
    secrets.set('the passphrase of the kit', secret());
    for (const name of ['GIVEN', 'TURNED', 'TURNED later']) secrets.set(name, secret());
    const [given = '', turned = '', later = ''] = ['GIVEN', 'TURNED', 'TURNED later'].map((name) => secrets.get(name) ?? '');

    await change({ set: { GIVEN: given, TURNED: turned } });
    const receipt = await deploy(SERVER);
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
    const url = `s3://backup/berth?endpoint=${s3.endpoint}`;
    const added = await type(['target', 'add', url, '--name', 'far'], {
      AWS_ACCESS_KEY_ID: access.accessKeyId,
      AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
    });
    assert.equal(added.code, 0, added.stderr);
    await change({ offer: { TURNED: later } });
    assert.equal((await change({ exchange: ['TURNED'] })).ok, true);
    const { secrets: revealed } = await platform.client.call('revealSecrets', { params: { app: APP } });
    for (const { name, value } of revealed) if (name === 'MADE') secrets.set('MADE', value ?? '');
    const identity = /AGE-SECRET-KEY-\S+/.exec(readFileSync(join(platform.home, 'secrets/key.txt'), 'utf8'))?.[0] ?? '';
    secrets.set('the identity of the home', identity);
    assert.ok([...secrets.values()].every((value) => value.length >= 24));

    const passphrase = join(outside.path, 'passphrase');
    writeFileSync(passphrase, `${secrets.get('the passphrase of the kit')}\n`, { mode: 0o600 });
    const kit = await type(['kit', '--out', join(outside.path, 'kit'), '--passphrase-file', passphrase]);
    assert.equal(kit.code, 0, kit.stderr);
    const backup = await type(['backup', APP, '--json']);
    assert.equal(backup.code, 0, backup.stdout);
    const run = await type(['run', APP, 'node', '--version']);
    assert.equal(run.code, 0, run.stderr);
    failed = await deploy(FAILING);
    assert.equal(failed.ok, false);
    const rolledBack = await type(['rollback', APP, '--to', '1', '--json']);
    assert.equal(rolledBack.code, 0, rolledBack.stderr);
    await ask(platform.httpPort, `${APP}.localhost`, { path: `/?token=nothing` });
  });
  after(async () => {
    await platform[Symbol.asyncDispose]();
    await s3[Symbol.asyncDispose]();
    await outside[Symbol.asyncDispose]();
  });

  /** The shim of an instance, which only Berth’s user can look into, hands its environment on in variables of other names. */
  const isOfApp = (environment: readonly string[]) =>
    environment.some((variable) => /^(?:berth__\d+=)?BERTH_APP=/.test(variable) && variable.endsWith(`=${APP}`));
  const nowhere = (leaks: readonly string[]) => assert.deepEqual(leaks, []);

  test('are in no file of the home but the sealed key’s own and those that instances read', () => {
    const own: { path: string; mode: number }[] = [];
    const mayHold = (path: string): boolean => {
      const name = path.slice(platform.home.length + 1);
      const isOwn = name === 'secrets/key.txt' || /^apps\/[^/]+\/secrets\//.test(name) || name === TARGET_KEYS;
      // Those of an instance that has just ended go with it.
      const found = isOwn ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (found !== undefined) own.push({ path, mode: found.mode });
      // The one that failed printed them.
      return isOwn || new RegExp(`^apps/${APP}/logs/`).test(name);
    };
    const { leaks, files } = leaksInFiles(platform.home, secrets, mayHold);
    nowhere(leaks);
    assert.ok(files > 20, `${files} files were looked at`);
    assert.ok(own.length >= 2);
    for (const { path, mode } of own) assert.equal(mode & 0o077, 0, `${path} is readable by its user alone`);
  });

  test('are not in the kit that has a passphrase', () => {
    nowhere(leaksInFiles(join(outside.path, 'kit'), secrets).leaks);
  });

  test('are on no command line, and in the environment of the app’s own processes alone, but for the key of a target in restic’s', () => {
    // Only root and the user it runs as can look into that.
    nowhere(
      leaksInProcesses(secrets, isOfApp).filter((leak) => !/^environment of \d+ \(restic\): the key of the target$/.test(leak)),
    );
  });

  test('are not in what a failed deploy says, though the program printed them', () => {
    assert.match(JSON.stringify(failed), /cannot start with/, 'its last lines are told');
    nowhere(leaksIn('receipt', JSON.stringify(failed), secrets));
  });

  test('are in nothing that commands print', async () => {
    for (const words of [['ps', '--json'], ['ps', APP], ['events'], ['events', '--json'], ['receipt', APP, '--json']])
      await type(words);
    for (const words of [
      ['secret', APP],
      ['secret', APP, '--json'],
      ['target', 'list', '--json'],
      ['doctor', APP],
    ])
      await type(words);
    assert.ok(told.every(({ text }) => text !== ''));
    nowhere(told.flatMap(({ place, text }) => leaksIn(place, text, secrets)));
  });

  test('are in no answer of the API that was not asked to reveal them', async () => {
    const { client } = platform;
    const params = { app: APP };
    const answers = {
      status: await client.call('status', {}),
      app: await client.call('app', { params }),
      secrets: await client.call('secrets', { params }),
      environment: await client.call('environment', { params }),
      metrics: await client.call('metrics', {}),
      targets: await client.call('targets', {}),
    };
    for (const [place, answer] of Object.entries(answers)) nowhere(leaksIn(place, JSON.stringify(answer), secrets));
  });
});

/** Credentials of targets, for the replicator that begins before anything can be unsealed. */
const TARGET_KEYS = 'secrets/targets.json';
