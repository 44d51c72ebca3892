/** Clients of the original protocol while the server dies, is stopped and folds its history. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, waitUntil } from '@berth/testing';
import { type AppProcess, startApp } from './testing/app-process.ts';
import { OriginalClient } from './testing/original-client.ts';
import { openPad } from './testing/raw-pad.ts';

const KILLS = 3;

test(`kill -9 in the midst of typing, ${KILLS} times: what was acknowledged is there, and all converge without reloading`, async () => {
  await using app = await startApp();
  const clients = await Promise.all(['a', 'b', 'c'].map((name) => startTyping(app, name)));
  await using _stop = {
    [Symbol.asyncDispose]: async () => void (await Promise.all(clients.map(({ client }) => client.close()))),
  };
  const inDoubt = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const before = clients.map(({ client }) => client.acknowledged.length);
    for (const [index, typist] of clients.entries()) {
      typist.start(kill);
      await typist.client.waitFor(
        () => typist.client.acknowledged.length > (before[index] ?? 0) + 10,
        'some edits were acknowledged',
      );
    }
    await app.kill('SIGKILL');
    for (const { unacknowledged } of clients) for (const word of unacknowledged()) inDoubt.add(word);
    const revisions = clients.map(({ client }) => client.revision);
    await app.start();
    for (const { client } of clients) await client.waitFor(() => client.state === 'connected', 'it was connected again');
    for (const typist of clients) typist.stop();
    const [{ client: first } = assert.fail()] = clients;
    await first.waitFor(
      () => clients.every(({ client }) => client.isSettled && client.text === first.text && client.revision === first.revision),
      'all had the same text',
    );
    assert.ok(
      revisions.every((revision) => first.revision >= revision),
      'revisions go on where they were',
    );
    assert.deepEqual(
      clients.map(({ client }) => client.closeCodes.length),
      clients.map(() => kill + 1),
    );
  }

  await using newcomer = new OriginalClient();
  await newcomer.connect(app.socketUrl('typing'));
  const [{ client: first } = assert.fail()] = clients;
  await newcomer.waitFor(() => newcomer.revision === first.revision, 'a newcomer had the whole history');
  assert.equal(newcomer.text, first.text);
  const counts = new Map<string, number>();
  for (const word of wordsIn(first.text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const { client, typed } of clients) {
    const acknowledged = client.acknowledged.flatMap((operation) =>
      operation.flatMap((part) => (typeof part === 'string' ? wordsIn(part) : [])),
    );
    assert.deepEqual(acknowledged.sort(), [...typed].sort());
    // An edit whose echo was lost is sent again by an original client, which cannot know that it was stored.
    for (const word of typed)
      assert.ok(counts.get(word) === 1 || (counts.get(word) === 2 && inDoubt.has(word)), `${word}: ${counts.get(word)}`);
  }
});

/** A client that types words, each after another's end so that none is torn apart. */
const startTyping = async (app: AppProcess, name: string) => {
  const client = new OriginalClient({ info: { name, hue: 1 }, reconnectEveryMs: 200 });
  await client.connect(app.socketUrl('typing'));
  const random = createRandom(name.charCodeAt(0));
  const typed: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearInterval(timer);
  return {
    client,
    typed,
    stop,
    start: (round: number): void => {
      timer = setInterval(() => {
        if (client.state === 'closed') return stop();
        const ends = [0, ...Array.from(client.text.matchAll(/>/g), ({ index }) => index + 1)];
        const word = `<${name}${round}.${typed.length}>`;
        typed.push(word);
        client.insert(random.pick(ends), word);
      }, 5);
    },
    unacknowledged: (): string[] => {
      const known = new Set(
        client.acknowledged.flatMap((operation) => operation.flatMap((part) => (typeof part === 'string' ? wordsIn(part) : []))),
      );
      return typed.filter((word) => !known.has(word));
    },
  };
};

const wordsIn = (text: string): string[] => text.match(/<[^>]*>/g) ?? [];

test('SIGTERM stores every document, tells each client to come back, and says so in the log', async () => {
  await using app = await startApp();
  using pad = await openPad(app.socketUrl('stopped'));
  await pad.waitForKind('Identity');
  pad.send({ ClientInfo: { name: 'Alice', hue: 1 } });
  pad.send({ SetLanguage: 'python' });
  pad.send({ Edit: { revision: 0, operation: ['print("😀")'] } });
  await pad.waitForKind('History');
  const exit = await app.kill('SIGTERM');
  assert.deepEqual(exit, { code: 0, signal: null });
  assert.ok([1001, 1012].includes(await pad.waitForClose()), `closed with ${pad.closeCode}`);

  const messages = app.log().map(({ msg }) => msg);
  const flush = app.events('flush').find((line) => line['docId'] === 'stopped');
  assert.equal(flush?.['reason'], 'shutdown');
  const story = ['Shutting down...', 'flush', 'Graceful shutdown complete - flushed 1 documents'].map((msg) =>
    messages.lastIndexOf(msg),
  );
  assert.ok(!story.includes(-1), app.output);
  assert.deepEqual(
    story,
    story.toSorted((a, b) => a - b),
  );

  using database = new DatabaseSync(app.databasePath, { readOnly: true });
  const row = database.prepare('SELECT text, language FROM document WHERE id = ?').get('stopped');
  assert.deepEqual({ ...row }, { text: 'print("😀")', language: 'python' });
});

