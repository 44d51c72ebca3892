import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { type Welcome } from '../domain/messages.ts';
import { FakeSocket } from './fake-socket.ts';
import { edit, hello, openTestDocuments } from './testing.ts';

test('an edit is seen by everybody, its author included, only after it is stored', () => {
  using it = openTestDocuments();
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
  using it = openTestDocuments();
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

test('a client comes back to where it was, and what it sends again is taken once', () => {
  using it = openTestDocuments();
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
  using it = openTestDocuments();
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
  using it = openTestDocuments();
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
  using it = openTestDocuments();
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
  using it = openTestDocuments();
  const ann = it.join();
  const actor = { ...it.named(ann), ticket: null };
  it.refuse(new Error('disk full'));
  assert.throws(() => it.documents.protect('d', actor, null), /internal error/);
  assert.equal(it.documents.isProtected('d'), false);
  assert.deepEqual(ann.all('OTP'), []);
});

test('what belongs to a participant asks for the ticket of the very connection', () => {
  using it = openTestDocuments();
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
  using it = openTestDocuments();
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
  using it = openTestDocuments();
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
    using it = openTestDocuments();
    const [ann, bob] = [it.join(), it.join()];
    ann.says(bad);
    assert.deepEqual([ann.closed?.code, bob.closed], [code, null]);
  });

test('the last of a session closes the ones before it', () => {
  using it = openTestDocuments();
  const [first, second] = [it.join({ extended: true }), it.join({ extended: true })];
  first.says(hello('a'));
  second.says(hello('a'));
  assert.deepEqual([first.closed?.code, second.closed], [4409, null]);
});

test('text through the HTTP API is one operation among others', () => {
  using it = openTestDocuments();
  const ann = it.join();
  ann.says(edit(0, ['one two']));
  mock.timers.tick(20);
  assert.equal(it.documents.writeText({ documentId: 'd', role: 'editor' }, 'one three'), 2);
  assert.deepEqual(ann.all<{ start: number }>('History').at(-1)?.start, 1);
  assert.equal(it.documents.readText({ documentId: 'd', role: 'editor' })?.text, 'one three');
  assert.throws(() => it.documents.writeText({ documentId: 'd', role: 'editor' }, 'x'.repeat(2_000)), /larger than 1 KB/);
});

test('there is room for so many in a document and from an address', () => {
  using it = openTestDocuments();
  const admission = { documentId: 'd', role: 'editor' } as const;
  for (let count = 0; count < 5; count += 1) it.join({ address: `10.0.0.${count}` });
  assert.throws(() => it.documents.checkRoom(admission, 'new'), /to this document/);
  const sockets = Array.from({ length: 4 }, (_, index) => it.join({ address: '10.0.0.1' }, `x${index}`));
  assert.throws(() => it.documents.checkRoom({ documentId: 'y', role: 'editor' }, '10.0.0.1'), /from your address/);
  sockets[0]?.leave();
  it.documents.checkRoom({ documentId: 'y', role: 'editor' }, '10.0.0.1');
});
