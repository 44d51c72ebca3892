import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { SYSTEM_USER, type Welcome } from '../domain/messages.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import { FakeSocket } from './fake-socket.ts';
import { openDocuments } from './open-documents.ts';
import type { LiveSettings } from './settings.ts';
import { createInstruments, silent } from './testing.ts';

const HOUR_MS = 3_600_000;
const SETTINGS: LiveSettings = {
  maxDocumentBytes: 1_024,
  readTimeoutMs: 30 * 60_000,
  writeTimeoutMs: 10_000,
  heartbeatMs: 60_000,
  metadataQueue: 4,
  defaultExpiryHours: 168,
  cleanupIntervalMs: HOUR_MS,
  evictAfterMs: 24 * HOUR_MS,
  commitWindowMs: 20,
  messagesPerSecond: 100,
  maxSocketsPerDocument: 5,
  maxSocketsPerAddress: 5,
  maxOtpAttemptsPerMinute: 3,
};
const session = (letter: string): string => letter.repeat(22);
const hello = (letter: string, more: object = {}) => ({ Hello: { session: session(letter), epoch: null, revision: 0, ...more } });

/** Documents over a store in memory that passes for a database, and time that stands still. */
function setup(settings: Partial<LiveSettings> = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: Date.parse('2030-01-01') });
  const memory = createMemoryStore({ now: () => new Date(), log: () => undefined });
  let refusal: Error | null = null;
  const snapshots: string[] = [];
  const store: Store = new Proxy(memory, {
    get(target, key: keyof Store) {
      if (key === 'kind') return 'sqlite';
      const method = target[key];
      if (typeof method !== 'function') return method;
      return (...given: unknown[]) => {
        if (refusal !== null && (key === 'commit' || key.startsWith('write'))) throw refusal;
        if (key === 'writeSnapshot') snapshots.push((given[0] as { text: string }).text);
        return (method as (...all: unknown[]) => unknown).apply(target, given);
      };
    },
  });
  const instruments = createInstruments();
  const open = () =>
    openDocuments({ store, settings: { ...SETTINGS, ...settings }, now: Date.now, log: silent, instruments, version: 'test' });
  const documents = open();
  const join = (options: { extended?: boolean; address?: string } = {}, id = 'd', prepare?: (socket: FakeSocket) => void) =>
    FakeSocket.connect(documents, { documentId: id, role: 'editor' }, { ...options, ...(prepare && { prepare }) });
  const named = (socket: FakeSocket, name = 'A') => {
    socket.says({ ClientInfo: { name, hue: 1 } });
    return { userId: socket.all<number>('Identity')[0] ?? socket.all<Welcome>('Welcome')[0]?.user ?? -1, userName: name };
  };
  return {
    documents,
    /** As another process would, over the same store. */
    open,
    join,
    named,
    store,
    snapshots,
    instruments,
    refuse: (error: Error | null) => void (refusal = error),
    [Symbol.dispose]: () => mock.timers.reset(),
  };
}
const edit = (revision: number, operation: unknown[], more: object = {}) => ({ Edit: { revision, operation, ...more } });

test('an edit is seen by everybody, its author included, only after it is stored', () => {
  using it = setup();
  const [ann, bob] = [it.join(), it.join()];
  ann.says(edit(0, ['hi']));
  assert.deepEqual(ann.all('History'), []);
  assert.equal(it.store.find('d'), undefined);
  mock.timers.tick(0);
  const expected = [{ start: 0, operations: [{ id: 0, operation: ['hi'] }] }];
  assert.deepEqual([ann.all('History'), bob.all('History')], [expected, expected]);
  assert.equal(it.store.find('d')?.text, 'hi');
});

