import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { startCheckpointer } from './checkpointer.ts';
import { at, NOON } from './conformance.ts';
import { openStore } from './open-store.ts';

test('the log is moved into the database beside the commits, and cut when it is long', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads.db');
  const store = await openStore({
    uri: file,
    key: null,
    now: () => NOON,
    checkpoint: { everyMs: 10, passiveAboveBytes: 100_000, truncateAboveBytes: 400_000 },
  });
  const text = 'x'.repeat(5_000);
  let revision = 0;
  await waitUntil(
    () => {
      for (let i = 0; i < 10; i++) {
        revision += 1;
        store.commit({ operations: [at('pad', revision, [(revision - 1) * 5_000, text])], epochs: [] });
      }
      return statSync(file).size > 3_000_000;
    },
    { what: 'three megabytes are in the database', everyMs: 5 },
  );
  await waitUntil(() => statSync(`${file}-wal`).size <= 400_000, { what: 'the log was cut' });
  await store.close();
});

test('a thread that ends is started again, and commits do its work meanwhile', async () => {
  await using directory = await temporaryDirectory();
  const events: string[] = [];
  const autocheckpoint: boolean[] = [];
  const checkpointer = startCheckpointer({
    settings: { file: directory.join('later', 'pads.db'), everyMs: 1_000, passiveAboveBytes: 0, truncateAboveBytes: 0 },
    setAutocheckpoint: (on) => autocheckpoint.push(on),
    onEmptied: () => events.push('emptied'),
    log: (event) => events.push(event),
  });
  await waitUntil(() => events.includes('store_checkpoint_thread_ended'), { what: 'the thread found no database' });
  assert.deepEqual(autocheckpoint, [true]);
  assert.equal(checkpointer.threadId, null);
  checkpointer.emptySoon();
  mkdirSync(directory.join('later'));
  await waitUntil(() => events.includes('emptied'), { what: 'it was started again, and did what it was asked for' });
  assert.deepEqual(autocheckpoint, [true, false]);
  await checkpointer.close();
  assert.equal(checkpointer.threadId, null);
});
