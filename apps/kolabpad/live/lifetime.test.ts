import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { SYSTEM_USER, type Welcome } from '../domain/messages.ts';
import { edit, hello, HOUR_MS, openTestDocuments } from './testing.ts';

test('asking for a document and leaving it makes none', () => {
  using it = openTestDocuments();
  assert.equal(it.documents.readText({ documentId: 'd', role: 'editor' }), undefined);
  const ann = it.join();
  assert.equal(it.documents.stats().documentsInMemory, 1);
  ann.leave();
  assert.deepEqual([it.documents.stats().documentsInMemory, it.store.countDocuments()], [0, 0]);
});

test('while the store refuses nothing is acknowledged or read; afterwards everything is', () => {
  using it = openTestDocuments();
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
  using it = openTestDocuments();
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
  using it = openTestDocuments();
  const ann = it.join();
  ann.says(edit(0, ['a']));
  mock.timers.tick(30_000);
  ann.says({ SetLanguage: 'rust' });
  mock.timers.tick(40_000);
  assert.equal(it.store.find('d')?.language, 'rust');
});

test('a document leaves the memory after a day without visitors, and comes back as it was', () => {
  using it = openTestDocuments();
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
  using it = openTestDocuments();
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

test('at shutdown everything is stored, its authors are told, and everybody is asked to come back', async () => {
  using it = openTestDocuments();
  const ann = it.join();
  ann.says(edit(0, ['last words']));
  const flushed = await it.documents.shutdown(10_000);
  assert.equal(flushed, 1);
  assert.equal(ann.all('History').length, 1);
  assert.equal(ann.closed?.code, 1012);
  assert.deepEqual(it.snapshots, ['last words']);
  assert.throws(() => it.documents.checkRoom({ documentId: 'd', role: 'editor' }, 'x'), /restarting/);
});

test('while the store refuses, a newcomer is asked to come later rather than told what may not last', () => {
  using it = openTestDocuments();
  const ann = it.join();
  it.refuse(new Error('disk full'));
  ann.says(edit(0, ['not stored']));
  const bob = it.join({ extended: true });
  bob.says(hello('b'));
  assert.deepEqual([bob.closed?.code, bob.frames], [1013, []]);
});