test('a newcomer is told who it is, all of history, the language, who is there and where, in this order', () => {
  using it = setup();
  const ann = it.join();
  it.named(ann);
  ann.says(edit(0, ['hi']));
  ann.says({ SetLanguage: 'go' });
  ann.says({ CursorData: { cursors: [1], selections: [[0, 2]] } });
  mock.timers.tick(20);
  const bob = it.join();
  assert.deepEqual(
    bob.frames.map((frame) => Object.keys(JSON.parse(frame) as object)[0]),
    ['Identity', 'History', 'Language', 'UserInfo', 'UserCursor'],
  );
  assert.ok(bob.frames.includes('{"Language":{"language":"go","user_id":18446744073709551615,"user_name":"System"}}'));
});

test('asking for a document and leaving it makes none', () => {
  using it = setup();
  assert.equal(it.documents.readText({ documentId: 'd', role: 'editor' }), undefined);
  const ann = it.join();
  assert.equal(it.documents.stats().documentsInMemory, 1);
  ann.leave();
  assert.deepEqual([it.documents.stats().documentsInMemory, it.store.countDocuments()], [0, 0]);
});

test('a client comes back to where it was, and what it sends again is taken once', () => {
  using it = setup();
  const ann = it.join({ extended: true });
  ann.says(hello('a'));
  ann.says(edit(0, ['hi'], { sequence: 1 }));
  const bob = it.join({ extended: true });
  bob.says(hello('b'));
  const { epoch } = ann.all<Welcome>('Welcome')[0] as Welcome;
  ann.leave(1006);
  bob.says(edit(1, [2, '!'], { sequence: 1 }));
  mock.timers.tick(20);
  const again = it.join({ extended: true });
  again.says(hello('a', { epoch, revision: 0 }));
  assert.deepEqual(again.all<Welcome>('Welcome')[0]?.acknowledged, { sequence: 1, revision: 1 });
  assert.equal(again.all<{ operations: unknown[] }>('History')[0]?.operations.length, 2);
  again.says(edit(0, ['hi'], { sequence: 1 }));
  mock.timers.tick(20);
  assert.equal(it.documents.readText({ documentId: 'd', role: 'editor' })?.text, 'hi!');
});

test('a client goes on after a restart, and is given the text where its history is not the one we have', () => {
  using it = setup();
  const ann = it.join({ extended: true });
  ann.says(hello('a'));
  ann.says(edit(0, ['one'], { sequence: 1 }));
  mock.timers.tick(20);
  const { epoch } = ann.all<Welcome>('Welcome')[0] as Welcome;
  const later = it.open();
  const back = (more: object) => {
    const socket = FakeSocket.connect(later, { documentId: 'd', role: 'editor' }, { extended: true });
    socket.says(hello('c', more));
    return socket;
  };
  assert.deepEqual(back({ epoch, revision: 1 }).all('Snapshot'), []);
  assert.equal(back({ epoch, revision: 0 }).all('History').length, 1);
  // Beyond the end of that epoch: the database was set back meanwhile.
  assert.equal(back({ epoch, revision: 2 }).all<{ text: string }>('Snapshot')[0]?.text, 'one');
  assert.equal(back({ epoch: 'unknown', revision: 1 }).all('Snapshot').length, 1);
  assert.deepEqual(back({ epoch: 'unknown', revision: 0 }).all('Snapshot'), []);
});

