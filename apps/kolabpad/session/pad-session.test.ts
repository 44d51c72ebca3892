import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM_USER } from '../domain/messages.ts';
import { createPadSession, type Effects, type PadSession } from './pad-session.ts';
import { ProtocolError } from './server-frame.ts';
import { ModelServer } from './testing/model-server.ts';
import { SimulatedClient } from './testing/simulated-client.ts';

const SESSION = 'a-session-of-22-letters';
const welcome = (fields: object = {}) => ({
  Welcome: {
    user: 7,
    ticket: 'ticket',
    role: 'editor',
    epoch: 'e1',
    revision: 0,
    acknowledged: null,
    maxBytes: 262_144,
    guessable: false,
    viewLink: null,
    expiry: { hours: 168, chosen: false },
    version: 'abc1234',
    ...fields,
  },
});
const history = (start: number, ...items: [number, unknown][]) => ({
  History: { start, operations: items.map(([id, operation]) => ({ id, operation })) },
});

/** A session that is live on a document with this text. */
const live = (text = '', fields: object = {}): PadSession => {
  const session = createPadSession({ sessionId: SESSION });
  session.connected();
  session.receive(welcome({ revision: text === '' ? 0 : 1, ...fields }));
  if (text !== '') session.receive(history(0, [1, [text]]));
  assert.equal(session.phase, 'live');
  return session;
};
const sent = ({ send }: Effects): unknown[] => send.map((frame) => JSON.parse(frame) as unknown);
const edits = (effects: Effects): unknown[] => sent(effects).filter((frame) => 'Edit' in (frame as object));

test('says Hello first, then who the user is, and is live when nothing is new', () => {
  const session = createPadSession({ sessionId: SESSION });
  assert.deepEqual(session.introduce({ name: 'Ada', hue: 20 }).send, []);
  assert.deepEqual(sent(session.connected()), [{ Hello: { session: SESSION, epoch: null, revision: 0 } }]);
  assert.equal(session.phase, 'greeting');
  const effects = session.receive(JSON.stringify(welcome()));
  assert.deepEqual(sent(effects), [{ ClientInfo: { name: 'Ada', hue: 20 } }]);
  assert.equal(session.phase, 'live');
  assert.deepEqual(
    effects.events.map(({ kind }) => kind),
    ['welcome', 'phase', 'phase'],
  );
});

test('one edit is on its way at a time; what is typed meanwhile goes as one when it is confirmed', () => {
  const session = live('abc');
  assert.deepEqual(sent(session.edit([3, 'd'])), [{ Edit: { revision: 1, operation: [3, 'd'], sequence: 1 } }]);
  assert.deepEqual(sent(session.edit([4, 'e'])), []);
  assert.deepEqual(sent(session.edit([5, 'f'])), []);
  assert.equal(session.text, 'abcdef');
  assert.ok(session.hasUnsent());
  const confirmed = session.receive(history(1, [7, [3, 'd']]));
  assert.equal(confirmed.change, null);
  assert.deepEqual(sent(confirmed), [{ Edit: { revision: 2, operation: [4, 'ef'], sequence: 2 } }]);
  session.receive(history(2, [7, [4, 'ef']]));
  assert.ok(!session.hasUnsent());
  assert.equal(session.revision, 3);
});

test('edits of others are shown as they follow what is not yet confirmed', () => {
  const session = live('abc');
  session.edit([3, 'd']);
  session.edit([1, 'X', 3]);
  const effects = session.receive(history(1, [9, [-1, 2]], [9, [2, '!']]));
  assert.deepEqual(effects.change, [-1, 3, '!', 1]);
  assert.equal(session.text, 'Xbc!d');
  assert.deepEqual(session.save().outstanding, { operation: [3, 'd'], sequence: 1 });
});

test('typed and deleted again before it could be sent, nothing is sent', () => {
  const session = live('abc');
  session.edit([3, 'd']);
  session.edit([4, 'e']);
  session.edit([4, -1]);
  assert.deepEqual(sent(session.receive(history(1, [7, [3, 'd']]))), []);
  assert.ok(!session.hasUnsent());
});

