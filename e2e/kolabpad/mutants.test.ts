/**
 * The checks of the torture find a server that is broken on purpose: copies of the application with one line replaced. The
 * server as it is passes the same stories.
 */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { Crowd } from './crowd.ts';
import { APP, PadProcess } from './pad-process.ts';
import type { Habit } from './typing.ts';
import { judgeConvergence, judgeStore, judgeTokens, type ServedText } from './verdict.ts';

const SEED = Number(process.env.BERTH_SEED ?? 1);
/** A server that is broken may keep its editors from ever coming to rest. */
const DRAIN_MS = 20_000;

type Story = {
  readonly habit?: Habit;
  /** Gives what was wrong afterwards. */
  readonly run: (pad: PadProcess, crowd: Crowd) => Promise<readonly string[]>;
};

/** Kills and planned restarts while everybody types; once the network goes just before. */
async function restarts(pad: PadProcess, crowd: Crowd): Promise<readonly string[]> {
  for (const { signal, isCut } of [
    { signal: 'SIGKILL', isCut: false },
    { signal: 'SIGTERM', isCut: false },
    { signal: 'SIGKILL', isCut: true },
    { signal: 'SIGKILL', isCut: false },
  ] as const) {
    await crowd.more(80);
    if (isCut) {
      crowd.cut();
      await waitUntil(async () => revisionsOf(await pad.read(crowd.documents)) > crowd.revisions, { what: 'it had taken them' });
    }
    await pad.restart(signal);
    for (const editor of crowd.editors) editor.retryNow();
    await crowd.allLive();
  }
  await crowd.drain(DRAIN_MS);
  const served = await pad.read(crowd.documents);
  await pad.end('SIGTERM');
  const stored = judgeStore(crowd, served, pad.database);
  return [...crowd.troubles, ...judgeConvergence(crowd, served), ...judgeTokens(crowd, served), ...stored];
}

/** The database is put back to an earlier time; some come back only when the others have long gone on from there. */
async function restoredDatabase(pad: PadProcess, crowd: Crowd): Promise<readonly string[]> {
  const backup = `${pad.database}.backup`;
  const late = crowd.documents.map((document) => crowd.of(document)[0]).filter((editor) => editor !== undefined);
  await crowd.more(100);
  await pad.end('SIGTERM');
  copyFileSync(pad.database, backup);
  await pad.start();
  await crowd.more(100);
  for (const editor of late) editor.goOffline();
  await pad.end('SIGKILL');
  for (const suffix of ['-wal', '-shm']) rmSync(`${pad.database}${suffix}`, { force: true });
  copyFileSync(backup, pad.database);
  await pad.start();
  await crowd.more(250);
  for (const editor of late) editor.connect();
  await crowd.drain(DRAIN_MS);
  const served = await pad.read(crowd.documents);
  await pad.end('SIGTERM');
  // What the backup had not is gone, and everybody's text was merged with what it had: that is right here.
  return [...crowd.troubles.filter((trouble) => !trouble.endsWith('merged by difference')), ...judgeConvergence(crowd, served)];
}

const stories = {
  'restarts while everybody types': { run: restarts },
  // A merge by difference may tear what it merges.
  'a database put back to an earlier time': { run: restoredDatabase, habit: 'anything' },
} satisfies Readonly<Record<string, Story>>;

type Mutant = { readonly file: string; readonly line: string; readonly becomes: string };

const mutants: readonly (Mutant & { readonly name: string; readonly story: keyof typeof stories; readonly finds: RegExp })[] = [
  {
    name: 'that tells of edits before they are stored',
    story: 'restarts while everybody types',
    file: 'live/room.ts',
    line: 'this.#deps.commit.add(this);',
    becomes:
      'const stored = this.committedRevision; this.committedRevision = this.document.revision; this.broadcast.flush(); this.committedRevision = stored; this.later ??= setTimeout(() => { this.later = null; this.#deps.commit.add(this); }, 300);',
    finds: /acknowledged and is not journaled|merged by difference/,
  },
  {
    name: 'that forgets which edits it has',
    story: 'restarts while everybody types',
    file: 'domain/document.ts',
    line: 'this.#sessions.set(session, { sequence, revision });',
    becomes: 'this.#sessions.clear();',
    finds: /journaled 2 times|twice:/,
  },
  {
    name: 'that takes every revision for one of its own history',
    story: 'a database put back to an earlier time',
    file: 'live/room.ts',
    line: 'if (epoch === null || revision > this.document.revision) return false;',
    becomes: 'return revision <= this.document.revision;',
    finds: /desynchronised|differs from the server's/,
  },
];

for (const story of Object.keys(stories) as (keyof typeof stories)[])
  test(`the server as it is passes: ${story}`, async (t) => {
    const { wrong, acknowledged } = await tell(stories[story], APP);
    t.diagnostic(`${acknowledged} edits acknowledged`);
    assert.deepEqual(wrong, []);
  });

for (const { name, story, finds, ...mutant } of mutants)
  test(`a server ${name} does not pass`, async () => {
    await using copy = await mutated(mutant);
    const { wrong } = await tell(stories[story], join(copy.path, 'apps/kolabpad'));
    assert.match(wrong.join('\n'), finds);
  });

const revisionsOf = (served: ReadonlyMap<string, ServedText>): number =>
  [...served.values()].reduce((sum, { revision }) => sum + revision, 0);

async function tell({ run, habit }: Story, directory: string): Promise<{ wrong: readonly string[]; acknowledged: number }> {
  await using pad = await PadProcess.open(directory);
  using crowd = new Crowd({
    editors: 12,
    documents: 3,
    pauseMs: 80,
    seed: SEED,
    ...(habit && { habit }),
    address: (document) => pad.address(document),
  });
  await crowd.connect();
  crowd.startTyping();
  // A story that cannot come to its end has found something as well.
  const wrong = await run(pad, crowd).catch((error: Error) => [error.message]);
  return { wrong, acknowledged: crowd.acknowledged };
}

async function mutated({ file, line, becomes }: Mutant) {
  const copy = await temporaryDirectory('kolabpad-mutant-');
  const app = join(copy.path, 'apps/kolabpad');
  cpSync(APP, app, { recursive: true, filter: (from) => !/\/(?:dist|node_modules|page)$/.test(from) });
  symlinkSync(join(APP, '../../node_modules'), join(copy.path, 'node_modules'));
  const source = readFileSync(join(app, file), 'utf8');
  assert.equal(source.split(line).length, 2, `${file} has this line once: ${line}`);
  writeFileSync(
    join(app, file),
    source.replace(line, () => becomes),
  );
  return copy;
}
