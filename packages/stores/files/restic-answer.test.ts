import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { temporaryDirectory } from '@berth/testing';
import { classifyRestic, isTag, parsePruned, parseSnapshots, parseSummary, parseUnread, tagsOf } from './restic-answer.ts';

describe('what restic 0.14 says when it fails', () => {
  const cases = [
    {
      said: 'Fatal: unable to open config file: stat /t/tree/config: no such file or directory\nIs there a repository at the following location?\n/t/tree',
      means: 'no-repository',
    },
    { said: 'Fatal: wrong password or no key found', means: 'wrong-key' },
    {
      said: 'unable to create lock in backend: repository is already locked by PID 4653 on vm by root (UID 0, GID 0)',
      means: 'locked',
    },
    { said: 'Fatal: all target directories/files do not exist', means: 'other' },
    { said: 'decrypting blob 1663 failed: ciphertext verification failed\nFatal: repository contains errors', means: 'damaged' },
    { said: 'Fatal: load <index/5c12bdaa70>: invalid data returned', means: 'damaged' },
    { said: 'ignoring error for /: id 4d7536cfaaa1 not found in repository\nFatal: There were 2 errors', means: 'damaged' },
    { said: 'ignoring error for /src/a: ciphertext verification failed\nignoring error for /key', means: 'damaged' },
    { said: 'Fatal: config or key ac7470c9 is damaged: ciphertext verification failed', means: 'damaged' },
    { said: "Fatal: Unmarshal: invalid character '*' after object key", means: 'damaged' },
    {
      said: 'Load(<data/0d90260b97>, 46, 0) returned error, retrying after 552.330144ms: open d/data/0d/0d: no such file or directory',
      means: 'incomplete',
    },
    {
      said: 'Load(<data/ab498dbad9>, 300050, 0) returned error, retrying after 1s: ReadFull: unexpected EOF',
      means: 'incomplete',
    },
    { said: 'Load(<data/ab498dbad9>, 5, 0) returned error, retrying after 1s: dial tcp: connection refused', means: 'other' },
    { said: '', means: 'other' },
  ];
  for (const { said, means } of cases) test(`${means}: ${said.slice(0, 60)}`, () => assert.equal(classifyRestic(said), means));
});

test('snapshots are trees by their tags, oldest first; those of others are left out', () => {
  const answer = [
    { id: 'b', tags: ['files1', 'at.2000', 'state.0a'] },
    { id: 'a', tags: ['not.complete', 'at.1000', 'sha256:0b'] },
    { id: 'foreign', tags: ['daily'] },
    { id: 'bare' },
  ];
  assert.deepEqual(parseSnapshots(JSON.stringify(answer)), [
    { id: 'a', tag: 'sha256:0b', at: 1000, state: null, isComplete: false },
    { id: 'b', tag: 'files1', at: 2000, state: '0a', isComplete: true },
  ]);
  for (const nothing of ['', 'null', '[]']) assert.deepEqual(parseSnapshots(nothing), []);
});

test('what is written as tags is read again', () => {
  const tags = tagsOf({ tag: 'files1', at: 5, state: '0f' }).split(',');
  assert.deepEqual(parseSnapshots(JSON.stringify([{ id: 'x', tags }])), [
    { id: 'x', tag: 'files1', at: 5, state: '0f', isComplete: true },
  ]);
  assert.deepEqual(['a', 'sha256:0a', 'a_b-c', 'a,b', 'a.b', '', '-a', 'a b'].map(isTag), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('the summary of a backup is its last line, if it came so far', () => {
  const line = '{"message_type":"summary","data_added":5,"total_files_processed":2,"total_bytes_processed":9,"snapshot_id":"ab"}';
  assert.deepEqual(parseSummary(`something\n${line}`), { id: 'ab', files: 2, bytes: 9, addedBytes: 5 });
  assert.equal(parseSummary('something'), null);
});

test('what could not be read is named once, and what has vanished is not', async () => {
  await using directory = await temporaryDirectory();
  writeFileSync(directory.join('closed'), '');
  const said = (item: string, error: object, during = 'archival') =>
    JSON.stringify({ message_type: 'error', error, during, item });
  const stderr = [
    said(directory.join('closed'), {}, 'scan'),
    said('./closed', {}),
    said(directory.join('closed'), { Op: 'open', Path: 'closed', Err: 13 }),
    said(directory.join('vanished'), { Op: 'lstat', Err: 2 }),
    said('also vanished', {}),
    said('bad\ufffd', {}),
    'Warning: at least one source file could not be read',
  ].join('\n');
  assert.deepEqual(parseUnread(stderr, directory.path), [directory.join('closed'), directory.join('bad\ufffd')]);
});

describe('what pruning has freed', () => {
  const cases: [string, number][] = [
    ['to delete: 4 blobs / 9 MiB\ntotal prune:           7 blobs / 222.131 MiB\nremaining: 1 blobs / 5 B', 232_921_235],
    ['total prune:           0 blobs / 0 B', 0],
    ['total prune:           3 blobs / 1.500 KiB', 1_536],
    ['nothing of it', 0],
  ];
  for (const [said, bytes] of cases) test(`${bytes} bytes`, () => assert.equal(parsePruned(said), bytes));
});
