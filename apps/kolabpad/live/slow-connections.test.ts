import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { edit, openTestDocuments } from './testing.ts';

test('cursors that move quickly are told as they stand, once a moment', () => {
  using it = openTestDocuments();
  const [ann, bob] = [it.join(), it.join()];
  ann.says(edit(0, ['hello']));
  mock.timers.tick(20);
  for (let position = 0; position < 5; position += 1) ann.says({ CursorData: { cursors: [position], selections: [] } });
  mock.timers.tick(20);
  assert.deepEqual(bob.all('UserCursor'), [{ id: 0, data: { cursors: [4], selections: [] } }]);
});

test('a slow reader is told later what it missed, in order, and costs no memory meanwhile', () => {
  using it = openTestDocuments({ maxDocumentBytes: 1_000_000, messagesPerSecond: 10_000 });
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
  using it = openTestDocuments({ maxDocumentBytes: 1_000_000 });
  const [ann, slow] = [it.join(), it.join()];
  slow.stream.isStuck = true;
  ann.says(edit(0, ['x'.repeat(300_000)]));
  for (let second = 0; second < 15; second += 1) mock.timers.tick(1_000);
  assert.deepEqual([slow.closed?.code, ann.closed], [1006, null]);
});

test('a reader on a slow line is alive as long as it takes something', () => {
  using it = openTestDocuments({ maxDocumentBytes: 1_000_000 });
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
  using it = openTestDocuments({ maxDocumentBytes: 1_000_000, messagesPerSecond: 10_000 });
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
  using it = openTestDocuments();
  const [gone, here] = [it.join(), it.join()];
  gone.answersPings = false;
  mock.timers.tick(75_000);
  assert.deepEqual([gone.closed?.code, here.closed], [1006, null]);
});

test('whoever is too fast is read more slowly, and nothing of theirs is lost', () => {
  using it = openTestDocuments({ messagesPerSecond: 10 });
  const ann = it.join();
  for (let revision = 0; revision < 25; revision += 1) ann.says(edit(revision, revision === 0 ? ['x'] : [revision, 'x']));
  assert.equal(ann.isPaused, true);
  mock.timers.tick(1_000);
  assert.equal(ann.isPaused, false);
  assert.equal(it.documents.readText({ documentId: 'd', role: 'editor' })?.text, 'x'.repeat(25));
});