test('an edit for another text is refused and changes nothing', () => {
  const session = live('abc');
  assert.throws(() => session.edit([2, 'x']), { code: 'INCOMPATIBLE_LENGTHS' });
  assert.equal(session.text, 'abc');
  assert.ok(!session.hasUnsent());
});

test('what is typed offline is kept, saved, and sent when the rest has arrived, not before', () => {
  const first = live('abc');
  first.disconnected();
  assert.deepEqual(first.edit([3, 'd']).send, []);
  const session = createPadSession({ sessionId: 'unused', saved: JSON.parse(JSON.stringify(first.save())) });
  assert.equal(session.text, 'abcd');
  assert.deepEqual(sent(session.connected()), [{ Hello: { session: SESSION, epoch: 'e1', revision: 1 } }]);
  assert.deepEqual(edits(session.receive(welcome({ user: 8, revision: 3 }))), []);
  assert.deepEqual(edits(session.receive(history(1, [9, ['>', 3]]))), []);
  assert.deepEqual(edits(session.receive(history(2, [9, [4, '<']]))), [
    { Edit: { revision: 3, operation: [5, 'd'], sequence: 1 } },
  ]);
  assert.equal(session.text, '>abc<d');
});

test('an edit whose confirmation was lost is known by its revision and not sent again', () => {
  const session = live('abc');
  session.edit([3, 'd']);
  session.disconnected();
  session.connected();
  session.receive(welcome({ user: 8, epoch: 'e2', revision: 3, acknowledged: { sequence: 1, revision: 3 } }));
  const effects = session.receive(history(1, [9, ['>', 3]], [7, [4, 'd']]));
  assert.deepEqual(effects.change, ['>', 4]);
  assert.deepEqual(edits(effects), []);
  assert.ok(!session.hasUnsent());
});

test('an edit that the server never got is sent again under its sequence', () => {
  const session = live('abc');
  session.edit([3, 'd']);
  session.disconnected();
  session.connected();
  assert.deepEqual(edits(session.receive(welcome({ user: 8, revision: 1 }))), [
    { Edit: { revision: 1, operation: [3, 'd'], sequence: 1 } },
  ]);
});

test('the same revision on a new line of history is not trusted before the server had time to say otherwise', () => {
  for (const isOther of [false, true]) {
    const session = live('abc');
    session.edit([3, 'd']);
    session.disconnected();
    session.connected();
    assert.deepEqual(sent(session.receive(welcome({ epoch: 'e2', revision: 1 }))), [{ Ping: 0 }]);
    assert.equal(session.phase, 'catching-up');
    if (isOther) session.receive({ Snapshot: { epoch: 'e2', revision: 1, text: 'other' } });
    const effects = session.receive({ Pong: 0 });
    assert.equal(session.phase, 'live');
    assert.equal(edits(effects).length, isOther ? 0 : 1);
    assert.equal(session.text, isOther ? 'otherd' : 'abcd');
  }
});

const snapshots: { name: string; acknowledged: object | null; text: string; expected: string; edits: number }[] = [
  { name: 'that has it', acknowledged: { sequence: 1, revision: 5 }, text: 'new abcd', expected: 'new abcde', edits: 1 },
  { name: 'that has it and lost part again', acknowledged: { sequence: 1, revision: 5 }, text: 'bc', expected: 'bce', edits: 1 },
  {
    name: 'of a server that remembers an earlier one',
    acknowledged: { sequence: 0, revision: 1 },
    text: 'abc!',
    expected: 'abc!de',
    edits: 1,
  },
  { name: 'that has it, of a server that has forgotten', acknowledged: null, text: 'new abcd', expected: 'new abcde', edits: 1 },
  {
    name: 'that has it not, of a server that has forgotten',
    acknowledged: null,
    text: 'new abc',
    expected: 'new abcde',
    edits: 1,
  },
];
for (const { name, acknowledged, text, expected, edits: count } of snapshots) {
  test(`an edit on its way meets a Snapshot ${name}`, () => {
    const session = live('abc');
    session.edit([3, 'd']);
    session.edit([4, 'e']);
    session.disconnected();
    session.connected();
    session.receive(welcome({ user: 8, epoch: 'e9', revision: 5, acknowledged }));
    const effects = session.receive({ Snapshot: { epoch: 'e9', revision: 5, text } });
    assert.equal(session.text, expected);
    assert.equal(edits(effects).length, count);
    assert.ok(effects.events.some(({ kind }) => kind === 'merged'));
    assert.equal(session.phase, 'live');
  });
}

