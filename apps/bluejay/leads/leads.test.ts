import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { renderDownloads, renderSubmissions } from './csv.ts';
import { openDownloads } from './downloads.ts';
import { leadsMigrations } from './migrations.ts';
import { countPersonalData, erasePersonalData, sweepPersonalData } from './personal-data.ts';
import { type NewSubmission, openSubmissions } from './submissions.ts';

const DAY_MS = 86_400_000;

const setUp = () => {
  const database = new DatabaseSync(':memory:');
  for (const { sql } of leadsMigrations) database.exec(sql);
  let nowMs = 1_000 * DAY_MS;
  const now = () => nowMs;
  return {
    database,
    submissions: openSubmissions(database, now),
    downloads: openDownloads(database, now),
    pass: (ms: number) => (nowMs += ms),
  };
};

const message: NewSubmission = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  phone: '+44 20 7946 0000',
  company: 'Analytical Engines',
  message: 'Does it compute?',
  inquiry: 'sales',
  kind: 'contact',
  product: '',
  network: '203.0.113.0/24',
  userAgent: 'Browser',
};

const download = {
  whitepaper: 7,
  whitepaperTitle: 'Bearings',
  name: 'Ada Lovelace',
  email: 'Ada@Example.com',
  company: 'Analytical Engines',
  designation: 'Countess',
  hasConsented: true,
  network: '203.0.113.0/24',
  userAgent: 'Browser',
};

test('messages are listed newest first, by tab, status and words', () => {
  const { submissions, pass } = setUp();
  const first = submissions.add(message);
  pass(1);
  const quote = submissions.add({ ...message, kind: 'rfq', product: 'X-200', company: '100 % Steel' });
  const idsOf = (query: Parameters<typeof submissions.list>[0]) => submissions.list(query).rows.map(({ id }) => id);
  assert.deepEqual(idsOf({}), [quote, first]);
  assert.deepEqual(idsOf({ tab: 'rfq' }), [quote]);
  assert.deepEqual(idsOf({ tab: 'contact' }), [first]);
  assert.deepEqual(idsOf({ search: '100 %' }), [quote], 'a per cent sign is a per cent sign');
  assert.deepEqual(idsOf({ search: '_' }), []);
  assert.equal(submissions.markRead([first, 999]), 1);
  assert.deepEqual(idsOf({ tab: 'new' }), [quote]);
  submissions.update(quote, { status: 'closed', notes: 'Sold.' });
  assert.deepEqual(idsOf({ status: 'closed' }), [quote]);
  assert.equal(submissions.find(quote)?.notes, 'Sold.');
  assert.deepEqual(submissions.neighbours(first), { newer: quote, older: undefined });
  assert.deepEqual(submissions.counts(), { all: 2, new: 0 });
});

test('a page holds 25 messages', () => {
  const { submissions } = setUp();
  for (let count = 0; count < 26; count += 1) submissions.add(message);
  assert.equal(submissions.list({}).rows.length, 25);
  const { rows, total, pages } = submissions.list({ page: 2 });
  assert.deepEqual([rows.length, total, pages], [1, 26, 2]);
});

test('downloads are found by whitepaper and by time, and counted', () => {
  const { downloads, pass } = setUp();
  downloads.add(download);
  pass(DAY_MS);
  downloads.add({ ...download, whitepaper: 8 });
  assert.equal(downloads.list({ whitepaper: 7 }).total, 1);
  assert.equal(downloads.list({ fromMs: 1_001 * DAY_MS }).rows[0]?.whitepaper, 8);
  assert.equal(downloads.list({ untilMs: 1_001 * DAY_MS }).rows[0]?.whitepaper, 7);
  assert.equal(downloads.countOf(7), 1);
});

test('no cell of an export is a formula', () => {
  const { submissions, downloads } = setUp();
  for (const start of ['=', '+', '-', '@', '\t=']) {
    submissions.add({ ...message, name: `${start}HYPERLINK("https://example.com","click")` });
    downloads.add({ ...download, company: `${start}1+1` });
  }
  const cells = `${renderSubmissions(submissions.all({}))}\r\n${renderDownloads(downloads.all({}))}`
    .split(/\r\n|,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((cell) => cell.replace(/^\uFEFF?"?/, ''));
  assert.deepEqual(
    cells.filter((cell) => /^[=+\-@\t]/.test(cell)),
    [],
  );
});

test('a person is found and erased by the mail address, however it was written', () => {
  const { database, submissions, downloads } = setUp();
  submissions.add(message);
  submissions.add({ ...message, email: 'bob@example.com' });
  downloads.add(download);
  assert.deepEqual(countPersonalData(database, ' ADA@example.com '), { submissions: 1, downloads: 1 });
  assert.deepEqual(erasePersonalData(database, 'ada@example.com'), { submissions: 1, downloads: 1 });
  assert.deepEqual(countPersonalData(database, 'ada@example.com'), { submissions: 0, downloads: 0 });
  assert.equal(submissions.counts().all, 1, 'others stay');
});

test('what is older than the days of the settings goes, and without days nothing does', () => {
  const { database, submissions, downloads, pass } = setUp();
  submissions.add(message);
  downloads.add(download);
  pass(10 * DAY_MS);
  submissions.add(message);
  assert.equal(sweepPersonalData(database, null, 2_000 * DAY_MS), 0);
  assert.equal(sweepPersonalData(database, 5, 1_010 * DAY_MS), 2);
  assert.equal(submissions.counts().all, 1);
});
