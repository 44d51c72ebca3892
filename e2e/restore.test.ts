/** Data goes back to a moment, as people ask for it: by the real command, while others use the app. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { Receipt } from '@berth/protocol';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { type AnswerSummary, AnswerTimes } from './harness/answer-times.ts';
import { berth } from './harness/command.ts';
import { Ledger, Writers } from './harness/ledger.ts';
import { type Home, StoryPlatform } from './harness/platform.ts';
import { secondBetween } from './harness/second-between.ts';
import { BerthPad } from './kolabpad/berth-pad.ts';
import { Crowd, describeGaps } from './kolabpad/crowd.ts';
import { tokensOf } from './kolabpad/typing.ts';
import { judgeConvergence } from './kolabpad/verdict.ts';

const isTorture = process.env.BERTH_DOSE === 'torture';
const MEGABYTES = isTorture ? 2_000 : 300;

/** As clocks in that zone show it: 2026-02-10 12:00:07 */
const onClockOf = (zone: string, moment: Date): string => moment.toLocaleString('sv-SE', { timeZone: zone });

/** From the moment at which requests wait to the one at which they are answered. */
const heldMs = ({ steps }: Receipt): number => {
  const from = steps.findIndex(({ name }) => name === 'hold');
  const to = steps.findIndex(({ name }) => name === 'switch');
  return steps.slice(from, to + 1).reduce((sum, { ms }) => sum + (ms ?? 0), 0);
};

describe('Kolabpad, with people typing', () => {
  let pad: BerthPad;
  before(async () => {
    pad = await BerthPad.open('prepared');
  });
  after(() => pad[Symbol.asyncDispose]());

  const restore = async (words: readonly string[]): Promise<Receipt> => {
    const { stdout } = await pad.berth(['restore', 'kolabpad', ...words, '--yes', '--json']);
    const receipt = JSON.parse(stdout) as Receipt;
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
    return receipt;
  };

  test('everything is deleted by mistake, comes back, and goes again when that was the mistake', async (t) => {
    using crowd = new Crowd({
      editors: 6,
      documents: 2,
      pauseMs: 60,
      seed: 7,
      habit: 'words',
      address: (document, editor) => pad.address(document, editor),
    });
    const [busy = '', silent = ''] = crowd.documents;
    const everybodySilent = () => crowd.of(silent).every(({ session }) => !session.hasUnsent());
    const textOf = async (document: string) => (await pad.read([document])).get(document)?.text ?? '';
    await crowd.connect();
    crowd.startTyping();
    const isFollowed = async () => {
      const { stores } = await pad.platform.client.call('app', { params: { app: 'kolabpad' } });
      return stores[0]?.targets[0]?.lagMs !== null;
    };
    await waitUntil(isFollowed, { what: 'the first copy was complete', withinMs: 30_000, everyMs: 200 });
    await crowd.more(150);
    await crowd.drain();
    const good = await textOf(silent);
    const goodTokens = new Set(tokensOf(await textOf(busy)).whole);
    assert.ok(good.length > 0 && goodTokens.size > 0);
    const moment = await secondBetween();

    for (const document of crowd.documents) crowd.of(document)[0]?.removeEverything();
    await waitUntil(async () => (await textOf(silent)) === '', { what: 'everything was gone' });
    for (const editor of crowd.of(busy)) editor.startTyping();
    for (const editor of crowd.of(silent)) editor.type();
    await waitUntil(everybodySilent, { what: 'what was typed afterwards was stored' });
    await crowd.more(50);
    const later = await textOf(silent);
    assert.notEqual(later, good);

    const began = performance.now();
    const receipt = await restore(['--at', onClockOf('UTC', moment) + 'Z']);
    await crowd.allLive();
    await crowd.more(50);
    assert.equal(await textOf(silent), good, 'the text of the second before is back');
    // Where people never stop typing, what they have not sent yet is merged by difference: it may take away what came back.
    const returned = tokensOf(await textOf(busy)).whole.filter((token) => goodTokens.has(token));
    t.diagnostic(`where people never stopped typing ${returned.length} of ${goodTokens.size} words are back`);
    await crowd.drain();
    assert.deepEqual(judgeConvergence(crowd, await pad.read(crowd.documents)), []);
    t.diagnostic(
      `restored in ${receipt.ms} ms, requests held for ${heldMs(receipt)} ms; ${describeGaps(crowd.gapsSince(began))}`,
    );
    assert.equal(receipt.requests.failed, 0);

    for (const editor of crowd.of(busy)) editor.startTyping();
    const undone = await restore(['--to', receipt.restorePoint ?? '']);
    await crowd.allLive();
    await crowd.more(50);
    assert.equal(await textOf(silent), later, 'and undone, the later text is');
    await crowd.drain();
    assert.deepEqual(judgeConvergence(crowd, await pad.read(crowd.documents)), []);
    assert.equal(undone.requests.failed, 0);
    const unexpected = crowd.troubles.filter((trouble) => !/merged by difference|taken for old/.test(trouble));
    assert.deepEqual(unexpected, [], 'their edits are merged or told to be old, and nothing worse');
  });
});