test('a first Snapshot is the text, and what was typed while it was loading stays', () => {
  const session = createPadSession({ sessionId: SESSION });
  session.edit(['typed early']);
  session.connected();
  session.receive(welcome({ revision: 90 }));
  const effects = session.receive({ Snapshot: { epoch: 'e1', revision: 90, text: 'old\n' } });
  assert.equal(session.text, 'old\ntyped early');
  assert.deepEqual(effects.events, [{ kind: 'phase', phase: 'live' }]);
});

test('a refused edit is taken back, and what was typed after it stays', () => {
  const session = live('abc');
  session.edit([3, 'LONG']);
  session.edit([2, -1, 'x', 4]);
  const effects = session.receive({ Rejected: { sequence: 1, code: 'DOCUMENT_TOO_LARGE', message: 'too large' } });
  assert.equal(session.text, 'abx');
  assert.deepEqual(effects.change, [3, -4]);
  assert.deepEqual(effects.events, [{ kind: 'rejected', code: 'DOCUMENT_TOO_LARGE', message: 'too large', lost: 'LONG' }]);
  assert.deepEqual(edits(effects), [{ Edit: { revision: 1, operation: [2, 'x', -1], sequence: 2 } }]);
  assert.deepEqual(session.receive({ Rejected: { sequence: 1, code: 'DOCUMENT_TOO_LARGE', message: 'again' } }).events, []);
});

test('clients of a server with a full document end up with what it has', () => {
  const server = new ModelServer({ maxLength: 10 });
  const [a, b] = [new SimulatedClient(server, 'a'), new SimulatedClient(server, 'b')];
  for (const client of [a, b]) client.connect();
  for (const client of [a, b]) client.settle();
  a.edit(['12345678']);
  b.edit(['abcdefgh']);
  a.edit(['0', 8]);
  for (let i = 0; i < 3; i++) for (const client of [a, b]) client.settle();
  assert.equal(server.text, '012345678');
  assert.deepEqual([a.screen, b.screen], [server.text, server.text]);
  assert.deepEqual(
    b.events.filter(({ kind }) => kind === 'rejected'),
    [{ kind: 'rejected', code: 'DOCUMENT_TOO_LARGE', message: 'no', lost: 'abcdefgh' }],
  );
});

test('what is larger as JSON than a frame may be goes in pieces; what no document can hold is given back at once', () => {
  const session = live('', { maxBytes: 100_000 });
  const text = '"\n'.repeat(45_000);
  let frames = sent(session.edit([text])) as { Edit: { revision: number; operation: unknown } }[];
  let pieces = 0;
  for (; session.hasUnsent(); pieces++) {
    assert.equal(frames.length, 1);
    assert.ok(JSON.stringify(frames[0]).length <= 165_536);
    frames = sent(session.receive(history(pieces, [7, frames[0]?.Edit.operation]))) as typeof frames;
  }
  assert.equal(pieces, 2);
  assert.equal(session.text, text);
  assert.equal(session.save().confirmed, text);

  const refused = session.edit([90_000, 'x'.repeat(200_000)]);
  assert.deepEqual(refused.send, []);
  assert.deepEqual(refused.change, [90_000, -200_000]);
  assert.equal(refused.events[0]?.kind, 'rejected');
  assert.equal(session.text, text);
});

