/** Choosing a state, restoring it, and everything that has to be refused on the way. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, type TemporaryDirectory, temporaryDirectory, waitUntil } from '@berth/testing';
import { readCatalogue } from './catalogue.ts';
import { describeReplica } from './describe.ts';
import { createDirectoryTarget } from './directory-target.ts';
import { createFakeReplica, type FakeReplica } from './fake-replica.ts';
import { renderObjectName } from './object-name.ts';
import { findRestorePlan } from './restore-point.ts';
import { checksumOfFile, restore } from './restore.ts';
import { encodeSegment } from './segment-writer.ts';
import type { Target } from './target.ts';
import { verifyReplica } from './verify.ts';

const PAGE = 1024;
const MINUTE = 60_000;

type World = { target: Target; replica: FakeReplica; images: Map<number, Buffer>; file: string };

/** Transaction n is captured at minute n, holds n rows; a snapshot after 1, logs of 2-3, 4-6, 7-9, then one for each. */
const recordMinutes = async (directory: TemporaryDirectory, { rowBytes = 600, transactions = 9 } = {}): Promise<World> => {
  const target = createDirectoryTarget(directory.join('target'));
  const file = directory.join('app.db');
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA page_size = ${PAGE}; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0`);
  database.exec('CREATE TABLE note(id INTEGER PRIMARY KEY, body BLOB)');
  const replica = await createFakeReplica({ target, database: 'app', pageSize: PAGE, createdAt: MINUTE / 2 });
  const images = new Map<number, Buffer>();
  for (let minute = 1; minute <= transactions; minute += 1) {
    if (minute > 1) database.prepare('INSERT INTO note VALUES (?, randomblob(?))').run(minute, rowBytes);
    // A long history is captured at its end: each look reads the whole log.
    if (transactions > 100 && minute > 1 && minute < transactions) continue;
    replica.capture(`${file}-wal`, minute * MINUTE);
    assert.equal(replica.last.txid, minute);
    if (minute === 1) await replica.shipSnapshot();
    if ([1, 3, 6, 9].includes(minute) || minute > 9) await replica.shipLog();
    if (transactions > 100) continue;
    const copy = directory.join(`copy-${minute}.db`);
    writeFileSync(copy, readFileSync(file));
    writeFileSync(`${copy}-wal`, readFileSync(`${file}-wal`));
    const other = new DatabaseSync(copy);
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    other.close();
    images.set(minute, readFileSync(copy));
  }
  database.close();
  return { target, replica, images, file };
};

const at = (minutes: number) => ({ at: new Date(minutes * MINUTE) });

test('a time means the last transaction at or before it, and its neighbours are told', async () => {
  await using directory = await temporaryDirectory();
  const { target, images } = await recordMinutes(directory);
  const catalogue = await readCatalogue(target, 'app');
  for (const [minutes, chosen, before, after] of [
    [1, 1, undefined, 2],
    [1.99, 1, undefined, 2],
    [2, 2, 1, 3],
    [3.5, 3, 2, 4],
    [6.999, 6, 5, 7],
    [7, 7, 6, 8],
    [9, 9, 8, undefined],
    [1e6, 9, 8, undefined],
  ] as const) {
    const plan = await findRestorePlan(target, catalogue, { to: at(minutes) });
    const point = (txid: number | undefined) => txid && { txid, at: txid * MINUTE };
    assert.deepEqual([plan.chosen, plan.before, plan.after], [chosen, before, after].map(point), `at minute ${minutes}`);
    assert.equal(plan.txid, chosen);
    const into = directory.join(`at-${minutes}.db`);
    const result = await restore({ target, database: 'app', to: at(minutes), into });
    assert.equal(result.at, chosen * MINUTE);
    assert.ok(readFileSync(into).equals(images.get(chosen) ?? Buffer.alloc(0)));
  }
});

for (const [what, to, lineage] of [
  ['a time before the first state', at(0.9), undefined],
  ['a transaction that is not there yet', { txid: 10 }, undefined],
  ['a transaction before the first', { txid: 0 }, undefined],
  ['a lineage that there is not', 'latest', 'ffffffffffffffff'],
] as const)
  test(`${what} is refused, and what there is told`, async () => {
    await using directory = await temporaryDirectory();
    const { target } = await recordMinutes(directory);
    const options = { target, database: 'app', to, into: directory.join('new.db'), ...(lineage && { lineage }) };
    await assert.rejects(restore(options), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'RESTORE_POINT_UNREACHABLE');
      if (lineage === undefined) assert.match(error.message, /transactions 1 to 9/);
      return true;
    });
  });

test('of a replica with a gap the latest state is refused, and what is told to be reachable can be asked for', async () => {
  await using directory = await temporaryDirectory();
  const { target, replica, images } = await recordMinutes(directory, { transactions: 16 });
  const { lineage } = replica;
  const log = (txid: number): string => renderObjectName({ kind: 'log', database: 'app', lineage, minTxid: txid, maxTxid: txid });
  const into = directory.join('new.db');
  // A listing of a replica that is written just now may miss one of several puts.
  let listings = 0;
  const live: Target = {
    ...target,
    async *list(prefix, signal) {
      listings += 1;
      for await (const object of target.list(prefix, signal)) if (listings > 1 || object.name !== log(10)) yield object;
    },
  };
  const { txid } = await restore({ target: live, database: 'app', to: 'latest', into: directory.join('live.db') });
  assert.deepEqual([txid, listings], [16, 2]);
  await target.delete([log(10)]);
  await assert.rejects(restore({ target, database: 'app', to: 'latest', into }), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'REPLICA_BROKEN');
    assert.match(error.message, /transaction 10 is missing, and 6 objects lie behind it.*1970-01-01T00:09:00\.000Z/);
    return true;
  });
  assert.equal(existsSync(into), false);
  await restore({ target, database: 'app', to: at(9), into });
  assert.ok(readFileSync(into).equals(images.get(9) ?? Buffer.alloc(0)));
});

test('after a restore in place both futures can be restored, a time means what was current then', async () => {
  await using directory = await temporaryDirectory();
  const { target, replica, images } = await recordMinutes(directory);
  // At minute 20 the database is put back to transaction 4 and written on.
  const image = images.get(4) ?? Buffer.alloc(0);
  const file = directory.join('second.db');
  writeFileSync(file, image);
  const parent = { lineage: replica.lineage, txid: 4, image };
  const second = await createFakeReplica({ target, database: 'app', pageSize: PAGE, createdAt: 20 * MINUTE, parent });
  using database = new DatabaseSync(file);
  database.exec(`PRAGMA wal_autocheckpoint = 0; INSERT INTO note VALUES (100, 'another future')`);
  second.capture(`${file}-wal`, 21 * MINUTE);
  await second.shipLog();
  const restored = async (to: Parameters<typeof restore>[0]['to'], lineage?: string) => {
    const into = directory.join('which.db');
    const { txid, lineage: from } = await restore({ target, database: 'app', to, into, ...(lineage && { lineage }) });
    const which = new DatabaseSync(into, { readOnly: true });
    const ids = which
      .prepare('SELECT id FROM note')
      .all()
      .map((row) => Number(row['id']));
    which.close();
    for (const suffix of ['', '-wal', '-shm']) await rm(into + suffix, { force: true });
    return { txid, lineage: from, ids };
  };
  assert.deepEqual(await restored('latest'), { txid: 5, lineage: second.lineage, ids: [2, 3, 4, 100] });
  assert.deepEqual(await restored(at(30)), { txid: 5, lineage: second.lineage, ids: [2, 3, 4, 100] });
  assert.deepEqual((await restored(at(20.5))).ids, [2, 3, 4], 'put back, and not yet written');
  assert.deepEqual((await restored(at(19.5))).ids, [2, 3, 4, 5, 6, 7, 8, 9], 'a moment before');
  assert.deepEqual((await restored(at(8))).ids, [2, 3, 4, 5, 6, 7, 8], 'the future that was left');
  assert.deepEqual((await restored('latest', replica.lineage)).ids, [2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual((await restored({ txid: 5 })).ids, [2, 3, 4, 100], 'a number alone means the newest lineage that has it');
  assert.deepEqual((await restored({ txid: 7 })).lineage, replica.lineage);
  const every = { resolution: 'every-change', states: null };
  const described = await describeReplica({ target, database: 'app' });
  assert.deepEqual(
    described.map(({ id, ranges }) => ({ id, ranges })),
    [
      { id: replica.lineage, ranges: [{ from: 1, to: 9, fromAt: MINUTE, toAt: 9 * MINUTE, ...every }] },
      { id: second.lineage, ranges: [{ from: 4, to: 5, fromAt: 20 * MINUTE, toAt: 21 * MINUTE, ...every }] },
    ],
  );
});

for (const existing of ['', '-wal', '-shm', '-journal'])
  test(`nothing is restored where ${existing === '' ? 'the file' : `a ${existing}`} exists`, async () => {
    await using directory = await temporaryDirectory();
    const { target } = await recordMinutes(directory);
    const into = directory.join('new.db');
    writeFileSync(into + existing, 'precious');
    await assert.rejects(restore({ target, database: 'app', to: 'latest', into }), { code: 'RESTORE_TARGET_EXISTS' });
    assert.equal(readFileSync(into + existing, 'utf8'), 'precious');
  });

test('a file that comes into being meanwhile is not replaced', async () => {
  await using directory = await temporaryDirectory();
  const { target } = await recordMinutes(directory);
  const into = directory.join('new.db');
  const onProgress = (): void => writeFileSync(into, 'precious');
  await assert.rejects(restore({ target, database: 'app', to: 'latest', into, onProgress }), { code: 'RESTORE_TARGET_EXISTS' });
  assert.equal(readFileSync(into, 'utf8'), 'precious');
});

const objectsOf = (directory: TemporaryDirectory): string[] =>
  readdirSync(directory.join('target', 'app'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('lineages'))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .toSorted();

test('a bit flipped, an end cut off, an object lost or exchanged in any of the objects is noticed, and nothing is left', async () => {
  await using directory = await temporaryDirectory();
  const { target } = await recordMinutes(directory);
  const objects = objectsOf(directory);
  // The log of transaction 1 lies before the snapshot and is not read.
  const needed = objects.filter((file) => !file.includes('log-0000000000000001'));
  assert.equal(needed.length, 4);
  const into = directory.join('new.db');
  const refused = async (what: string): Promise<void> => {
    await assert.rejects(
      restore({ target, database: 'app', to: { txid: 9 }, into }),
      (error: Error & { code?: string }) => /^(?:SEGMENT_|REPLICA_|RESTORE_POINT_)/.test(error.code ?? ''),
      what,
    );
    assert.deepEqual(
      (await readdir(directory.path)).filter((name) => name.startsWith('new.db')),
      [],
    );
  };
  const random = createRandom(3);
  for (const [index, file] of needed.entries()) {
    const whole = readFileSync(file);
    for (let round = 0; round < 20; round += 1) {
      const broken = Buffer.from(whole);
      const bit = random.integer(0, broken.length * 8 - 1);
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(file, broken);
      await refused(`bit ${bit} of ${file}`);
    }
    writeFileSync(file, whole.subarray(0, random.integer(0, whole.length - 1)));
    await refused(`${file} cut off`);
    writeFileSync(file, readFileSync(needed[(index + 1) % needed.length] ?? ''));
    await refused(`${file} exchanged`);
    await rm(file);
    await refused(`${file} lost`);
    writeFileSync(file, whole);
  }
  assert.equal((await restore({ target, database: 'app', to: { txid: 9 }, into })).txid, 9);
});

test('a segment of another writer in the chain is noticed, even if it is whole', async () => {
  await using directory = await temporaryDirectory();
  const { target, replica } = await recordMinutes(directory);
  const { lineage, last } = replica;
  const range = { minTxid: 10, maxTxid: 10 };
  const header = {
    kind: 'log',
    database: 'app',
    lineage,
    pageSize: PAGE,
    ...range,
    firstAt: 0,
    lastAt: 0,
    previous: 'f00',
  } as const;
  const name = renderObjectName({ kind: 'log', database: 'app', lineage, ...range });
  await target.put(name, encodeSegment(header, [{ commit: { ...last, txid: 10 } }]), {});
  const into = directory.join('new.db');
  await assert.rejects(restore({ target, database: 'app', to: 'latest', into }), {
    code: 'REPLICA_BROKEN',
    message: /continues another/,
  });
});

test('a state that is not what was captured is not published', async () => {
  await using directory = await temporaryDirectory();
  const { target, replica } = await recordMinutes(directory);
  const { lineage, last } = replica;
  const { link = '' } = {
    link: readFileSync(objectsOf(directory).at(-2) ?? '')
      .subarray(-32)
      .toString('hex'),
  };
  const range = { minTxid: 10, maxTxid: 10 };
  const header = {
    kind: 'log',
    database: 'app',
    lineage,
    pageSize: PAGE,
    ...range,
    firstAt: 0,
    lastAt: 0,
    previous: link,
  } as const;
  const name = renderObjectName({ kind: 'log', database: 'app', lineage, ...range });
  const commit = { ...last, txid: 10, checksum: '0123456789abcdef' };
  await target.put(name, encodeSegment(header, [{ commit }]), {});
  const into = directory.join('new.db');
  await assert.rejects(restore({ target, database: 'app', to: 'latest', into }), { code: 'REPLICA_BROKEN', message: /checksum/ });
  assert.equal(existsSync(into), false);
});

test('a copy that SQLite finds damaged is not published, unless nobody asks it', async () => {
  await using directory = await temporaryDirectory();
  const target = createDirectoryTarget(directory.join('target'));
  const garbage = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(PAGE * 3 - 16, 'not a tree')]);
  const parent = { lineage: '0000000000000000', txid: 1, image: garbage };
  const replica = await createFakeReplica({ target, database: 'app', pageSize: PAGE, parent });
  await replica.shipSnapshot();
  const into = directory.join('new.db');
  await assert.rejects(restore({ target, database: 'app', to: 'latest', into }));
  assert.equal(existsSync(into), false);
  await restore({ target, database: 'app', to: 'latest', into, check: false });
  assert.ok(readFileSync(into).equals(garbage));
});

test('an abort ends a restore and leaves nothing', async () => {
  await using directory = await temporaryDirectory();
  const { target } = await recordMinutes(directory);
  const controller = new AbortController();
  const onProgress = ({ objects }: { objects: number }): void => {
    if (objects === 2) controller.abort();
  };
  const options = {
    target,
    database: 'app',
    to: 'latest',
    into: directory.join('new.db'),
    signal: controller.signal,
    onProgress,
  } as const;
  await assert.rejects(restore(options), { name: 'AbortError' });
  assert.deepEqual(
    (await readdir(directory.path)).filter((name) => name.startsWith('new.db')),
    [],
  );
});

test('a replica is verified with what the source had, without leaving a copy', async () => {
  await using directory = await temporaryDirectory();
  await using scratch = await temporaryDirectory();
  const { target, replica, images } = await recordMinutes(directory);
  const options = { target, database: 'app', scratchDirectory: scratch.path };
  const good = await verifyReplica({ ...options, expectedChecksum: replica.last.checksum });
  assert.deepEqual([good.equalsSource, good.txid, good.bytes], [true, 9, images.get(9)?.length]);
  assert.equal((await verifyReplica({ ...options, expectedChecksum: '0000000000000000' })).equalsSource, false);
  assert.deepEqual(await readdir(scratch.path), []);
});

/** An import in the text of a program that another process runs. */
const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);

const RESTORER = `
import { createDirectoryTarget } from ${here('./directory-target.ts')};
import { restore } from ${here('./restore.ts')};
const [directory, into] = process.argv.slice(1);
await restore({ target: createDirectoryTarget(directory), database: 'app', to: 'latest', into });
`;

test('killed at any moment, a restore leaves nothing or the whole database', async () => {
  await using directory = await temporaryDirectory();
  const { target, replica } = await recordMinutes(directory, { rowBytes: 400_000, transactions: 200 });
  const random = createRandom(12);
  const into = directory.join('new.db');
  const partial = (): string[] => readdirSync(directory.path).filter((name) => name.startsWith('new.db.restoring'));
  const outcomes = { nothing: 0, partial: 0, whole: 0 };
  for (let round = 0; round < 15; round += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', RESTORER, directory.join('target'), into], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(child, 'exit');
    const wanted = random.integer(0, 80_000_000);
    const before = new Set(partial());
    const grown = (): boolean =>
      existsSync(into) || partial().some((name) => !before.has(name) && sizeOf(directory.join(name)) >= wanted);
    await waitUntil(() => child.exitCode !== null || grown(), { what: 'the restore got there', withinMs: 30_000, everyMs: 1 });
    child.kill('SIGKILL');
    await ended;
    if (partial().length > 0) outcomes.partial += 1;
    if (existsSync(into)) {
      outcomes.whole += 1;
      assert.equal(checksumOfFile(into, PAGE), replica.last.checksum);
      await rm(into);
    } else outcomes.nothing += 1;
  }
  assert.ok(outcomes.partial > 2 && outcomes.nothing > 2, JSON.stringify(outcomes));
  await restore({ target, database: 'app', to: 'latest', into });
  assert.deepEqual(partial(), [], 'leftovers of the killed ones');
});

const sizeOf = (file: string): number => {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
};
