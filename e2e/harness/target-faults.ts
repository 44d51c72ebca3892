/** What is measured and compared while a backup target misbehaves. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { execOk } from '@berth/host';
import type { Event } from '@berth/protocol';
import { checksumOfFile } from '@berth/replicate';
import { S3_TEST_CREDENTIALS, type S3Server, waitUntil } from '@berth/testing';
import { type Ledger, Writers } from './ledger.ts';
import type { Home, StoryPlatform } from './platform.ts';
import { replicatorsOf } from './processes.ts';

export const BUCKET = 'backups';

export async function addS3(ledger: Ledger, server: S3Server): Promise<void> {
  const env = {
    AWS_ACCESS_KEY_ID: S3_TEST_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_TEST_CREDENTIALS.secretAccessKey,
  };
  await ledger.berth(['target', 'add', `s3://${BUCKET}/ledger?endpoint=${server.endpoint}`, '--name', 'far'], { env });
  await ledger.untilSafe('far');
}

/** What happened behind the event with that number. */
export async function eventsSince(platform: StoryPlatform, since: number): Promise<Event[]> {
  const found: Event[] = [];
  for await (const event of platform.client.stream('events', { query: { since } })) found.push(event);
  return found;
}

/** The number of the newest. */
export const newestEvent = async (platform: StoryPlatform): Promise<number> => (await eventsSince(platform, 0)).at(-1)?.seq ?? 0;

/** Resolves with the first such event behind `since` that is about the target `far`. */
export const eventOfFar = (platform: StoryPlatform, name: string, { since, withinMs }: { since: number; withinMs: number }) =>
  waitUntil(
    async () => (await eventsSince(platform, since)).find((event) => event.name === name && event.fields['target'] === 'far'),
    { what: `there was an event ${name}`, withinMs, everyMs: 500 },
  ).catch(async (cause: unknown) => {
    const said = (await eventsSince(platform, since)).map((event) => `${event.name} ${JSON.stringify(event.fields)}`);
    throw new Error(`no ${name}, but\n${said.slice(-20).join('\n')}`, { cause });
  });

/**
 * The load goes on while `act` is done; afterwards it is said how the app fared, and nobody may have noticed anything: no request
 * failed, no commit was slow, nothing is missing in the app itself, and no process has grown.
 */
export async function underLoad(t: TestContext, ledger: Ledger, act: (writers: Writers) => Promise<void>): Promise<void> {
  const writers = new Writers(ledger, { writers: 2, pauseMs: 10, name: `t${Date.now()}.` });
  const memory = await memoryMb(ledger.platform);
  try {
    await act(writers);
  } finally {
    await writers[Symbol.asyncDispose]();
  }
  const now = await memoryMb(ledger.platform);
  const { slowestMs } = writers;
  t.diagnostic(
    `${writers.requests} requests, ${writers.failures.length} failed; ${writers.commitTimes()}; memory of the daemon ` +
      `${memory.daemon.toFixed(0)} -> ${now.daemon.toFixed(0)} MB, of the replicator ${memory.replicator.toFixed(0)} -> ${now.replicator.toFixed(0)} MB`,
  );
  assert.deepEqual(writers.failures, [], `of ${writers.requests} requests`);
  assert.ok(slowestMs < SLOWEST_COMMIT_MS, `a commit took ${slowestMs} ms`);
  const grown = { daemon: now.daemon - memory.daemon, replicator: now.replicator - memory.replicator };
  assert.ok(grown.daemon < GROWTH_MB && grown.replicator < GROWTH_MB, JSON.stringify(grown));
  const present = await ledger.tokens();
  assert.deepEqual(
    writers.promised.filter(({ token }) => !present.has(token)),
    [],
    'nothing is lost in the app itself',
  );
}

/** The app waits for locks for 5 s; what a busy disk takes is not our doing. */
const SLOWEST_COMMIT_MS = 1_500;
/** Of one process, over the whole of a fault. */
const GROWTH_MB = 200;

/** Resident, of the daemon and of the process that copies databases. */
async function memoryMb(platform: StoryPlatform): Promise<{ daemon: number; replicator: number }> {
  const { daemon } = await platform.client.call('status', {});
  return { daemon: residentMb(daemon.pid), replicator: residentMb(replicatorsOf(platform.home)[0] ?? 0) };
}

const residentMb = (pid: number): number => {
  if (!existsSync(`/proc/${pid}/status`)) return 0;
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
};

/** What a target gives back, brought to where nothing is, has every page that the source has. Nobody may write meanwhile. */
export async function assertRestoreEqualsSource(ledger: Ledger, target: string): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'berth-compare-'));
  try {
    await ledger.backup('to compare');
    const at = ['--to', await ledger.backup('compared')];
    await ledger.berth(['restore', 'ledger', ...at, '--into', join(place, 'restored'), '--target', target]);
    const source = join(place, 'source.db');
    for (const side of ['', '-wal']) if (existsSync(ledger.database + side)) cpSync(ledger.database + side, source + side);
    const copy = new DatabaseSync(source);
    copy.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const pageSize = Number(copy.prepare('PRAGMA page_size').get()?.['page_size']);
    copy.close();
    const restored = checksumOfFile(join(place, 'restored/db/ledger.db'), pageSize);
    assert.equal(restored, checksumOfFile(source, pageSize), `what ${target} gives back equals the source, page by page`);
  } finally {
    rmSync(place, { recursive: true });
  }
}

export function storeId(platform: StoryPlatform): string {
  using journal = new DatabaseSync(join(platform.home, 'journal.db'), { readOnly: true });
  return String(journal.prepare("SELECT id FROM store WHERE app = 'ledger' AND name = 'db'").get()?.['id']);
}

/** Histories that a directory target has of the ledger: a new one would be a complete copy, and a gap. */
export const lineagesAt = (vault: string, platform: StoryPlatform): string[] => readdirSync(join(vault, storeId(platform)));

/** A disk of its own at a directory that exists. */
export async function mountAt(
  path: string,
  megabytes: number,
): Promise<AsyncDisposable & { resize(to: number): Promise<unknown> }> {
  await execOk(['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'tmpfs', path]);
  return {
    resize: (to) => execOk(['mount', '-o', `remount,size=${to}m`, path]),
    async [Symbol.asyncDispose]() {
      await execOk(['umount', '--lazy', path]);
    },
  };
}

/** A home whose replicator has a small disk of its own. */
export async function homeWithSmallState(
  megabytes: number,
  prepare: (path: string) => void,
): Promise<Home & { resize(to: number): Promise<unknown> }> {
  const path = mkdtempSync(join(tmpdir(), 'berth-test-'));
  const state = join(path, 'replicator');
  prepare(state);
  const disk = await mountAt(state, megabytes);
  return {
    path,
    resize: disk.resize,
    async [Symbol.asyncDispose]() {
      await disk[Symbol.asyncDispose]();
      rmSync(path, { recursive: true });
    },
  };
}