test('to somebody who may only read, an edit is undone; what they had typed before is given back to them', () => {
  const viewer = live('abc', { role: 'viewer' });
  const effects = viewer.edit([1, 'X', -1, 1]);
  assert.deepEqual(effects.change, [1, 'b', -1, 1]);
  assert.deepEqual(effects.send, []);
  assert.deepEqual(effects.events, [{ kind: 'rejected', code: 'READ_ONLY', message: 'this link is read-only', lost: 'X' }]);
  assert.equal(viewer.text, 'abc');

  const session = live('abc');
  session.edit([3, 'd']);
  session.edit([4, 'e']);
  session.disconnected();
  session.connected();
  const answer = session.receive(welcome({ role: 'viewer', revision: 1 }));
  assert.equal(session.text, 'abc');
  assert.deepEqual(answer.change, [3, -2]);
  assert.deepEqual(answer.events.at(-1), { kind: 'rejected', code: 'READ_ONLY', message: 'this link is read-only', lost: 'de' });
  assert.deepEqual(edits(answer), []);
});

test('a copy that was saved too early gives up what later edits of its session contain', () => {
  const server = new ModelServer();
  const client = new SimulatedClient(server, 'client');
  client.connect();
  client.settle();
  client.edit(['one ']);
  const early = client.kept;
  client.settle();
  client.edit([4, 'two']);
  client.settle();
  client.disconnect();
  client.restore(early);
  assert.equal(client.screen, 'one ');
  client.connect();
  client.settle();
  assert.equal(client.screen, 'one two');
  assert.deepEqual(
    client.events.filter(({ kind }) => kind === 'superseded'),
    [{ kind: 'superseded', lost: 'one ' }],
  );
  client.edit([7, '!']);
  client.settle();
  assert.equal(server.text, 'one two!');
});

const nonsense: { name: string; frames: unknown[] }[] = [
  { name: 'a gap in History', frames: [history(2, [9, [3, 'x']])] },
  { name: 'an operation for another text', frames: [history(1, [9, [2, 'x']])] },
  { name: 'a fitting and an unfitting operation', frames: [history(1, [9, [3, 'x']], [9, [3, 'x']])] },
  { name: 'another operation than the one that we sent', frames: [history(1, [7, [3, 'x']])] },
  { name: 'a second operation in our name', frames: [history(1, [7, [3, 'd']], [7, [4, 'd']])] },
  { name: 'a second Welcome', frames: [welcome()] },
  { name: 'no JSON', frames: ['{'] },
  { name: 'no object', frames: [[]] },
  { name: 'an operation that is none', frames: [history(1, [9, [null]])] },
  { name: 'a revision below zero', frames: [{ Snapshot: { epoch: 'e', revision: -1, text: '' } }] },
  { name: 'a text that is none', frames: [{ Snapshot: { epoch: 'e', revision: 1, text: null } }] },
];
for (const { name, frames } of nonsense) {
  test(`${name} is a ProtocolError, shows nothing, and is mended by a Snapshot`, () => {
    const session = live('abc');
    session.edit([3, 'd']);
    const before = session.save();
    assert.throws(() => frames.map((frame) => session.receive(frame)), ProtocolError);
    assert.equal(session.text, 'abcd');
    assert.deepEqual({ ...session.save(), epoch: before.epoch }, before);
    session.disconnected();
    session.connected();
    session.receive(welcome({ user: 8, epoch: 'e2', revision: 4 }));
    session.receive({ Snapshot: { epoch: 'e2', revision: 4, text: 'abc!' } });
    assert.equal(session.text, 'abc!d');
    assert.equal(session.phase, 'live');
  });
}

test('who has come apart asks for a Snapshot and waits for it, whatever the revision', () => {
  const session = live('abc');
  assert.throws(() => session.receive(history(1, [9, [2, 'x']])), ProtocolError);
  session.disconnected();
  assert.deepEqual(sent(session.connected()), [{ Hello: { session: SESSION, epoch: null, revision: 1 } }]);
  session.receive(welcome({ revision: 1 }));
  assert.equal(session.phase, 'catching-up');
});

test('messages before Welcome other than Welcome are refused, those after a disconnect ignored', () => {
  const session = createPadSession({ sessionId: SESSION });
  session.connected();
  assert.throws(() => session.receive({ Identity: 0 }), ProtocolError);
  session.disconnected();
  assert.deepEqual(session.receive(welcome()), { send: [], change: null, events: [] });
});

