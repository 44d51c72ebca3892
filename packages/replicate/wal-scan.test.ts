import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, temporaryDirectory } from '@berth/testing';
import { parseWalHeader, WAL_FRAME_HEADER_BYTES, WAL_HEADER_BYTES, walChecksum, walStart } from './wal-format.ts';
import { createWalScanner, type WalTransaction } from './wal-scan.ts';

const PAGE_SIZES = [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];

type Recording = { file: string; database: Buffer; wal: Buffer; pageSize: number };

/** A database and its log as they lie on the disk in the middle of its life: some transactions, the last one of two frames. */
const record = async (directory: string, pageSize: number, bigEndian = false): Promise<Recording> => {
  const file = `${directory}/source-${pageSize}.db`;
  using database = new DatabaseSync(file);
  database.exec(
    `PRAGMA page_size = ${pageSize}; PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0`,
  );
  database.exec('CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT)');
  for (let id = 1; id <= 8; id += 1)
    database.exec(
      `BEGIN; INSERT INTO note VALUES (${id}, printf('%.*c', ${pageSize}, 'x')); PRAGMA user_version = ${id}; COMMIT`,
    );
  const wal = readFileSync(`${file}-wal`);
  return { file, database: readFileSync(file), wal: bigEndian ? withBigEndianChecksums(wal) : wal, pageSize };
};

/** As a machine with the other byte order writes it. That it is right, SQLite says below. */
const withBigEndianChecksums = (original: Buffer): Buffer => {
  const wal = Buffer.from(original);
  const frameBytes = WAL_FRAME_HEADER_BYTES + wal.readUInt32BE(8);
  wal.writeUInt32BE(0x377f0683, 0);
  let checksum = walChecksum([0, 0], wal.subarray(0, 24), true);
  wal.writeUInt32BE(checksum[0], 24);
  wal.writeUInt32BE(checksum[1], 28);
  for (let at = WAL_HEADER_BYTES; at < wal.length; at += frameBytes) {
    checksum = walChecksum(checksum, wal.subarray(at, at + 8), true);
    checksum = walChecksum(checksum, wal.subarray(at + WAL_FRAME_HEADER_BYTES, at + frameBytes), true);
    wal.writeUInt32BE(checksum[0], at + 16);
    wal.writeUInt32BE(checksum[1], at + 20);
  }
  return wal;
};

const scan = (wal: Buffer, chunkBytes = wal.length): WalTransaction[] => {
  const header = parseWalHeader(wal);
  if (header === undefined) return [];
  const scanner = createWalScanner(walStart(header));
  const found: WalTransaction[] = [];
  const frameBytes = WAL_FRAME_HEADER_BYTES + header.pageSize;
  for (;;) {
    const from = scanner.nextOffset;
    found.push(...scanner.push(wal.subarray(from, from + Math.max(chunkBytes, frameBytes))));
    if (scanner.ended || scanner.nextOffset === from) return found;
  }
};

/** The database with the transactions written into it. */
const applied = ({ database, wal, pageSize }: Recording, found: readonly WalTransaction[]): Buffer => {
  const pages = found.at(-1)?.databasePages ?? database.length / pageSize;
  const image = Buffer.alloc(Math.max(pages * pageSize, database.length));
  database.copy(image);
  for (const { offset, pages: numbers } of found)
    for (const [index, page] of numbers.entries()) {
      const from = offset + index * (WAL_FRAME_HEADER_BYTES + pageSize) + WAL_FRAME_HEADER_BYTES;
      wal.copy(image, (page - 1) * pageSize, from, from + pageSize);
    }
  return image.subarray(0, pages * pageSize);
};

/** The database with what SQLite itself recovers from that log. */
const recovered = (directory: string, { database, wal }: Recording): Buffer => {
  const file = `${directory}/recovered.db`;
  writeFileSync(file, database);
  writeFileSync(`${file}-wal`, wal);
  const copy = new DatabaseSync(file);
  copy.exec('PRAGMA synchronous = OFF; PRAGMA wal_checkpoint(TRUNCATE)');
  copy.close();
  return readFileSync(file);
};

for (const pageSize of PAGE_SIZES)
  for (const bigEndian of [false, true])
    test(`a log with pages of ${pageSize} and ${bigEndian ? 'big' : 'little'}-endian checksums is read as SQLite reads it`, async () => {
      await using directory = await temporaryDirectory();
      const recording = await record(directory.path, pageSize, bigEndian);
      const found = scan(recording.wal);
      // Creating the table is the first of nine.
      assert.equal(found.length, 9);
      assert.ok(applied(recording, found).equals(recovered(directory.path, recording)));
      assert.deepEqual(scan(recording.wal, 3 * (pageSize + WAL_FRAME_HEADER_BYTES) + 5), found);
    });

test('a log torn at any byte of its last frame ends at the transaction before, as for SQLite', async () => {
  await using directory = await temporaryDirectory();
  const recording = await record(directory.path, 512);
  const frameBytes = WAL_FRAME_HEADER_BYTES + 512;
  const whole = scan(recording.wal);
  for (let missing = 1; missing <= frameBytes; missing += 1) {
    const wal = recording.wal.subarray(0, recording.wal.length - missing);
    const found = scan(wal);
    assert.deepEqual(found, whole.slice(0, -1), `${missing} bytes are missing`);
    // SQLite itself is asked at each boundary of the frame's fields and now and then between.
    if (missing <= 9 || missing >= frameBytes - 25 || missing % 37 === 0)
      assert.ok(
        applied(recording, found).equals(recovered(directory.path, { ...recording, wal })),
        `${missing} bytes are missing`,
      );
  }
});