describe('an app with several stores', () => {
  let platform: StoryPlatform;
  let ledger: Ledger;
  let far: Home;
  before(async () => {
    far = await temporaryDirectory();
    platform = await StoryPlatform.open({ tls: 'off' });
    ledger = new Ledger(platform);
    const files = ledger.server((text) =>
      text
        .replace(
          "'/clear':",
          `'/upload': (query) => commit(() => require('node:fs').writeFileSync(process.env.STORE_UPLOADS + '/' + query.get('name'), query.get('text'))),
  '/other': (query) => commit(() => other.exec("INSERT OR REPLACE INTO note VALUES (1, '" + query.get('text') + "')")),
  '/clear':`,
        )
        .replace(
          'const commit =',
          `const other = new DatabaseSync(process.env.STORE_OTHER);
other.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS note (number INTEGER PRIMARY KEY, text TEXT)');
const commit =`,
        ),
    );
    const receipt = await ledger.deploy({ files, manifest: '  other: { sqlite: other.db }\n  uploads: { files: uploads }\n' });
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
    await ledger.berth(['target', 'add', `dir:${far.path}/vault`, '--name', 'far']);
  });
  after(async () => {
    await platform[Symbol.asyncDispose]();
    await far[Symbol.asyncDispose]();
  });

  const stores = () => join(platform.home, 'apps/ledger/stores');
  const upload = () => readFileSync(join(stores(), 'uploads/uploads/a'), 'utf8');
  const other = () => {
    using database = new DatabaseSync(join(stores(), 'other/other.db'), { readOnly: true });
    return database.prepare('SELECT text FROM note').get()?.['text'];
  };
  const say = async (text: string) => {
    await ledger.add(text);
    await ledger.ask(`/other?text=${text}`);
    await ledger.ask(`/upload?name=a&text=${text}`);
  };

  let saved: Date;
  let between: Date;
  test('all of them go back to the same moment on a clock elsewhere; files to their nearest copy, which is named', async () => {
    await say('one');
    await ledger.backup('one');
    saved = await secondBetween();
    await say('two');
    between = await secondBetween();
    await say('three');
    // A question without anybody to answer it changes nothing, and says what would happen.
    const at = `${onClockOf('Asia/Tokyo', between)} Asia/Tokyo`;
    const asked = await berth(platform.home, ['restore', 'ledger', '--at', at]);
    assert.notEqual(asked.code, 0);
    assert.match(asked.stderr, /db +comes back as it was at that moment/);
    assert.match(asked.stderr, /uploads +comes back from its (newest|nearest) copy/);
    assert.equal(other(), 'three');

    const receipt = await ledger.berth(['restore', 'ledger', '--at', at, '--yes'], { env: { TZ: 'America/New_York' } });
    assert.deepEqual([...(await ledger.tokens())].toSorted(), ['one', 'two']);
    assert.equal(other(), 'two');
    assert.equal(upload(), 'one');
    const fetched = receipt.steps.find(({ name }) => name === 'fetch')?.note ?? '';
    const copied = Date.parse(/uploads as of (\S+) from far/.exec(fetched)?.[1] ?? '');
    assert.ok(copied <= saved.getTime(), `the gap is named: ${fetched}`);

    await ledger.berth(['restore', 'ledger', '--to', receipt.restorePoint ?? '', '--yes']);
    assert.deepEqual([(await ledger.tokens()).has('three'), other(), upload()], [true, 'three', 'three'], 'undone');
  });

  test('one store goes back, the others stay as they are', async () => {
    await ledger.berth(['restore', 'ledger', '--at', between.toISOString(), '--store', 'other', '--yes']);
    assert.deepEqual([(await ledger.tokens()).has('three'), other(), upload()], [true, 'two', 'three']);
  });

  test('a copy goes into a directory, and the app notices nothing of it', async () => {
    const pids = async () => {
      const instances = (await ledger.status()).services.flatMap((service) => service.instances);
      return instances.flatMap(({ state, pid }) => (state === 'healthy' ? [pid] : []));
    };
    const before = await pids();
    const into = join(far.path, 'copy');
    await ledger.berth(['restore', 'ledger', '--at', between.toISOString(), '--into', into]);
    assert.deepEqual(readdirSync(into).toSorted(), ['db', 'other', 'uploads']);
    using copy = new DatabaseSync(join(into, 'db/ledger.db'), { readOnly: true });
    assert.deepEqual(
      copy
        .prepare('SELECT token FROM entry ORDER BY token')
        .all()
        .map((row) => row['token']),
      ['one', 'two'],
    );
    assert.equal(readFileSync(join(into, 'uploads/uploads/a'), 'utf8'), 'one');
    assert.deepEqual(await pids(), before);
    assert.equal((await ledger.tokens()).has('three'), true);
    const again = await berth(platform.home, ['restore', 'ledger', '--at', between.toISOString(), '--into', into]);
    assert.match(again.stderr + again.stdout, /is not empty/);
  });
});