test('the system, beyond the numbers of JavaScript, is told from users, and unknown messages are ignored', () => {
  const session = live('abc');
  const language = session.receive('{"Language":{"language":"go","user_id":18446744073709551615,"user_name":"System"}}');
  assert.deepEqual(language.events, [{ kind: 'language', language: 'go', user: SYSTEM_USER, name: 'System', own: false }]);
  assert.equal(session.language, 'go');
  assert.deepEqual(session.receive('{"Weather":"fine"}'), { send: [], change: null, events: [] });
  assert.deepEqual(session.receive('{"constructor":1}').events, []);
  session.receive('{"History":{"start":1,"operations":[{"id":18446744073709551615,"operation":[3,"!"]}]}}');
  assert.equal(session.text, 'abc!');
});

test('a language that was chosen offline is told later, once', () => {
  const session = live();
  session.disconnected();
  assert.deepEqual(session.setLanguage('rust').send, []);
  session.connected();
  assert.deepEqual(sent(session.receive(welcome())), [{ SetLanguage: 'rust' }]);
  assert.deepEqual(session.cursor({ cursors: [0], selections: [] }).send, ['{"CursorData":{"cursors":[0],"selections":[]}}']);
});

test('the own cursor is not told while there is something typed that the server has not been sent', () => {
  const session = live('abc');
  session.edit([3, 'd']);
  assert.equal(session.cursor({ cursors: [4], selections: [] }).send.length, 1);
  session.edit([4, 'e']);
  assert.deepEqual(session.cursor({ cursors: [5], selections: [[1, 5]] }).send, []);
  const effects = session.receive(history(1, [9, ['>', 3]], [7, [4, 'd']]));
  assert.deepEqual(sent(effects).at(-1), { CursorData: { cursors: [6], selections: [[2, 6]] } });
});

test('users come, change and go, and their cursors stay where they are in the text on the screen', () => {
  const session = live('abc');
  session.edit([1, 'XX', 2]);
  const join = session.receive({ UserInfo: { id: 9, info: { name: 'Bo', hue: 1 } } });
  const change = session.receive({ UserInfo: { id: 9, info: { name: 'Bob', hue: 1, viewer: true } } });
  assert.deepEqual(
    [...join.events, ...change.events].map(({ kind }) => kind),
    ['joined', 'changed'],
  );
  session.receive({ UserCursor: { id: 9, data: { cursors: [2], selections: null } } });
  assert.deepEqual(session.cursors.get(9), { cursors: [4], selections: [] });
  session.edit(['>', 5]);
  assert.deepEqual(session.cursors.get(9)?.cursors, [5]);
  session.receive(history(1, [9, [2, 'yy', 1]]));
  assert.deepEqual(session.cursors.get(9)?.cursors, [7]);
  assert.deepEqual(session.receive({ UserCursor: { id: 7, data: { cursors: [2], selections: [] } } }).events, []);
  const leave = session.receive({ UserInfo: { id: 9 } });
  assert.deepEqual(leave.events, [{ kind: 'left', id: 9, info: { name: 'Bob', hue: 1, viewer: true } }]);
  assert.equal(session.cursors.size + session.users.size, 0);
});

test('news of tokens, expiry and links say whether they are of our own doing', () => {
  const session = live();
  const by = { user_id: 7, user_name: 'Me' };
  const own = { user: 7, name: 'Me', own: true };
  for (const [frame, event] of [
    [{ OTP: { otp: 'secret', ...by } }, { kind: 'otp', otp: 'secret', ...own }],
    [{ OTP: { otp: null, ...by, user_id: 8 } }, { kind: 'otp', otp: null, ...own, user: 8, own: false }],
    [{ Expiry: { hours: 1, chosen: true, ...by } }, { kind: 'expiry', expiry: { hours: 1, chosen: true }, ...own }],
    [{ ViewLink: { id: 'ro-1', ...by } }, { kind: 'viewLink', id: 'ro-1', ...own }],
    [{ Pong: 3 }, { kind: 'pong', ping: 3 }],
  ])
    assert.deepEqual(session.receive(frame).events, [event]);
});
