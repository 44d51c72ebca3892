import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createRandom, type Random } from '@berth/testing';
import type { SegmentEntry, SegmentHeader, SegmentKind } from './segment-format.ts';
import { openSegment, readSegmentHeader, readSegmentTable } from './segment-reader.ts';
import { encodeSegment } from './segment-writer.ts';

const headerOf = (over: Partial<SegmentHeader> = {}): SegmentHeader => ({
  kind: 'log',
  database: 'app',
  lineage: '0123456789abcdef',
  pageSize: 512,
  minTxid: 5,
  maxTxid: 6,
  firstAt: 1_000,
  lastAt: 2_000,
  previous: 'before',
  ...over,
});

const commitOf = (txid: number): SegmentEntry => ({
  commit: { txid, databasePages: txid * 3, at: 1_000 + txid, checksum: `00ff${txid.toString(16).padStart(12, '0')}` },
});

const frame = (page: number, fill: string, bytes = 512): SegmentEntry => ({ page, content: Buffer.alloc(bytes, fill) });

const bytesOf = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

/** The bytes in pieces of the given size, as a target may deliver them. */
async function* inPieces(bytes: Buffer, size = bytes.length): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const entriesIn = async (bytes: Buffer, pieces?: number): Promise<SegmentEntry[]> => {
  await using segment = await openSegment(inPieces(bytes, pieces), 'a segment');
  const entries: SegmentEntry[] = [];
  for await (const block of segment.blocks()) entries.push(...block);
  return entries;
};

const plain = (entries: readonly SegmentEntry[]): unknown[] =>
  entries.map((entry) =>
    'commit' in entry ? entry.commit : { page: entry.page, content: Buffer.from(entry.content).toString('base64') },
  );

const randomEntries = (random: Random, { kind, pageSize }: { kind: SegmentKind; pageSize: number }) => {
  const entries: SegmentEntry[] = [];
  const content = (): Buffer =>
    random.boolean(0.5)
      ? Buffer.alloc(pageSize, random.text(7))
      : Buffer.from(Array.from({ length: pageSize }, () => random.integer(0, 255)));
  const transactions = kind === 'log' ? random.integer(1, 40) : 1;
  let page = 0;
  for (let txid = 1; txid <= transactions; txid += 1) {
    for (let left = random.integer(0, Math.ceil(600_000 / pageSize / transactions)); left > 0; left -= 1) {
      page = kind === 'log' ? random.integer(1, 1_000) : page + random.integer(1, 5);
      entries.push({ page, content: content() });
    }
    entries.push(commitOf(txid));
  }
  return { entries, header: headerOf({ kind, pageSize, minTxid: 1, maxTxid: transactions }) };
};

for (const kind of ['log', 'reconcile', 'snapshot', 'merged'] as const)
  test(`what goes into a ${kind} comes out of it, in any pieces`, async () => {
    const random = createRandom(kind.length);
    for (const pageSize of [512, 4096, 65_536]) {
      const { entries, header } = randomEntries(random, { kind, pageSize });
      const stream = encodeSegment(header, entries);
      const bytes = await bytesOf(stream);
      for (const pieces of [1_000, 70_001, bytes.length]) {
        await using segment = await openSegment(inPieces(bytes, pieces), 'a segment');
        assert.deepEqual(segment.header, header);
        const found: SegmentEntry[] = [];
        for await (const block of segment.blocks()) found.push(...block);
        assert.deepEqual(plain(found), plain(entries));
        assert.deepEqual(segment.summary, stream.summary);
        assert.equal(segment.summary.bytes, bytes.length);
      }
    }
  });

test('the pages of a block stay as they are until it is disposed of, and are gone then', async () => {
  const entries = Array.from({ length: 1_000 }, (_, page) => frame(page + 1, `page ${page} `));
  const bytes = await bytesOf(encodeSegment(headerOf({ maxTxid: 5 }), [...entries, commitOf(5)]));
  await using segment = await openSegment(inPieces(bytes), 'a segment');
  const [first, ...others] = await Array.fromAsync(segment.blocks());
  assert.ok(first !== undefined && others.length > 0);
  assert.deepEqual(plain(first), plain(entries.slice(0, first.length)));
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.ok(first.every((entry) => !('commit' in entry) && entry.content.length === 0));
  assert.deepEqual(plain(others.flat()), plain([...entries.slice(first.length), commitOf(5)]));
});

test('memory that a small block shares with others is not taken from them', async () => {
  const bytes = await bytesOf(encodeSegment(headerOf({ maxTxid: 5 }), [frame(1, 'a'), commitOf(5)]));
  await using segment = await openSegment(inPieces(bytes), 'a segment');
  for await (const block of segment.blocks()) {
    const [entry] = block;
    assert.ok(entry !== undefined && 'page' in entry);
    block[Symbol.dispose]();
    assert.equal(entry.content.buffer.byteLength, Buffer.poolSize);
  }
});

