import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Dialect, Editor } from './editor.ts';
import { type History, targetLength } from './history.ts';
import { Meter } from './meter.ts';
import { Room } from './room.ts';

type Edit = { revision: number; operation: (string | number)[] };

function openRoom(count: number, dialect: Dialect = 'kolabpad') {
  const meter = new Meter();
  const room = new Room('pad', meter);
  const sent: Edit[][] = [];
  const editors = Array.from({ length: count }, (_, user) => {
    const messages: Edit[] = [];
    sent.push(messages);
    const editor = new Editor(room, meter, { dialect, maxLength: 100, cursors: false }, (text) => {
      const message = JSON.parse(text) as { Edit: Edit } | { History: History };
      messages.push('Edit' in message ? message.Edit : (message.History as unknown as Edit));
    });
    editor.receive(Buffer.from(`{"Identity":${user}}`));
    return editor;
  });
  const history = (start: number, ...items: readonly [id: number, operation: readonly (string | number)[]][]): void => {
    const operations = items.map(([id, operation]) => ({ id, operation }));
    for (const editor of editors) editor.receive(Buffer.from(JSON.stringify({ History: { start, operations } })));
  };
  meter.start();
  return { meter, editors, sent, history };
}

const baseLength = (operation: readonly (string | number)[]): number =>
  operation.reduce<number>((sum, component) => sum + (typeof component === 'number' ? Math.abs(component) : 0), 0);

test('keys struck while an operation is under way go out as one insert on the text that the last History left', () => {
  const { editors, sent, history, meter } = openRoom(3);
  editors[0]?.strike(performance.now());
  editors[0]?.strike(performance.now());
  editors[0]?.strike(performance.now());
  assert.equal(sent[0]?.length, 1);
  const first = sent[0]?.[0]?.operation ?? [];
  assert.equal(targetLength(first), 1);
  history(0, [0, first], [9, [1, 'from another']]);
  assert.equal(sent[0]?.length, 2);
  assert.equal(sent[0]?.[1]?.revision, 2);
  const second = sent[0]?.[1]?.operation ?? [];
  assert.equal(baseLength(second), 13);
  assert.equal(targetLength(second), 15);
  assert.equal(meter.complete, false);
  history(2, [0, second]);
  meter.stop();
  const { keystrokes, edits, delays, wrong } = meter.tally();
  assert.deepEqual({ keystrokes, edits, delays, wrong }, { keystrokes: 3, edits: 2, delays: { expected: 6, seen: 6 }, wrong: 0 });
});

test('the delay is from the key to the moment when another editor has it, not the author', () => {
  const { editors, sent, meter } = openRoom(2);
  editors[0]?.strike(performance.now());
  const message = Buffer.from(
    JSON.stringify({ History: { start: 0, operations: [{ id: 0, operation: sent[0]?.[0]?.operation }] } }),
  );
  editors[0]?.receive(message);
  assert.equal(meter.complete, false);
  editors[1]?.receive(message);
  assert.equal(meter.complete, true);
  editors[1]?.receive(message); // again: it knows that revision
  meter.stop();
  assert.deepEqual(meter.tally().delays, { expected: 1, seen: 1 });
});

test('an edit that comes back as another text is noticed', () => {
  const { editors, history, meter } = openRoom(2);
  editors[0]?.strike(performance.now());
  history(0, [0, ['not what was typed']]);
  meter.stop();
  assert.equal(meter.tally().wrong, 1);
});

test('a gap in the history is noticed', () => {
  const { history } = openRoom(1);
  assert.throws(() => history(1, [5, ['x']]), /goes on at 1 for an editor at 0/);
});

test('a text that is long enough is shortened', () => {
  const { editors, sent, history } = openRoom(1);
  history(0, [5, ['x'.repeat(101)]]);
  editors[0]?.strike(performance.now());
  const operation = sent[0]?.[0]?.operation ?? [];
  assert.equal(baseLength(operation), 101);
  assert.equal(targetLength(operation), 37);
});

test('with a relay, the order in which messages come is the history', () => {
  const { editors, history, meter } = openRoom(2, 'relay');
  for (const editor of editors) editor.strike(performance.now());
  history(0, [1, ['b']]);
  history(0, [0, ['a']]);
  meter.stop();
  assert.deepEqual(meter.tally().delays, { expected: 2, seen: 2 });
});
