/**
 * Rehearsed restores: by hand and by themselves. One that cannot come back is told of everywhere that people look; only a
 * backup that did come back, and that the app's own check accepts, counts as good.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { Drill } from '@berth/protocol';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { berth } from './harness/command.ts';
import { Ledger } from './harness/ledger.ts';
import { type Home, StoryPlatform } from './harness/platform.ts';

const CHECK = `
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(process.env.STORE_DB, { readOnly: true });
const { count } = database.prepare("SELECT count(*) AS count FROM entry WHERE token = 'needed'").get();
if (count === 1) process.exit(0);
console.log('there is no needed entry in ' + process.env.STORE_DB);
process.exit(3);`;
const params = { app: 'ledger' };

let platform: StoryPlatform;
let ledger: Ledger;
let far: Home;
before(async () => {
  far = await temporaryDirectory();
  platform = await StoryPlatform.open({ tls: 'off' });
  ledger = new Ledger(platform);
  const receipt = await ledger.deploy({ files: { 'check.js': CHECK }, manifest: 'backup: { check: node check.js }\n' });
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  await ledger.add('needed');
  await ledger.berth(['target', 'add', `dir:${far.path}/vault`, '--name', 'far']);
  await ledger.backup('everything');
  await ledger.untilSafe('far');
});
after(async () => {
  await platform[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

const drill = (code: 0 | 1): Promise<Drill> => ledger.berth<Drill>(['drill', 'ledger'], { code });

/** Where people look: `berth ps`, the figures, and the events of the rehearsal. */
async function seen({ operation }: Drill): Promise<{ ps: string; passed: string | undefined; events: string[] }> {
  const { stdout: ps } = await berth(platform.home, ['ps']);
  const figures = String(await platform.client.call('metrics', {}));
  const passed = /^berth_drill_last_passed\{.*app="ledger".*\} (\d)$/m.exec(figures)?.[1];
  const events: string[] = [];
  for await (const { name } of platform.client.stream('events', { query: { operation } })) events.push(name);
  return { ps, passed, events: events.filter((name) => name.startsWith('drill.')) };
}

test('a backup that comes back is shown as such, with the time it takes and what would be lost', async (t) => {
  const result = await drill(0);
  t.diagnostic(`back after ${result.recoveryMs} ms, without the last ${result.lossMs} ms: ${result.stores[0]?.evidence}`);
  const { outcome, target, check, stores, lossMs } = result;
  assert.deepEqual([outcome, target, check?.ok], ['passed', 'far', true], JSON.stringify(result));
  assert.ok(Date.now() - Date.parse(stores[0]?.restoredAt ?? '') < 60_000, 'what came back is of now');
  assert.ok(lossMs !== null && lossMs < 60_000);
  const { ps, passed, events } = await seen(result);
  assert.match(ps, /ledger +db +sqlite .*passed/);
  assert.equal(passed, '1');
  assert.deepEqual(events, ['drill.passed']);
  assert.equal(existsSync(join(platform.home, `apps/ledger/restoring/op${result.operation}`)), false, 'nothing of it is left');
});

test('data that the check of the manifest refuses is no good backup', async () => {
  await ledger.ask('/clear');
  await ledger.backup('emptied');
  const result = await drill(1);
  assert.equal(result.outcome, 'failed');
  assert.match(result.check?.output ?? '', /there is no needed entry in .*restoring/);
  const { events } = await seen(result);
  assert.deepEqual(events, ['drill.failed']);
  await ledger.add('needed');
  await ledger.backup('mended');
  assert.equal((await drill(0)).outcome, 'passed');
});

test('a damaged object at the target makes it fail, and everybody is told; mended, it passes again', async () => {
  const damaged = damage(join(far.path, 'vault'), storeId());
  const result = await drill(1);
  assert.deepEqual([result.outcome, result.check], ['failed', null], JSON.stringify(result));
  const { ps, passed, events } = await seen(result);
  assert.match(ps, /ledger +db +sqlite .*failed/);
  assert.equal(passed, '0');
  assert.deepEqual(events, ['drill.failed']);
  // The nearer target still has it: on a bad day this is what counts.
  const near = await ledger.berth<Drill>(['drill', 'ledger', '--target', 'local']);
  assert.equal(near.outcome, 'passed');
  for (const [file, content] of damaged) writeFileSync(file, content);
  assert.equal((await drill(0)).outcome, 'passed');
});

test('a target that is not there is no good backup', async () => {
  renameSync(join(far.path, 'vault'), join(far.path, 'elsewhere'));
  try {
    const result = await drill(1);
    assert.notEqual(result.outcome, 'passed');
    assert.deepEqual((await seen(result)).events, [`drill.${result.outcome}`]);
  } finally {
    renameSync(join(far.path, 'elsewhere'), join(far.path, 'vault'));
  }
});

test('it is rehearsed by itself when its time has come', async () => {
  await platform.stop();
  // As if the app had been there for long, and nobody had ever rehearsed it.
  const journal = new DatabaseSync(join(platform.home, 'journal.db'));
  journal.exec(`UPDATE store SET created_at = '2026-01-01T00:00:00.000Z'; DELETE FROM drill`);
  journal.close();
  await platform.start();
  const drills = () => platform.client.call('drills', { params }).then(({ drills: all }) => all[0]);
  const result = await waitUntil(drills, { what: 'a rehearsal that nobody asked for', withinMs: 90_000, everyMs: 500 });
  assert.equal(result.outcome, 'passed', JSON.stringify(result));
  const { operations } = await platform.client.call('operations', { query: {} });
  assert.equal(operations.find(({ id }) => id === result.operation)?.by, 'berth');
  assert.equal(operations.filter(({ kind, createdAt }) => kind === 'drill' && createdAt >= result.at).length <= 1, true);
});

function storeId(): string {
  using journal = new DatabaseSync(join(platform.home, 'journal.db'), { readOnly: true });
  return String(journal.prepare("SELECT id FROM store WHERE app = 'ledger'").get()?.['id']);
}

/** One byte of every object of the store is another; answers with what the objects were. */
function damage(vault: string, id: string): [file: string, content: Buffer][] {
  const files = readdirSync(join(vault, id), { recursive: true, encoding: 'utf8' })
    .map((name) => join(vault, id, name))
    .filter((file) => statSync(file).isFile());
  assert.notEqual(files.length, 0, 'there is something to damage');
  return files.map((file) => {
    const content = readFileSync(file);
    const changed = Buffer.from(content);
    const middle = changed.length >> 1;
    changed[middle] = (changed[middle] ?? 0) ^ 1;
    writeFileSync(file, changed);
    return [file, content];
  });
}
