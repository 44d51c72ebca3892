/** The whole way by the command alone: follow, list, restore, verify, compact. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { runCommand, USAGE } from './command.ts';

const host = (now = Date.now()) => {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  return { write, now: () => now, signal: new AbortController().signal, text: () => text };
};

const run = async (argv: readonly string[], expected = 0): Promise<string> => {
  const here = host();
  const code = await runCommand(argv, here);
  assert.equal(code, expected, here.text());
  return here.text();
};

test('what is written while it runs is listed, restored, verified and compacted', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('app.db');
  using database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE note(id INTEGER PRIMARY KEY); INSERT INTO note VALUES (1)');
  writeFileSync(directory.join('key'), `${'4b'.repeat(32)}\n`, { mode: 0o600 });
  const replica = ['--target', directory.join('target'), '--key', directory.join('key')];
  const args = ['run', ...replica, '--database', `app=${file}`, '--state', directory.join('state')];
  const follower: ChildProcess = spawn(process.execPath, [`${import.meta.dirname}/command.ts`, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(follower, 'exit');
  try {
    // Later than the first state, so that a time before it can be asked for.
    await waitUntil(async () => (await runCommand(['list', ...replica, '--database', 'app'], host())) === 0, {
      what: 'there is a replica',
      withinMs: 20_000,
    });
    for (let id = 2; id <= 20; id += 1) database.exec(`INSERT INTO note VALUES (${id})`);
    const rowsOf = async (into: string): Promise<number> => {
      await run(['restore', ...replica, '--database', 'app', '--into', into]);
      const restored = new DatabaseSync(into, { readOnly: true });
      const row = restored.prepare('SELECT count(*) AS n FROM note').get();
      restored.close();
      return Number(row?.['n']);
    };
    let copies = 0;
    await waitUntil(async () => (await rowsOf(directory.join(`copy-${(copies += 1)}.db`))) === 20, {
      what: 'all rows are safe',
      withinMs: 20_000,
    });
  } finally {
    follower.kill('SIGTERM');
    await ended;
  }
  assert.equal(follower.exitCode, 0);
  const [described] = JSON.parse(await run(['list', ...replica, '--json'])) as [
    { database: string; lineages: { id: string; ranges: { to: number }[] }[] },
  ];
  assert.equal(described.database, 'app');
  const last = described.lineages[0]?.ranges.at(-1)?.to ?? 0;
  assert.match(await run(['list', ...replica]), /^app\n {2}lineage [0-9a-f]{16}\n.*transactions \d+ to \d+\n/);
  const verified = await run(['verify', ...replica, '--database', 'app', '--txid', `${last}`, '--scratch', directory.path]);
  assert.match(verified, new RegExp(`^transaction ${last} of .* sound`));
  const into = directory.join('at.db');
  const restored = await run(['restore', ...replica, '--database', 'app', '--into', into, '--at', '1ms']);
  assert.match(restored, /is transaction \d+ of 20.*\n {2}before it: transaction/);
  assert.match(await run(['restore', ...replica, '--database', 'app', '--into', into], 1), /^RESTORE_TARGET_EXISTS: /);
  const compacted = ['compact', ...replica, '--database', 'app', '--keep', '1d,7d,30d', '--scratch', directory.path];
  assert.match(await run(compacted), /merged segments made\n0 objects deleted/);
  assert.match(await run(['list', '--target', directory.join('target'), '--database', 'app'], 1), /^SEGMENT_SEALED: /);
});

for (const [argv, words] of [
  [['restore'], /--into is missing/],
  [['restore', '--into', 'x', '--target', 'y'], /one --database/],
  [['restore', '--into', 'x', '--target', 'y', '--database', 'A/B'], /cannot be the id/],
  [['restore', '--into', 'x', '--target', 'y', '--database', 'a', '--at', 'noon'], /no time/],
  [['restore', '--into', 'x', '--target', 'y', '--database', 'a', '--at', '1h', '--txid', '1'], /exclude/],
  [['restore', '--intp', 'x'], /--intp/],
  [['compact', '--target', 'y', '--database', 'a', '--keep', '1d'], /three durations/],
  [['run', '--target', 'y', '--state', 'z', '--database', 'a'], /ID=FILE/],
  [['serve'], /Continuous replication/],
] as const)
  test(`"${argv.join(' ')}" is not understood, and says why`, async () => {
    assert.match(await run(argv, 2), words);
  });

test('help tells of every command and option', async () => {
  assert.equal(await run(['help']), USAGE);
  assert.equal(await run([]), USAGE);
});