test('who reads through a read-only link changes nothing and learns neither token nor id', () => {
  using it = setup();
  const ann = it.join({ extended: true });
  ann.says(hello('a'));
  const { ticket } = ann.all<Welcome>('Welcome')[0] as Welcome;
  const actor = { ...it.named(ann), ticket };
  const link = it.documents.createViewLink('d', actor);
  it.documents.protect('d', actor, null);
  const admission = it.documents.admit(link, null, 'x');
  assert.deepEqual(admission, { documentId: 'd', role: 'viewer' });
  const viewer = FakeSocket.connect(it.documents, admission, { extended: true });
  viewer.says(hello('v'));
  viewer.says(edit(0, ['x'], { sequence: 1 }));
  viewer.says({ SetLanguage: 'go' });
  viewer.says({ ClientInfo: { name: 'V', hue: 1 } });
  mock.timers.tick(20);
  assert.equal(viewer.all<{ code: string }>('Rejected')[0]?.code, 'READ_ONLY');
  assert.equal(it.documents.readText({ documentId: 'd', role: 'editor' })?.text, '');
  assert.deepEqual([viewer.all('OTP'), viewer.all<Welcome>('Welcome')[0]?.viewLink], [[], null]);
  assert.ok(!viewer.frames.some((frame) => frame.includes(link)));
  const user = viewer.all<Welcome>('Welcome')[0]?.user ?? -1;
  assert.throws(() => it.documents.protect('d', { userId: user, userName: 'V', ticket: null }, null), /not connected/);
  assert.throws(() => it.documents.writeText(admission, 'x'), /read-only/);
  it.documents.revokeViewLink('d', actor);
  assert.equal(viewer.closed?.code, 4403);
  assert.throws(() => it.documents.admit(link, null, 'x'), /not found/);
});

test('a token is asked for, in constant tries a minute, and never handed to whoever guesses a number', () => {
  using it = setup();
  const ann = it.join();
  const actor = { ...it.named(ann), ticket: null };
  const otp = it.documents.protect('d', actor, null);
  assert.match(otp, /^[\w-]{12}$/);
  assert.throws(() => it.documents.protect('d', actor, null), /invalid OTP/);
  assert.deepEqual(it.documents.admit('d', otp, 'x'), { documentId: 'd', role: 'editor' });
  for (let attempt = 0; attempt < 3; attempt += 1)
    assert.throws(() => it.documents.admit('d', 'wrong', 'x'), /Invalid or missing OTP/);
  assert.throws(() => it.documents.admit('d', otp, 'x'), /too many wrong OTPs/);
  assert.deepEqual(it.documents.admit('d', otp, 'elsewhere').role, 'editor');
  const rotated = it.documents.protect('d', actor, otp);
  assert.throws(() => it.documents.unprotect('d', actor, otp), /invalid OTP/);
  it.documents.unprotect('d', actor, rotated);
  assert.equal(it.documents.isProtected('d'), false);
});

test('a token that the store refuses is not set', () => {
  using it = setup();
  const ann = it.join();
  const actor = { ...it.named(ann), ticket: null };
  it.refuse(new Error('disk full'));
  assert.throws(() => it.documents.protect('d', actor, null), /internal error/);
  assert.equal(it.documents.isProtected('d'), false);
  assert.deepEqual(ann.all('OTP'), []);
});

test('what belongs to a participant asks for the ticket of the very connection', () => {
  using it = setup();
  const [ann, bob] = [it.join({ extended: true }), it.join({ extended: true })];
  ann.says(hello('a'));
  bob.says(hello('b'));
  const { userId, userName } = it.named(ann);
  it.named(bob);
  const { ticket } = bob.all<Welcome>('Welcome')[0] as Welcome;
  for (const wrong of [null, ticket, 'x'])
    assert.throws(() => it.documents.delete('d', { userId, userName, ticket: wrong }), /not connected/);
});

test('a document that is deleted is gone for everybody', () => {
  using it = setup();
  const [ann, bob] = [it.join({ extended: true }), it.join()];
  ann.says(hello('a'));
  ann.says(edit(0, ['secret'], { sequence: 1 }));
  mock.timers.tick(20);
  const actor = { ...it.named(ann), ticket: (ann.all<Welcome>('Welcome')[0] as Welcome).ticket };
  it.documents.delete('d', actor);
  assert.deepEqual([ann.closed?.code, bob.closed?.code], [4410, 4410]);
  assert.deepEqual([it.store.find('d'), it.documents.stats().documentsInMemory], [undefined, 0]);
});

