import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { hasReached, parseEntry } from './journal-entry.ts';
import { openLogFiles } from './log-files.ts';

const entry = (fields: object): string => JSON.stringify({ __CURSOR: 's=a;i=1', _SYSTEMD_UNIT: 'pad.service', ...fields });
const entries: [what: string, line: string, text: string | null][] = [
  ['a line', entry({ MESSAGE: 'hello' }), 'hello\n'],
  ['what came without a newline', entry({ MESSAGE: 'hello', _LINE_BREAK: 'eof' }), 'hello'],
  ['a part of a line too long for one entry', entry({ MESSAGE: 'xxx', _LINE_BREAK: 'line-max' }), 'xxx'],
  ['bytes that are no text', entry({ MESSAGE: [27, 91, 51] }), '\u001b[3\n'],
  ['nothing of a line that is not whole', '{"__CURSOR":"s=a', null],
  ['nothing of an entry without a text', entry({}), null],
];
for (const [what, line, text] of entries)
  test(`the journal gives ${what}`, () => assert.equal(parseEntry(line)?.text.toString() ?? null, text));

test('a cursor is reached by itself and by later ones, by number in one journal and by the clock across two', () => {
  assert.ok(hasReached('s=a;i=1f;t=5', 's=a;i=1f;t=5'));
  assert.ok(hasReached('s=a;i=20;t=5', 's=a;i=1f;t=9'));
  assert.ok(!hasReached('s=a;i=1e;t=9', 's=a;i=1f;t=5'));
  assert.ok(hasReached('s=b;i=1;t=10', 's=a;i=1f;t=f'));
  assert.ok(!hasReached('s=b;i=99;t=e', 's=a;i=1;t=f'));
});

test('what was written after the kept cursor is cut off, since it comes again; what others wrote before stays', async () => {
  await using directory = await temporaryDirectory();
  const [state, log, other] = [directory.join('state'), directory.join('log'), directory.join('other')];
  appendFileSync(log, 'from before\n');
  const first = openLogFiles(state);
  first.append(log, Buffer.from('one\n'));
  first.keep('s=a;i=1');
  first.append(log, Buffer.from('two\n'));
  first.append(other, Buffer.from('half'));
  // Here it is killed.
  const second = openLogFiles(state);
  second.recover();
  assert.equal(second.cursor(), 's=a;i=1');
  assert.equal(readFileSync(log, 'utf8'), 'from before\none\n');
  assert.equal(readFileSync(other, 'utf8'), '');
});

test('a file that was begun anew keeps nothing that comes again', async () => {
  await using directory = await temporaryDirectory();
  const [state, log] = [directory.join('state'), directory.join('log')];
  const first = openLogFiles(state);
  first.append(log, Buffer.from('a long first part\n'));
  first.keep('s=a;i=1');
  truncateSync(log, 0);
  first.append(log, Buffer.from('two\n'));
  const second = openLogFiles(state);
  second.recover();
  assert.equal(readFileSync(log, 'utf8'), '');
  second.append(log, Buffer.from('two\n'));
  second.keep('s=a;i=2');
  openLogFiles(state).recover();
  assert.equal(readFileSync(log, 'utf8'), 'two\n');
});

test('a state that is damaged begins anew', async () => {
  await using directory = await temporaryDirectory();
  appendFileSync(directory.join('state'), '{"version":1,"cur');
  assert.equal(openLogFiles(directory.join('state')).cursor(), null);
});
