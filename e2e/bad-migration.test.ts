/**
 * A release that destroys data, and the way back, while people write and read all the time. Nobody gets an error, and no write
 * is lost but those that the bad release took itself: they were made on destroyed data, and remain in a restore point.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Entry, Ledger, Writers } from './harness/ledger.ts';
import { StoryPlatform } from './harness/platform.ts';

const isTorture = process.env.BERTH_DOSE === 'torture';
const WRITES = isTorture ? 2_000 : 200;
const ROUNDS = isTorture ? 5 : 1;

let platform: StoryPlatform;
let ledger: Ledger;
before(async () => {
  platform = await StoryPlatform.open({ tls: 'off' });
  ledger = new Ledger(platform);
  assert.equal((await ledger.deploy()).ok, true);
  for (const token of OLD) await ledger.add(token);
});
after(() => platform[Symbol.asyncDispose]());

const OLD = Array.from({ length: 50 }, (_, number) => `old${number}`);
const RUINED = `DELETE FROM entry WHERE rowid % 2 = 0; ALTER TABLE entry ADD COLUMN colour TEXT DEFAULT 'none'`;
const migration = (after = '') => `
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(process.env.STORE_DB);
database.exec("${RUINED}");
${after}`;
const HELD = 'release: { run: node migrate.js, when: held }\n';

/** Promised by a release that was good, and no longer there. */
const lost = (promised: readonly Entry[], present: ReadonlySet<string>, bad: number): string[] => [
  ...OLD.filter((token) => !present.has(token)),
  ...promised.filter(({ release, token }) => release !== bad && !present.has(token)).map(({ token }) => token),
];

const releases = [
  {
    who: 'a command that runs while requests wait',
    name: 'held',
    make: () => ({ files: { 'migrate.js': migration() }, manifest: HELD }),
  },
  {
    who: 'the app itself when it starts',
    name: 'start',
    make: () => ({ files: ledger.server((text) => text.replace('const add =', `database.exec("${RUINED}");\nconst add =`)) }),
  },
];
for (const { who, name, make } of releases)
  for (let round = 1; round <= ROUNDS; round += 1)
    test(`what ${who} destroys comes back with the release before, ${round}`, async (t) => {
      const writers = new Writers(ledger, { writers: 4, name: `${name}${round}.` });
      let bad = 0;
      let back: { ok: boolean; ms: number; restorePoint: string | null; requests: { held: number; failed: number } };
      try {
        await writers.more(WRITES);
        const receipt = await ledger.deploy(make());
        assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
        bad = receipt.release ?? 0;
        await writers.more(WRITES);
        const ruined = await ledger.tokens();
        assert.notEqual(lost(writers.promised, ruined, bad).length, 0, 'it does destroy');
        back = await ledger.berth(['rollback', 'ledger', '--with-data', '--yes']);
        await writers.more(WRITES);
      } finally {
        await writers[Symbol.asyncDispose]();
      }
      const present = await ledger.tokens();
      const gone = writers.promised.filter(({ release }) => release === bad);
      t.diagnostic(
        `${writers.requests} requests, ${writers.failures.length} failed: ${writers.promised.length} writes, ${gone.length} of them by the bad release; ` +
          `rollback in ${back.ms} ms, ${back.requests.held} requests held; ${writers.commitTimes()}`,
      );
      assert.deepEqual(writers.failures, [], `of ${writers.requests} requests`);
      assert.equal(back.requests.failed, 0);
      assert.deepEqual(lost(writers.promised, present, bad), [], 'nothing is lost that a good release took');
      assert.notEqual(gone.length, 0);
      assert.deepEqual(
        gone.filter(({ token }) => present.has(token)),
        [],
        'and nothing is left of the bad one',
      );
      // What the bad release took can be looked at, beside what came back.
      assert.ok(back.restorePoint, 'the state before is a restore point');
    });

test('a migration that fails half way leaves the data as it was, by itself', async (t) => {
  const before = (await platform.client.call('app', { params: { app: 'ledger' } })).release;
  const writers = new Writers(ledger, { writers: 4, name: 'half' });
  try {
    await writers.more(WRITES);
    const receipt = await ledger.deploy({ files: { 'migrate.js': migration('process.exit(3);') }, manifest: HELD });
    assert.equal(receipt.error?.code, 'RELEASE_COMMAND_FAILED');
    await writers.more(WRITES);
    t.diagnostic(`deploy and way back in ${receipt.ms} ms, ${receipt.requests.held} requests held`);
  } finally {
    await writers[Symbol.asyncDispose]();
  }
  assert.deepEqual(writers.failures, [], `of ${writers.requests} requests`);
  assert.deepEqual(lost(writers.promised, await ledger.tokens(), -1), []);
  const status = await ledger.status();
  assert.equal(status.release, before);
  assert.equal(status.state, 'running');
});

test('a release that ruins the data and then does not even start leaves the data as it was', async () => {
  const writers = new Writers(ledger, { writers: 4, name: 'dead' });
  try {
    await writers.more(WRITES);
    const receipt = await ledger.deploy({
      files: { 'migrate.js': migration(), 'server.js': 'process.exit(1)' },
      manifest: HELD,
    });
    assert.equal(receipt.error?.code, 'INSTANCE_NOT_HEALTHY');
    await writers.more(WRITES);
  } finally {
    await writers[Symbol.asyncDispose]();
  }
  assert.deepEqual(writers.failures, [], `of ${writers.requests} requests`);
  assert.deepEqual(lost(writers.promised, await ledger.tokens(), -1), []);
});