test('an edit that is too large is told to its author, who stays connected', () => {
  using it = setup();
  const ann = it.join({ extended: true });
  ann.says(hello('a'));
  ann.says(edit(0, ['x'.repeat(1_025)], { sequence: 1 }));
  assert.equal(ann.all<{ code: string }>('Rejected')[0]?.code, 'DOCUMENT_TOO_LARGE');
  assert.equal(ann.closed, null);
  ann.says(edit(0, ['ok'], { sequence: 2 }));
  mock.timers.tick(20);
  assert.equal(ann.all('History').length, 1);
});

for (const [name, bad, code] of [
  ['an edit ahead of the document', edit(7, ['x']), 1000],
  ['a negative revision', edit(-1, ['x']), 1000],
  ['an edit for another length', edit(0, [3, 'x']), 1000],
  ['what is no message', 'nonsense', 1007],
  ['a wrong type', { SetLanguage: 3 }, 1007],
  ['a greeting that the original does not have', hello('a'), 1007],
] as const)
  test(`${name} ends its connection and no other`, () => {
    using it = setup();
    const [ann, bob] = [it.join(), it.join()];
    ann.says(bad);
    assert.deepEqual([ann.closed?.code, bob.closed], [code, null]);
  });

test('the last of a session closes the ones before it', () => {
  using it = setup();
  const [first, second] = [it.join({ extended: true }), it.join({ extended: true })];
  first.says(hello('a'));
  second.says(hello('a'));
  assert.deepEqual([first.closed?.code, second.closed], [4409, null]);
});

test('cursors that move quickly are told as they stand, once a moment', () => {
  using it = setup();
  const [ann, bob] = [it.join(), it.join()];
  ann.says(edit(0, ['hello']));
  mock.timers.tick(20);
  for (let position = 0; position < 5; position += 1) ann.says({ CursorData: { cursors: [position], selections: [] } });
  mock.timers.tick(20);
  assert.deepEqual(bob.all('UserCursor'), [{ id: 0, data: { cursors: [4], selections: [] } }]);
});

test('a slow reader is told later what it missed, in order, and costs no memory meanwhile', () => {
  using it = setup({ maxDocumentBytes: 1_000_000, messagesPerSecond: 10_000 });
  const [ann, slow] = [it.join(), it.join()];
  slow.stream.isStuck = true;
  ann.says(edit(0, ['x'.repeat(300_000)]));
  mock.timers.tick(20);
  const told = slow.frames.length;
  for (let revision = 1; revision < 50; revision += 1) {
    ann.says(edit(revision, [300_000 + revision - 1, 'y']));
    mock.timers.tick(20);
  }
  ann.says({ ClientInfo: { name: 'A', hue: 1 } });
  mock.timers.tick(20);
  assert.equal(slow.frames.length, told, 'nothing is written to a stream that is full');
  slow.stream.drain();
  const histories = slow.all<{ start: number; operations: unknown[] }>('History');
  assert.deepEqual(
    histories.map(({ start, operations }) => [start, operations.length]),
    [
      [0, 1],
      [1, 49],
    ],
  );
  assert.equal(slow.all('UserInfo').length, 1);
});

test('a reader that takes nothing for too long is closed', () => {
  using it = setup({ maxDocumentBytes: 1_000_000 });
  const [ann, slow] = [it.join(), it.join()];
  slow.stream.isStuck = true;
  ann.says(edit(0, ['x'.repeat(300_000)]));
  for (let second = 0; second < 15; second += 1) mock.timers.tick(1_000);
  assert.deepEqual([slow.closed?.code, ann.closed], [1006, null]);
});

test('a reader on a slow line is alive as long as it takes something', () => {
  using it = setup({ maxDocumentBytes: 1_000_000 });
  const [ann, slow] = [it.join(), it.join()];
  slow.stream.isStuck = true;
  slow.answersPings = false;
  ann.says(edit(0, ['x'.repeat(300_000)]));
  for (let second = 0; second < 120; second += 1) {
    mock.timers.tick(1_000);
    slow.stream.writableLength -= 1_000;
  }
  assert.equal(slow.closed, null);
});