test(`while ${MEGABYTES} MB are copied and brought back the platform answers, and the app takes writes`, async (t) => {
  await using far = await temporaryDirectory();
  await using platform = await StoryPlatform.open({ tls: 'off' });
  const ledger = new Ledger(platform);
  assert.equal((await ledger.deploy()).ok, true);
  for (let filled = 0; filled < MEGABYTES; filled += 50) await ledger.fill(50, `f${filled}.`);
  await ledger.untilSafe('local', 300_000);
  const writers = new Writers(ledger, { writers: 2, pauseMs: 20 });
  const answers = await AnswerTimes.start(platform.home);
  // What is asked for is 100 ms. How long the machine lets anybody wait for a core is what the bare server shows.
  const told = async (what: string): Promise<void> => {
    const { bare, ...own } = await answers.take();
    const inWords = ({ answers: count, medianMs, slowestMs, late }: AnswerSummary) =>
      `${count} answers, median ${medianMs.toFixed(1)} ms, slowest ${slowestMs.toFixed(1)} ms, ${late} after 100 ms`;
    t.diagnostic(`${what}: ${inWords(own)}; of a bare server: ${inWords(bare)}; ${writers.commitTimes()}`);
    assert.ok(own.answers > 0, what);
  };
  try {
    await writers.more(50);
    await told('before');
    await ledger.berth(['target', 'add', `dir:${far.path}/vault`, '--name', 'far']);
    await ledger.untilSafe('far', 300_000);
    await told('snapshot');
    const mark = writers.promised.length;
    const point = await ledger.backup('big');
    await writers.more(50);
    await answers.take();
    const receipt = await ledger.berth(['restore', 'ledger', '--to', point, '--target', 'far', '--yes']);
    await told(`restore in ${receipt.ms} ms, requests held for ${heldMs(receipt)} ms, ${receipt.requests.held} of them`);
    const present = await ledger.tokens();
    const lost = writers.promised.slice(0, mark).filter(({ token }) => !present.has(token));
    assert.deepEqual(lost, [], `of ${mark} rows that were written before the point`);
    assert.equal(receipt.requests.failed, 0);
  } finally {
    await writers[Symbol.asyncDispose]();
    await answers[Symbol.asyncDispose]();
  }
  assert.deepEqual([writers.failures, answers.failures], [[], []], `of ${writers.requests} requests`);
  assert.equal(existsSync(ledger.database), true);
});