test('after a restart the language is told in the system’s name, in literal digits, and the history starts at 0', async () => {
  await using app = await startApp();
  {
    using pad = await openPad(app.socketUrl('language'));
    await pad.waitForKind('Identity');
    pad.send({ SetLanguage: 'rust' });
    pad.send({ Edit: { revision: 0, operation: ['fn main'] } });
    await pad.waitForKind('History');
    await pad.waitForKind('Language');
  }
  await app.restart('SIGTERM');
  using again = await openPad(app.socketUrl('language'));
  await again.waitForKind('Language');
  assert.deepEqual(again.kinds(), ['Identity', 'History', 'Language']);
  assert.deepEqual(again.problems(), []);
  assert.match(again.frames[1] ?? '', /^\{"History":\{"start":0,"operations":\[\{"id":\d+,"operation":\["fn main"\]\}\]\}\}$/);
  assert.equal(again.frames[2], '{"Language":{"language":"rust","user_id":18446744073709551615,"user_name":"System"}}');
  // An old number would make a client that was there before take its own old edits for the echo of a new one.
  const author = /"id":(\d+)/.exec(again.frames[1] ?? '')?.[1];
  assert.notEqual(again.frames[0], `{"Identity":${author}}`);
});

test('no document is made by merely asking, connecting or saying one’s name', async () => {
  await using app = await startApp();
  await (await fetch(`${app.url}/api/socket/asked`)).text();
  await (await fetch(`${app.url}/api/text/asked`)).text();
  await (await fetch(`${app.url}/api/document/asked/protect`, { method: 'POST', body: '{"user_id":0,"user_name":"x"}' })).text();
  assert.equal((await statsOf(app)).num_documents, 0);
  {
    using pad = await openPad(app.socketUrl('asked'));
    await pad.waitForKind('Identity');
    pad.send({ ClientInfo: { name: 'x', hue: 1 } });
    pad.send({ CursorData: { cursors: [0], selections: [] } });
    await pad.waitForKind('UserInfo');
  }
  await waitUntil(async () => (await statsOf(app)).websocket_connections === 0, { what: 'the connection was gone' });
  assert.equal((await statsOf(app)).database_size, 0);
  await app.kill('SIGTERM');
  using database = new DatabaseSync(app.databasePath, { readOnly: true });
  assert.equal(database.prepare('SELECT count(*) AS rows FROM document').get()?.['rows'], 0);
});

test('after more edits than are kept one by one, newcomers and who was away for a while still count as everybody', async () => {
  await using app = await startApp({ env: { MESSAGES_PER_SECOND: '1000000', BACKEND_LOG_LEVEL: 'info' } });
  await using reader = new OriginalClient();
  await reader.connect(app.socketUrl('long'));
  await using away = new OriginalClient({ reconnectEveryMs: 3000 });
  await away.connect(app.socketUrl('long'));
  using writer = await openPad(app.socketUrl('long'));
  let written = 0;
  const write = (count: number): void => {
    for (const end = written + count; written < end; written++) {
      writer.send({ Edit: { revision: written, operation: written === 0 ? ['y'] : [written, 'y'] } });
    }
  };
  write(3000);
  await away.waitFor(() => away.revision === 3000, 'it had the first half');
  away.cutConnection();
  await away.waitFor(() => away.state === 'disconnected', 'it was cut off');
  away.insert(0, 'typed while away');
  write(3000);
  await reader.waitFor(() => reader.revision >= 6000, 'all was written', 30_000);
  await away.waitFor(() => away.isSettled && away.text === reader.text && away.revision === reader.revision, 'it was back');
  assert.equal(reader.text, `typed while away${'y'.repeat(6000)}`);
  assert.equal(reader.revision, 6001);
  for (const signal of [null, 'SIGKILL', 'SIGTERM'] as const) {
    if (signal !== null) await app.restart(signal);
    await using newcomer = new OriginalClient();
    await newcomer.connect(app.socketUrl('long'));
    await newcomer.waitFor(() => newcomer.revision === 6001, `a newcomer had all of it, after ${signal ?? 'nothing'}`);
    assert.equal(newcomer.text, reader.text);
  }
});

type Stats = { readonly num_documents: number; readonly database_size: number; readonly websocket_connections: number };

const statsOf = async (app: AppProcess): Promise<Stats> => (await fetch(`${app.url}/api/stats`)).json() as Promise<Stats>;