test('history goes to a newcomer in pieces, as it can take them, and then who is there', () => {
  using it = setup({ maxDocumentBytes: 1_000_000, messagesPerSecond: 10_000 });
  const ann = it.join();
  it.named(ann);
  for (let revision = 0; revision < 10; revision += 1)
    ann.says(edit(revision, revision === 0 ? ['x'.repeat(60_000)] : [revision * 60_000, 'x'.repeat(60_000)]));
  mock.timers.tick(20);
  const bob = it.join({}, 'd', (socket) => {
    socket.stream.isStuck = true;
  });
  const told = (): unknown[] => [
    bob.all<{ operations: unknown[] }>('History').flatMap(({ operations }) => operations).length,
    bob.all('UserInfo').length,
  ];
  assert.deepEqual(told(), [3, 0], 'so much, and no more, waits in the socket');
  for (let drains = 0; drains < 5; drains += 1) {
    bob.stream.drain();
    bob.stream.isStuck = true;
  }
  assert.deepEqual(told(), [10, 1]);
});

test('whoever does not answer a ping is closed, and whoever does is not', () => {
  using it = setup();
  const [gone, here] = [it.join(), it.join()];
  gone.answersPings = false;
  mock.timers.tick(75_000);
  assert.deepEqual([gone.closed?.code, here.closed], [1006, null]);
});

test('whoever is too fast is read more slowly, and nothing of theirs is lost', () => {
  using it = setup({ messagesPerSecond: 10 });
  const ann = it.join();
  for (let revision = 0; revision < 25; revision += 1) ann.says(edit(revision, revision === 0 ? ['x'] : [revision, 'x']));
  assert.equal(ann.isPaused, true);
  mock.timers.tick(1_000);
  assert.equal(ann.isPaused, false);
  assert.equal(it.documents.readText({ documentId: 'd', role: 'editor' })?.text, 'x'.repeat(25));
});

test('while the store refuses nothing is acknowledged or read; afterwards everything is', () => {
  using it = setup();
  const ann = it.join();
  it.refuse(new Error('disk full'));
  ann.says(edit(0, ['kept']));
  mock.timers.tick(20);
  assert.deepEqual([ann.all('History'), ann.isPaused], [[], true]);
  assert.match(it.documents.notReadyReason() ?? '', /no writes/);
  ann.answersPings = false;
  mock.timers.tick(120_000);
  assert.equal(ann.closed, null, 'silence says nothing while the server does not read');
  it.refuse(null);
  mock.timers.tick(2_000);
  assert.deepEqual([ann.all('History').length, ann.isPaused, it.documents.notReadyReason()], [1, false, null]);
});

test('the text is written when its writers rest, every five minutes while they do not, and when the last leaves', () => {
  using it = setup();
  const ann = it.join();
  ann.says(edit(0, ['a']));
  mock.timers.tick(30_000);
  assert.deepEqual(it.snapshots, ['a']);
  let length = 1;
  for (let second = 0; second < 310; second += 1) {
    ann.says(edit(length, [length, 'x']));
    length += 1;
    mock.timers.tick(1_000);
  }
  assert.equal(it.snapshots.length, 2);
  assert.equal(it.instruments.safetyNetPersists.value, 1);
  ann.says(edit(length, [length, '.']));
  mock.timers.tick(20);
  ann.leave();
  assert.equal(it.snapshots.length, 3);
  assert.deepEqual([it.instruments.idlePersists.value, it.instruments.lastUserFlushes.value], [1, 1]);
  assert.equal(it.documents.stats().activePersisters, 0);
});

test('a language alone is written too', () => {
  using it = setup();
  const ann = it.join();
  ann.says(edit(0, ['a']));
  mock.timers.tick(30_000);
  ann.says({ SetLanguage: 'rust' });
  mock.timers.tick(40_000);
  assert.equal(it.store.find('d')?.language, 'rust');
});

