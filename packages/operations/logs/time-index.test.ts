import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { homeLayout } from '@berth/host';
import { openJournal } from '@berth/journal';
import { temporaryDirectory } from '@berth/testing';
import { createTimeIndexer, readTimes } from './time-index.ts';

const open = async () => {
  const home = await temporaryDirectory();
  const layout = homeLayout(home.path);
  const { logs } = layout.app('pad');
  await mkdir(logs, { recursive: true });
  let nowMs = 1_000;
  const now = () => new Date(nowMs);
  const journal = openJournal(':memory:', { now });
  journal.apps.ensure('pad');
  journal.instances.add({ id: 'pad.web.1-a', app: 'pad', service: 'web', release: 1, port: null, want: 'serving' });
  const file = join(logs, 'pad.web.1-a.log');
  return {
    file,
    indexer: createTimeIndexer({ journal, layout, now }),
    at: (ms: number) => {
      nowMs = ms;
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
};

test('a line has the time at which the file was seen to have grown beyond it', async () => {
  await using logs = await open();
  await appendFile(logs.file, 'one\n');
  await logs.indexer.note();
  logs.at(5_000);
  await appendFile(logs.file, 'two\nthree\n');
  await logs.indexer.note();
  logs.at(9_000);
  await logs.indexer.note();
  const timeAt = await readTimes(logs.file);
  assert.deepEqual([timeAt(0), timeAt(4), timeAt(8)], [1_000, 5_000, 5_000]);
  assert.equal((await readFile(`${logs.file}.times`, 'utf8')).trim().split('\n').length, 2, 'nothing is noted when nothing grew');
});

test('a file that has grown too large is begun anew, and its older part stays', async () => {
  await using logs = await open();
  await appendFile(logs.file, 'first\n');
  await truncate(logs.file, 33 * 1024 * 1024);
  await logs.indexer.note();
  assert.equal((await stat(logs.file)).size, 0);
  assert.match((await readFile(`${logs.file}.1`, 'utf8')).slice(0, 6), /^first\n/);
  await appendFile(logs.file, 'later\n');
  logs.at(2_000);
  await logs.indexer.note();
  assert.equal((await readTimes(logs.file))(0), 2_000);
  assert.equal((await readTimes(`${logs.file}.1`))(0), 1_000);
});
