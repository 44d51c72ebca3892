import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, type TemporaryDirectory, temporaryDirectory, waitUntil } from '@berth/testing';
import { applyOperation, parseOperation } from '../domain/operation.ts';
import { NOON } from './conformance.ts';
import { openStore } from './open-store.ts';
import { WriterProcess } from './testing/writer-process.ts';
import { verifyStore } from './verify.ts';

const ROUNDS = 20;
const KEY = 'k'.repeat(32);

const started = async (file: string, seed: number): Promise<WriterProcess> => {
  const writer = new WriterProcess(file, seed);
  await waitUntil(() => writer.hasEnded || writer.committed.length > 0, {
    what: 'the writer has committed something',
    everyMs: 2,
  });
  assert.ok(!writer.hasEnded, writer.errors);
  return writer;
};

test(`what was committed is there after ${ROUNDS} times kill -9, and snapshots and journals agree`, {
  timeout: 120_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads.db');
  const random = createRandom(20_300_101);
  const texts = new Map<string, { text: string; revision: number }>();
  for (let round = 0; round < ROUNDS; round++) {
    await using writer = await started(file, round);
    const operations = random.integer(1, 60);
    await waitUntil(() => writer.committed.length >= operations, { what: `${operations} operations`, everyMs: 2 });
    // Not a wait for anything: the moment of the kill has to be any.
    await sleep(random.integer(0, 20));
    await writer.kill();
    // A deletion may have had to wait for the checkpoint thread, which is at it all the time here.
    const complaints = writer.events.filter((line) => !/"store_(migrated|delete_pending|delete_done)"/.test(line));
    assert.deepEqual(complaints, []);

    const store = await openStore({
      uri: file,
      key: KEY,
      now: () => NOON,
      log: (event, fields) => assert.fail(`${event} ${JSON.stringify(fields)}`),
    });
    for (const { id, revision, operation } of writer.committed) {
      const known = texts.get(id) ?? { text: '', revision: 0 };
      assert.equal(revision, known.revision + 1, `${id} went on where its store had left it`);
      texts.set(id, { text: applyOperation(known.text, parseOperation(JSON.parse(operation))), revision });
    }
    for (const [id, known] of texts) {
      const document = store.find(id);
      assert.ok(document && document.revision >= known.revision, `${id} is there up to revision ${known.revision}`);
      // The last commit may have been made and not printed.
      let { text } = known;
      for (const entry of document.entries.filter(({ revision }) => revision > known.revision))
        text = applyOperation(text, parseOperation(JSON.parse(entry.operation)));
      if (document.base <= known.revision) assert.equal(document.text, text);
      texts.set(id, { text: document.text, revision: document.revision });
    }
    await store.close();
    assert.deepEqual(verifyStore(file).problems, []);
  }
});

test('a database that a process owns is refused to others, and theirs as soon as it was killed', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads.db');
  await using writer = await started(file, 1);
  const open = (waitForOwnerMs: number) => openStore({ uri: file, key: KEY, now: () => NOON, waitForOwnerMs });
  await assert.rejects(open(100), { code: 'STORE_OWNED', message: new RegExp(`belongs to process ${writer.pid}$`) });
  const before = writer.committed.length;
  await waitUntil(() => writer.committed.length > before, { what: 'the owner goes on as if nobody had asked' });

  const successor = open(20_000);
  await writer.kill();
  const store = await successor;
  const { id, revision } = writer.committed.at(-1) ?? assert.fail('nothing was committed');
  assert.ok((store.find(id)?.revision ?? 0) >= revision);
  await store.close();
});

test('a database is verified while a process writes to it', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads.db');
  await using writer = await started(file, 2);
  for (let times = 0; times < 10; times++) {
    const { operations, problems } = verifyStore(file);
    assert.deepEqual(problems, []);
    const before = writer.committed.length;
    await waitUntil(() => writer.committed.length > before, { what: `it goes on after ${operations} operations`, everyMs: 2 });
  }
  await writer.kill();
  assert.equal(writer.errors, '');
});

/** Runs a module in a process of its own, to its end, and returns what it said. */
const run = (directory: TemporaryDirectory, lines: string): string => {
  const script = directory.join('script.ts');
  writeFileSync(
    script,
    `import { openStore } from ${JSON.stringify(new URL('./open-store.ts', import.meta.url).href)};\n${lines}`,
  );
  return execFileSync(process.execPath, [script], { timeout: 20_000, stdio: 'pipe', encoding: 'utf8' });
};

test('a store that nobody closes does not keep its process, and loses nothing', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads.db');
  const said = run(
    directory,
    `import { setTimeout as sleep } from 'node:timers/promises';
     const log = (event) => process.stdout.write(event + ' ');
     const store = await openStore({ uri: ${JSON.stringify(file)}, key: null, now: () => new Date(), log, checkpoint: { everyMs: 5 } });
     await sleep(100);
     const entry = { revision: 1, author: 1, operation: '["text"]', session: null, sequence: null };
     store.commit({ operations: [{ id: 'pad', entry }], epochs: [] });`,
  );
  assert.equal(said, 'store_migrated ', 'its thread for checkpoints was running');
  const store = await openStore({ uri: file, key: null, now: () => NOON, waitForOwnerMs: 0 });
  assert.equal(store.find('pad')?.text, 'text');
  await store.close();
});

test('bytes that a process deleted but did not get out of its log before it was killed go when the store is opened', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads', 'pads.db');
  // A reader keeps the log, so that the process ends with it full; the process ends without closing anything.
  const script = `
    import { DatabaseSync } from 'node:sqlite';
    const store = await openStore({ uri: ${JSON.stringify(file)}, key: null, now: () => new Date() });
    store.writeSnapshot({ id: 'pad', text: 'UnmistakableMarker', revision: 1, language: null });
    const reader = new DatabaseSync(${JSON.stringify(file)}, { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM document').get();
    store.delete(['pad']);
    process.kill(process.pid, 'SIGKILL');`;
  assert.throws(() => run(directory, script), { signal: 'SIGKILL' });
  assert.ok(readFileSync(`${file}-wal`).includes('UnmistakableMarker'));
  const store = await openStore({ uri: file, key: null, now: () => NOON, waitForOwnerMs: 0 });
  assert.equal(statSync(`${file}-wal`).size, 0);
  await store.close();
  for (const name of readdirSync(directory.join('pads')))
    assert.ok(!readFileSync(directory.join('pads', name)).includes('UnmistakableMarker'), name);
});