test('a document leaves the memory after a day without visitors, and comes back as it was', () => {
  using it = setup();
  const [ann, other] = [it.join(), it.join({}, 'busy')];
  ann.says(edit(0, ['kept']));
  ann.says(edit(1, [4, '!']));
  other.says(edit(0, ['x']));
  mock.timers.tick(20);
  ann.leave();
  mock.timers.tick(26 * HOUR_MS);
  assert.equal(other.closed, null);
  assert.equal(it.instruments.evictions.value, 1);
  const again = it.join();
  // Quiet for so long, its history is one operation for whoever counts from 0.
  assert.deepEqual(again.all('History'), [{ start: 0, operations: [{ id: Number(SYSTEM_USER), operation: ['kept!'] }] }]);
  again.says(edit(1, [5, '?']));
  mock.timers.tick(20);
  assert.deepEqual(again.all('History').at(-1), { start: 1, operations: [{ id: 0, operation: [5, '?'] }] });
  assert.equal(it.store.find('d')?.text, 'kept!?');
});

test('a document expires after its own time without visitors, and never while somebody is there', () => {
  using it = setup();
  const [ann, bob] = [it.join({ extended: true }), it.join({ extended: true }, 'e')];
  for (const [socket, id] of [
    [ann, 'd'],
    [bob, 'e'],
  ] as const) {
    socket.says(hello('a'));
    socket.says(edit(0, ['x'], { sequence: 1 }));
    mock.timers.tick(20);
    const actor = { ...it.named(socket), ticket: (socket.all<Welcome>('Welcome')[0] as Welcome).ticket };
    assert.deepEqual(it.documents.setExpiry(id, actor, 2), { hours: 2, chosen: true });
  }
  ann.leave();
  mock.timers.tick(5 * HOUR_MS);
  assert.deepEqual([it.store.find('d'), it.store.find('e')?.text], [undefined, 'x']);
  assert.equal(it.instruments.expirations.value, 1);
});

test('text through the HTTP API is one operation among others', () => {
  using it = setup();
  const ann = it.join();
  ann.says(edit(0, ['one two']));
  mock.timers.tick(20);
  assert.equal(it.documents.writeText({ documentId: 'd', role: 'editor' }, 'one three'), 2);
  assert.deepEqual(ann.all<{ start: number }>('History').at(-1)?.start, 1);
  assert.equal(it.documents.readText({ documentId: 'd', role: 'editor' })?.text, 'one three');
  assert.throws(() => it.documents.writeText({ documentId: 'd', role: 'editor' }, 'x'.repeat(2_000)), /larger than 1 KB/);
});

test('there is room for so many in a document and from an address', () => {
  using it = setup();
  const admission = { documentId: 'd', role: 'editor' } as const;
  for (let count = 0; count < 5; count += 1) it.join({ address: `10.0.0.${count}` });
  assert.throws(() => it.documents.checkRoom(admission, 'new'), /to this document/);
  const sockets = Array.from({ length: 4 }, (_, index) => it.join({ address: '10.0.0.1' }, `x${index}`));
  assert.throws(() => it.documents.checkRoom({ documentId: 'y', role: 'editor' }, '10.0.0.1'), /from your address/);
  sockets[0]?.leave();
  it.documents.checkRoom({ documentId: 'y', role: 'editor' }, '10.0.0.1');
});

test('at shutdown everything is stored, its authors are told, and everybody is asked to come back', async () => {
  using it = setup();
  const ann = it.join();
  ann.says(edit(0, ['last words']));
  const flushed = await it.documents.shutdown(10_000);
  assert.equal(flushed, 1);
  assert.equal(ann.all('History').length, 1);
  assert.equal(ann.closed?.code, 1012);
  assert.deepEqual(it.snapshots, ['last words']);
  assert.throws(() => it.documents.checkRoom({ documentId: 'd', role: 'editor' }, 'x'), /restarting/);
});
