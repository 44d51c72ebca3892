import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { noFault } from './fault-windows.ts';
import { openSegmentQueue, type SegmentRange } from './queue.ts';

const LINEAGE = '0123456789abcdef';
const range = (minTxid: number, maxTxid: number): SegmentRange => ({ lineage: LINEAGE, minTxid, maxTxid, at: 5, since: 0 });

async function* bytes(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

test('what was stored is there in order when the queue is opened again', async () => {
  await using directory = await temporaryDirectory();
  const queue = openSegmentQueue(directory.path, 0, { fault: noFault });
  await queue.store(range(2, 4), bytes('one ', 'two'));
  await queue.store(range(5, 5), bytes('three'));
  const again = openSegmentQueue(directory.path, 0, { fault: noFault });
  const known = again.entries.map(({ sequence, minTxid, maxTxid, bytes: size }) => [sequence, minTxid, maxTxid, size]);
  assert.deepEqual(known, [
    [1, 2, 4, 7],
    [2, 5, 5, 5],
  ]);
  assert.equal(again.bytes, 12);
});

test('a segment that breaks off leaves nothing', async () => {
  await using directory = await temporaryDirectory();
  const queue = openSegmentQueue(directory.path, 0, { fault: noFault });
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half');
    throw new Error('the disk is gone');
  };
  await assert.rejects(queue.store(range(2, 2), broken()), /the disk is gone/);
  assert.deepEqual([queue.entries.length, readdirSync(directory.path)], [0, []]);
});

test('a segment for which there is no room is given up on its way, and leaves nothing', async () => {
  await using directory = await temporaryDirectory();
  const seen: number[] = [];
  const ensureRoom = (written: number): void => {
    seen.push(written);
    if (written > 6) throw new Error('the rest is for others');
  };
  const queue = openSegmentQueue(directory.path, 0, { fault: noFault, ensureRoom });
  await assert.rejects(queue.store(range(2, 2), bytes('one ', 'two ', 'three')), /for others/);
  assert.deepEqual([seen, queue.entries.length, queue.lastSequence, readdirSync(directory.path)], [[4, 8], 0, 0, []]);
});

test('a segment of which nothing is worth keeping is not kept', async () => {
  await using directory = await temporaryDirectory();
  const queue = openSegmentQueue(directory.path, 0, { fault: noFault });
  assert.equal(await queue.store(range(2, 2), bytes('same'), () => false), undefined);
  assert.deepEqual([queue.lastSequence, readdirSync(directory.path)], [0, []]);
});

test('files that were not finished are removed, and numbers go on behind the last that anybody remembers', async () => {
  await using directory = await temporaryDirectory();
  writeFileSync(directory.join(`0000000000000003.${LINEAGE}.2-4.segment.tmp`), 'half');
  const queue = openSegmentQueue(directory.path, 7, { fault: noFault });
  assert.deepEqual(readdirSync(directory.path), []);
  const stored = await queue.store(range(5, 6), bytes('x'));
  assert.equal(stored?.sequence, 8);
});

test('a segment may leave only when it was published', async () => {
  await using directory = await temporaryDirectory();
  const queue = openSegmentQueue(directory.path, 0, { fault: noFault });
  await queue.store(range(2, 4), bytes('one'));
  assert.equal(queue.publishedAfter(0).length, 0);
  queue.publish();
  await queue.store(range(5, 5), bytes('two'));
  assert.deepEqual(
    queue.publishedAfter(0).map(({ sequence }) => sequence),
    [1],
  );
  assert.equal(queue.publishedAfter(1).length, 0);
});
