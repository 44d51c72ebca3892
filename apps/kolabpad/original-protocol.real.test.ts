/** Clients of the original protocol, as it was before this application, against the running server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRandom, waitUntil } from '@berth/testing';
import { type AppProcess, startApp } from './testing/app-process.ts';
import { OriginalClient, type OriginalClientOptions, ROUNDED_SYSTEM_USER } from './testing/original-client.ts';
import { codePoints } from './testing/original-operation.ts';
import { openPad, refusedUpgrade } from './testing/raw-pad.ts';

let app: AppProcess;
before(async () => {
  app = await startApp();
});
after(() => app[Symbol.asyncDispose]());

const join = async (id: string, options: OriginalClientOptions = {}): Promise<OriginalClient> => {
  const client = new OriginalClient(options);
  await client.connect(app.socketUrl(id));
  return client;
};

const converged = (...clients: OriginalClient[]): Promise<void> => {
  const [first] = clients;
  assert.ok(first);
  return first.waitFor(
    () => clients.every((each) => each.isSettled && each.revision === first.revision && each.text === first.text),
    'all had the same text at the same revision',
  );
};

test('two original clients that type at the same time end with the same text, and nothing of it is missing', async () => {
  await using alice = await join('converge');
  await using bob = await join('converge');
  const random = createRandom(3);
  const typed: string[] = [];
  for (let i = 0; i < 150; i++) {
    const [client, name] = random.boolean() ? ([alice, 'a'] as const) : ([bob, 'b'] as const);
    typed.push(`<${name}${i}😀>`);
    // Between the words, never within one.
    const ends = [0, ...Array.from(client.text.matchAll(/>/gu), ({ index }) => codePoints(client.text.slice(0, index + 1)))];
    client.insert(random.pick(ends), typed.at(-1) ?? '');
    if (random.boolean(0.3)) await waitUntil(() => client.isSettled, { what: 'its edits came back' });
  }
  await converged(alice, bob);
  assert.deepEqual([...(alice.text.match(/<.*?>/gu) ?? [])].sort(), typed.sort());
});

test('original clients that insert and delete at random, astral characters too, converge with each other and a newcomer', async () => {
  await using alice = await join('random');
  await using bob = await join('random');
  const random = createRandom(4);
  for (let i = 0; i < 200; i++) {
    const client = random.pick([alice, bob]);
    const length = codePoints(client.text);
    if (length > 0 && random.boolean(0.4)) {
      const from = random.integer(0, length - 1);
      client.delete(from, random.integer(1, Math.min(5, length - from)));
    } else client.insert(random.integer(0, length), random.text(random.integer(1, 4), 'ab～😀é\n'));
    if (random.boolean(0.2)) await waitUntil(() => client.isSettled, { what: 'its edits came back' });
  }
  await converged(alice, bob);
  await using carol = await join('random');
  await carol.waitFor(() => carol.revision === alice.revision, 'the newcomer had the history');
  assert.equal(carol.text, alice.text);
});

test('what connects is told Identity, History from 0, Language, UserInfo and UserCursor, in this order', async () => {
  await using alice = await join('order', { info: { name: 'Alice', hue: 180 } });
  alice.insert(0, 'hello');
  alice.setCursors({ cursors: [3], selections: [[1, 4]] });
  alice.setLanguage('python');
  await alice.waitFor(() => alice.isSettled && alice.language !== null, 'her edit and language came back');
  assert.deepEqual(alice.language, { language: 'python', user_id: alice.me, user_name: 'Alice' });
  await using bob = await join('order');
  // An insertion in front of it moves the cursor that is kept for newcomers.
  bob.insert(0, '😀');
  await converged(alice, bob);

  using newcomer = await openPad(app.socketUrl('order'));
  await newcomer.waitForKind('UserCursor', 2);
  const [first, ...rest] = newcomer.kinds();
  assert.equal(first, 'Identity');
  assert.deepEqual([...new Set(rest)], ['History', 'Language', 'UserInfo', 'UserCursor']);
  assert.deepEqual(newcomer.problems(), []);
  const told = newcomer.frames;
  assert.ok(told.includes('{"Language":{"language":"python","user_id":18446744073709551615,"user_name":"System"}}'));
  assert.ok(told.includes(`{"UserInfo":{"id":${alice.me},"info":{"name":"Alice","hue":180}}}`));
  assert.ok(told.includes(`{"UserCursor":{"id":${alice.me},"data":{"cursors":[4],"selections":[[2,5]]}}}`));
  assert.equal(
    told[1],
    `{"History":{"start":0,"operations":[{"id":${alice.me},"operation":["hello"]},{"id":${bob.me},"operation":["😀",5]}]}}`,
  );
});

test('an empty document has no history, and the first user of it is number 0', async () => {
  using pad = await openPad(app.socketUrl('empty'));
  await pad.waitForKind('Identity');
  pad.send({ SetLanguage: 'go' });
  await pad.waitForKind('Language');
  assert.deepEqual(pad.kinds(), ['Identity', 'Language']);
  assert.equal(pad.frames[0], '{"Identity":0}');
});

test('an edit comes back to its author as the history of one operation, as it does to everybody', async () => {
  using author = await openPad(app.socketUrl('echo'));
  using reader = await openPad(app.socketUrl('echo'));
  await Promise.all([author.waitForKind('Identity'), reader.waitForKind('Identity')]);
  author.send({ Edit: { revision: 0, operation: ['b', 0, '', 'c'] } });
  await author.waitForKind('History');
  author.send({ Edit: { revision: 0, operation: ['a'] } });
  await Promise.all([author.waitForKind('History', 2), reader.waitForKind('History', 2)]);
  const id = author.frames[0]?.replace(/\D/g, '');
  const expected = [
    `{"History":{"start":0,"operations":[{"id":${id},"operation":["bc"]}]}}`,
    `{"History":{"start":1,"operations":[{"id":${id},"operation":["a",2]}]}}`,
  ];
  for (const pad of [author, reader])
    assert.deepEqual(
      pad.frames.filter((frame) => frame.startsWith('{"History"')),
      expected,
    );
});

test('lone surrogates become U+FFFD in text, names and languages', async () => {
  await using reader = await join('surrogates');
  using pad = await openPad(app.socketUrl('surrogates'));
  pad.send('{"ClientInfo":{"name":"x\\ud800","hue":1}}');
  pad.send('{"SetLanguage":"\\udfff"}');
  pad.send('{"Edit":{"revision":0,"operation":["a\\ud800b\\udc00\\ud83d\\ude00"]}}');
  await reader.waitFor(() => reader.revision === 1 && reader.language !== null, 'the edit had come');
  assert.equal(reader.text, 'a\ufffdb\ufffd😀');
  assert.equal(reader.language?.language, '\ufffd');
  assert.deepEqual(
    [...reader.users.values()].map(({ name }) => name),
    ['x\ufffd'],
  );
});

test('who leaves is told to the others, and its cursor to nobody any more', async () => {
  await using alice = await join('leave');
  const bob = await join('leave', { info: { name: 'Bob', hue: 7 } });
  bob.setCursors({ cursors: [0], selections: [] });
  await alice.waitFor(() => alice.userCursors.get(bob.me)?.cursors.length === 1, 'the cursor of the other was seen');
  await bob.close();
  await alice.waitFor(() => !alice.users.has(bob.me), 'the other was gone');
  using newcomer = await openPad(app.socketUrl('leave'));
  newcomer.send({ SetLanguage: 'go' });
  await newcomer.waitForKind('Language');
  assert.ok(!newcomer.frames.some((frame) => frame.includes(`"id":${bob.me},`)));
});

test('of several keys the first of Edit, SetLanguage, ClientInfo and CursorData counts, and unknown messages are ignored', async () => {
  await using reader = await join('keys');
  using pad = await openPad(app.socketUrl('keys'));
  for (const ignored of [{}, { Nothing: 1 }, { Identity: 5 }, { History: { start: 0, operations: [] } }]) pad.send(ignored);
  pad.send({ CursorData: { cursors: [1], selections: [] }, SetLanguage: 'rust', ClientInfo: { name: 'no', hue: 1 } });
  await reader.waitFor(() => reader.language?.language === 'rust', 'the language had come');
  assert.deepEqual([...reader.users], []);
  pad.send({ ClientInfo: { name: 'yes', hue: 1, extra: true }, somethingElse: 1 });
  pad.send({ CursorData: {} });
  await reader.waitFor(() => reader.users.size + reader.userCursors.size === 2, 'its name and cursor had come');
  assert.deepEqual([...reader.users.values()], [{ name: 'yes', hue: 1 }]);
  // Arrays that were left out are told as empty ones, never as null: the judge of frames saw to that.
  assert.deepEqual([...reader.userCursors.values()], [{ cursors: [], selections: [] }]);
  assert.ok(reader.frames.every((frame) => !frame.includes('"no"') && !frame.includes('[1]')));
});

test('what an editor with thousands of cursors and a language of its own says ends no connection', async () => {
  await using reader = await join('many');
  using pad = await openPad(app.socketUrl('many'));
  pad.send({ CursorData: { cursors: Array.from({ length: 5000 }, () => 0), selections: [] } });
  pad.send({ SetLanguage: 'x'.repeat(200) });
  pad.send({ ClientInfo: { name: 'n'.repeat(500), hue: 2 ** 32 - 1 } });
  pad.send({ Edit: { revision: 0, operation: ['still here'] } });
  await reader.waitFor(() => reader.text === 'still here' && reader.users.size === 1, 'the edit had come');
  assert.equal(pad.closeCode, null);
});

test('the id is all that follows in the path', async () => {
  await using outer = await join('path');
  const inner = new OriginalClient();
  await using _ = inner;
  await inner.connect(`ws://127.0.0.1:${app.port}/api/socket/path/inner`);
  inner.insert(0, 'x');
  await inner.waitFor(() => inner.isSettled, 'its edit came back');
  assert.equal(outer.text, '');
  assert.notEqual(inner.me, ROUNDED_SYSTEM_USER);
});

test('an upgrade without an id is answered 400, one from a foreign page 403, and a plain GET 426', async () => {
  const noId = await refusedUpgrade(`ws://127.0.0.1:${app.port}/api/socket/`);
  assert.deepEqual(noId, { status: 400, contentType: 'text/plain; charset=utf-8', body: 'document ID required\n' });
  const foreign = await refusedUpgrade(app.socketUrl('origin'), { origin: 'https://evil.example' });
  assert.equal(foreign.status, 403);
  const own = await openPad(app.socketUrl('origin'), { origin: app.url });
  own[Symbol.dispose]();
  const plain = await fetch(`${app.url}/api/socket/plain`);
  assert.equal(plain.status, 426);
  await plain.text();
});

const MAX_MESSAGE_BYTES = 256 * 1024 + 65_536;
const closes: readonly { readonly name: string; readonly message: string; readonly code: number }[] = [
  { name: 'no JSON', message: 'hello', code: 1007 },
  { name: 'an array', message: '[]', code: 1007 },
  { name: 'a revision that is text', message: '{"Edit":{"revision":"0","operation":["a"]}}', code: 1007 },
  { name: 'an operation with null', message: '{"Edit":{"revision":0,"operation":[null]}}', code: 1007 },
  { name: 'an operation that is nested', message: '{"Edit":{"revision":0,"operation":[["a"]]}}', code: 1007 },
  { name: 'an edit without an operation', message: '{"Edit":{"revision":0}}', code: 1007 },
  { name: 'a language that is a number', message: '{"SetLanguage":5}', code: 1007 },
  { name: 'a negative hue', message: '{"ClientInfo":{"name":"x","hue":-1}}', code: 1007 },
  { name: 'a hue that is no whole number', message: '{"ClientInfo":{"name":"x","hue":1.5}}', code: 1007 },
  { name: 'a name that is a number', message: '{"ClientInfo":{"name":1,"hue":1}}', code: 1007 },
  { name: 'a cursor that is text', message: '{"CursorData":{"cursors":["1"],"selections":[]}}', code: 1007 },
  { name: 'a message that is too large', message: JSON.stringify({ Nothing: 'x'.repeat(MAX_MESSAGE_BYTES) }), code: 1009 },
  { name: 'a negative revision', message: '{"Edit":{"revision":-1,"operation":[1,"a"]}}', code: 1000 },
  { name: 'a revision that is yet to come', message: '{"Edit":{"revision":2,"operation":[1,"a"]}}', code: 1000 },
  { name: 'an operation for a longer text', message: '{"Edit":{"revision":1,"operation":[2,"a"]}}', code: 1000 },
  { name: 'an operation for a shorter text', message: '{"Edit":{"revision":1,"operation":["a"]}}', code: 1000 },
  {
    name: 'an edit that makes the document too large',
    message: JSON.stringify({ Edit: { revision: 1, operation: [1, 'é'.repeat(128 * 1024)] } }),
    code: 1000,
  },
];
for (const [index, { name, message, code }] of closes.entries()) {
  test(`${name} ends that connection with ${code} and no other`, async () => {
    await using reader = await join(`close-${index}`);
    reader.insert(0, 'x');
    await reader.waitFor(() => reader.isSettled, 'the first edit came back');
    using pad = await openPad(app.socketUrl(`close-${index}`));
    await pad.waitForKind('History');
    pad.send(message);
    assert.equal(await pad.waitForClose(), code);
    reader.insert(1, 'y');
    await reader.waitFor(() => reader.isSettled, 'the other goes on typing');
    assert.equal(reader.text, 'xy');
    assert.equal(reader.revision, 2);
    assert.deepEqual(reader.closeCodes, []);
  });
}

test('nothing that follows a bad edit on the same connection is taken', async () => {
  await using reader = await join('after-bad');
  using pad = await openPad(app.socketUrl('after-bad'));
  await pad.waitForKind('Identity');
  pad.send({ Edit: { revision: 5, operation: ['bad'] } });
  pad.send({ Edit: { revision: 0, operation: ['after'] } });
  assert.equal(await pad.waitForClose(), 1000);
  reader.insert(0, 'x');
  await reader.waitFor(() => reader.isSettled, 'the other goes on typing');
  assert.equal(reader.text, 'x');
});