test('a source may use its buffer again for the next page, and so does the writer while it compresses', async () => {
  // Hexadecimal digits: compressible, but not in no time.
  const digits = Buffer.from(randomBytes(100_000).toString('hex'));
  const contentOf = (page: number): Buffer => digits.subarray(page * 7, page * 7 + 4096);
  const content = Buffer.alloc(4096);
  const entries = function* (): Generator<SegmentEntry> {
    for (let page = 1; page <= 4_000; page += 1) {
      contentOf(page).copy(content);
      yield { page, content };
    }
    yield commitOf(6);
  };
  const bytes = await bytesOf(encodeSegment(headerOf({ minTxid: 6, pageSize: 4096 }), entries()));
  assert.ok(bytes.length < 4_000 * 4096 * 0.8, 'it was compressed');
  const found = await entriesIn(bytes);
  assert.equal(found.length, 4_001);
  for (const entry of found.slice(0, -1)) assert.ok('page' in entry && contentOf(entry.page).equals(Buffer.from(entry.content)));
});

test('a log is linked by its own SHA-256, what stands for others by theirs', async () => {
  const log = encodeSegment(headerOf(), [commitOf(5), commitOf(6)]);
  await bytesOf(log);
  assert.equal(log.summary.link, log.summary.sha256);
  const merged = encodeSegment(headerOf({ kind: 'merged', link: 'last of them' }), [commitOf(6)]);
  await bytesOf(merged);
  assert.equal(merged.summary.link, 'last of them');
});

test('any byte changed, any end cut off and anything added is noticed', async () => {
  const entries = [frame(1, 'a'), frame(2, 'some text '), commitOf(5), frame(2, 'b'), commitOf(6)];
  const bytes = await bytesOf(encodeSegment(headerOf(), entries));
  for (let at = 0; at < bytes.length; at += 1) {
    const broken = Buffer.from(bytes);
    broken[at] = (broken[at] ?? 0) ^ 0x04;
    await assert.rejects(entriesIn(broken), { name: 'BerthError' }, `byte ${at} of ${bytes.length}`);
    await assert.rejects(entriesIn(bytes.subarray(0, at)), { code: 'SEGMENT_DAMAGED' }, `cut at ${at}`);
  }
  await assert.rejects(entriesIn(Buffer.concat([bytes, Buffer.alloc(1)])), { code: 'SEGMENT_DAMAGED' });
  assert.equal((await entriesIn(bytes)).length, entries.length);
});

test('a segment that lacks a transaction which its header promises is damaged, even if its SHA-256 is right', async () => {
  const bytes = await bytesOf(encodeSegment(headerOf(), [commitOf(5), commitOf(6)]));
  const at = bytes.indexOf('"maxTxid":6');
  bytes.write('"maxTxid":7', at);
  createHash('sha256')
    .update(bytes.subarray(0, -32))
    .digest()
    .copy(bytes, bytes.length - 32);
  await assert.rejects(entriesIn(bytes), { code: 'SEGMENT_DAMAGED', message: /transaction 7 is missing/ });
});

test('a segment that is sealed, of another time or none at all is told apart', async () => {
  await assert.rejects(entriesIn(Buffer.from('BRTHSEAL and then something')), { code: 'SEGMENT_SEALED' });
  await assert.rejects(entriesIn(Buffer.from('SQLite format 3\0 and so on')), { code: 'SEGMENT_DAMAGED' });
  const json = Buffer.from(JSON.stringify({ ...headerOf(), format: 2 }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const future = Buffer.concat([Buffer.from('BRTHSEG1'), length, json]);
  await assert.rejects(entriesIn(future), { code: 'SEGMENT_FORMAT_UNKNOWN' });
});

for (const [what, header, entries] of [
  ['a transaction is missing', {}, [commitOf(5)]],
  ['a transaction is out of order', {}, [commitOf(6), commitOf(5)]],
  ['there is none', {}, [frame(1, 'a')]],
  ['a snapshot is not sorted', { kind: 'snapshot' }, [frame(2, 'a'), frame(1, 'a'), commitOf(6)]],
  ['a merged segment has a page twice', { kind: 'merged' }, [frame(2, 'a'), frame(2, 'a'), commitOf(6)]],
  ['a page has another size', {}, [frame(2, 'a', 1024), commitOf(5), commitOf(6)]],
] as const)
  test(`no segment is made where ${what}`, async () => {
    await assert.rejects(bytesOf(encodeSegment(headerOf(header), entries)), RangeError);
  });

test('the table and the header can be had alone, and a stream is let go early', async () => {
  const stream = encodeSegment(headerOf(), [frame(1, 'a'), commitOf(5), frame(2, 'b'), commitOf(6)]);
  const bytes = await bytesOf(stream);
  const table = await readSegmentTable(inPieces(bytes), 'a segment');
  assert.deepEqual(
    table.transactions.map(({ txid, databasePages, at }) => ({ txid, databasePages, at })),
    [
      { txid: 5, databasePages: 15, at: 1_005 },
      { txid: 6, databasePages: 18, at: 1_006 },
    ],
  );
  let isLetGo = false;
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* inPieces(bytes, 400);
    } finally {
      isLetGo = true;
    }
  };
  assert.deepEqual(await readSegmentHeader(watched(), 'a segment'), headerOf());
  assert.equal(isLetGo, true);
});

test('the failure of a source ends the stream', async () => {
  const failing = async function* (): AsyncGenerator<SegmentEntry> {
    await Promise.resolve();
    yield frame(1, 'a');
    throw new Error('the disk is gone');
  };
  await assert.rejects(bytesOf(encodeSegment(headerOf(), failing())), /the disk is gone/);
});