test('a log with any byte of its last frame changed ends at the transaction before, as for SQLite', async () => {
  await using directory = await temporaryDirectory();
  const recording = await record(directory.path, 512);
  const frameBytes = WAL_FRAME_HEADER_BYTES + 512;
  const whole = scan(recording.wal);
  for (let back = 1; back <= frameBytes; back += 1) {
    const wal = Buffer.from(recording.wal);
    const at = wal.length - back;
    wal[at] = (wal[at] ?? 0) ^ 0x10;
    const found = scan(wal);
    assert.deepEqual(found, whole.slice(0, -1), `byte ${at} is another one`);
    if (back >= frameBytes - 25 || back % 37 === 0)
      assert.ok(applied(recording, found).equals(recovered(directory.path, { ...recording, wal })), `byte ${at} is another one`);
  }
});

test('frames of an older log behind the end do not count', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('app.db');
  using database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT)');
  for (let id = 1; id <= 20; id += 1) database.exec(`INSERT INTO note VALUES (${id}, 'first')`);
  const before = readFileSync(`${file}-wal`);
  database.exec(`PRAGMA wal_checkpoint(RESTART); INSERT INTO note VALUES (21, 'second'); INSERT INTO note VALUES (22, 'second')`);
  const wal = readFileSync(`${file}-wal`);
  assert.equal(wal.length, before.length, 'the file is used again');
  const found = scan(wal);
  assert.equal(found.length, 2);
  const recording = { file, database: readFileSync(file), wal, pageSize: 4096 };
  assert.ok(applied(recording, found).equals(recovered(directory.path, recording)));
});

test('an empty log, a header alone and half a header hold no transaction', async () => {
  await using directory = await temporaryDirectory();
  const { wal } = await record(directory.path, 4096);
  for (const bytes of [0, 1, 31, 32, 33]) assert.deepEqual(scan(wal.subarray(0, bytes)), []);
  assert.equal(parseWalHeader(wal.subarray(0, 31)), undefined);
  for (let at = 0; at < 32; at += 1) {
    const broken = Buffer.from(wal.subarray(0, 32));
    broken[at] = (broken[at] ?? 0) ^ 1;
    assert.equal(parseWalHeader(broken), undefined, `byte ${at}`);
  }
});

test('a header of another version, page size or kind is none, even if its checksum is right', async () => {
  await using directory = await temporaryDirectory();
  const { wal } = await record(directory.path, 4096);
  for (const [offset, value] of [
    [4, 3_007_001],
    [8, 4_095],
    [8, 256],
    [8, 131_072],
    [0, 0x377f0684],
  ] as const) {
    const header = Buffer.from(wal.subarray(0, WAL_HEADER_BYTES));
    header.writeUInt32BE(value, offset);
    const [checksum1, checksum2] = walChecksum([0, 0], header.subarray(0, 24), false);
    header.writeUInt32BE(checksum1, 24);
    header.writeUInt32BE(checksum2, 28);
    assert.equal(parseWalHeader(header), undefined, `${value} at ${offset}`);
  }
});

test('a transaction that was not committed is read anew after a rewind, whatever was written in its place', async () => {
  await using directory = await temporaryDirectory();
  const { wal, pageSize } = await record(directory.path, 1024);
  const whole = scan(wal);
  const header = parseWalHeader(wal);
  assert.ok(header);
  const scanner = createWalScanner(walStart(header));
  const last = whole.at(-1)?.offset ?? 0;
  // As if the last transaction had other pages first: a valid frame that continues the chain, without a commit.
  assert.equal(scanner.push(wal.subarray(WAL_HEADER_BYTES, last)).length, 8);
  const other = Buffer.from(wal.subarray(last, last + WAL_FRAME_HEADER_BYTES + pageSize));
  other.writeUInt32BE(0, 4);
  other[WAL_FRAME_HEADER_BYTES + 100] = 99;
  const { checksum1, checksum2 } = scanner.position;
  let checksum = walChecksum([checksum1, checksum2], other.subarray(0, 8), false);
  checksum = walChecksum(checksum, other.subarray(WAL_FRAME_HEADER_BYTES), false);
  other.writeUInt32BE(checksum[0], 16);
  other.writeUInt32BE(checksum[1], 20);
  assert.deepEqual(scanner.push(other), []);
  assert.equal(scanner.nextOffset, last + other.length);
  assert.equal(scanner.position.offset, last);
  assert.deepEqual(scanner.push(wal.subarray(scanner.nextOffset)), [], 'the rest belongs to another beginning');
  assert.equal(scanner.ended, true);
  assert.equal(scanner.nextOffset, scanner.position.offset, 'only the last commit is left to go on from');
  scanner.rewind();
  assert.deepEqual(scanner.push(wal.subarray(scanner.nextOffset)), whole.slice(-1));
});

test('scanning goes on from any committed position', async () => {
  await using directory = await temporaryDirectory();
  const { wal } = await record(directory.path, 2048);
  const whole = scan(wal);
  const random = createRandom(5);
  for (let round = 0; round < 20; round += 1) {
    const index = random.integer(0, whole.length - 1);
    const from = whole[index]?.end;
    assert.ok(from);
    // The bytes need not be aligned in memory.
    const shifted = Buffer.concat([Buffer.alloc(round % 5), wal.subarray(from.offset)]).subarray(round % 5);
    assert.deepEqual(createWalScanner(from).push(shifted), whole.slice(index + 1));
  }
});
