import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Move, movedBy, parseArrangement, type Place } from './arrangement.ts';

/** `A (a b) B C` */
const MENU: readonly Place[] = [
  { id: 1, parentId: null },
  { id: 11, parentId: 1 },
  { id: 12, parentId: 1 },
  { id: 2, parentId: null },
  { id: 3, parentId: null },
];

const shown = (places: readonly Place[] | string | undefined): string =>
  typeof places === 'object'
    ? places.map(({ id, parentId }) => (parentId === null ? `${id}` : `${parentId}>${id}`)).join(' ')
    : String(places);

const moves: readonly { id: number; move: Move; expected: string }[] = [
  { id: 2, move: 'up', expected: '2 1 1>11 1>12 3' },
  { id: 1, move: 'down', expected: '2 1 1>11 1>12 3' },
  { id: 3, move: 'up', expected: '1 1>11 1>12 3 2' },
  { id: 12, move: 'up', expected: '1 1>12 1>11 2 3' },
  { id: 2, move: 'indent', expected: '1 1>11 1>12 1>2 3' },
  { id: 3, move: 'indent', expected: '1 1>11 1>12 2 2>3' },
  { id: 11, move: 'outdent', expected: '1 1>12 11 2 3' },
  { id: 1, move: 'up', expected: 'undefined' },
  { id: 3, move: 'down', expected: 'undefined' },
  { id: 12, move: 'down', expected: 'undefined' },
  { id: 1, move: 'indent', expected: 'undefined' },
  { id: 12, move: 'indent', expected: 'undefined' },
  { id: 2, move: 'outdent', expected: 'undefined' },
  { id: 99, move: 'up', expected: 'undefined' },
];
for (const { id, move, expected } of moves)
  test(`${id} ${move} makes ${expected}`, () => assert.equal(shown(movedBy(MENU, id, move)), expected));

test('what has entries below it cannot go below another one', () => {
  const menu = [{ id: 5, parentId: null }, ...MENU];
  assert.equal(movedBy(menu, 1, 'indent'), undefined);
});

const entry = (id: unknown, parent: unknown, order: unknown) => ({ id, parent_id: parent, order });
const whole = [entry(1, null, 0), entry(11, 1, 0), entry(12, 1, 1), entry(2, null, 1), entry(3, null, 2)];
const arrangements: readonly { name: string; sent: unknown; expected: string }[] = [
  { name: 'the same again', sent: whole, expected: '1 1>11 1>12 2 3' },
  {
    name: 'orders that count within each parent',
    sent: [entry(3, null, 0), entry(1, null, 1), entry(2, null, 2), entry(12, 3, 0), entry(11, 3, 1)],
    expected: '3 3>12 3>11 1 2',
  },
  { name: 'an entry without a parent', sent: [{ id: 1, order: 0 }, ...whole.slice(1)], expected: '1 1>11 1>12 2 3' },
  { name: 'no list', sent: { id: 1 }, expected: 'a list of {"id", "parent_id", "order"} is expected' },
  {
    name: 'texts for numbers',
    sent: [entry('1', null, 0), ...whole.slice(1)],
    expected: 'every entry needs an id, a parent_id (or null) and an order, as whole numbers',
  },
  {
    name: 'null among them',
    sent: [null],
    expected: 'every entry needs an id, a parent_id (or null) and an order, as whole numbers',
  },
  { name: 'one twice', sent: [...whole, entry(3, 1, 5)], expected: 'an item is there twice' },
  { name: 'one missing', sent: whole.slice(0, 4), expected: 'item 3 is missing' },
  { name: 'a foreign one', sent: [...whole.slice(0, 4), entry(77, null, 2)], expected: 'item 77 is not of this menu' },
  { name: 'a foreign parent', sent: [...whole.slice(0, 4), entry(3, 77, 2)], expected: 'item 77 is not of this menu' },
  { name: 'one below itself', sent: [...whole.slice(0, 4), entry(3, 3, 2)], expected: 'item 3 would be below itself' },
  {
    name: 'a loop',
    sent: [entry(1, 2, 0), entry(11, 1, 0), entry(12, 1, 1), entry(2, 1, 1), entry(3, null, 2)],
    expected: 'item 1 would be deeper than two levels',
  },
  { name: 'three levels', sent: [...whole.slice(0, 4), entry(3, 11, 2)], expected: 'item 3 would be deeper than two levels' },
];
for (const { name, sent, expected } of arrangements)
  test(`an arrangement with ${name}: ${expected}`, () => assert.equal(shown(parseArrangement(MENU, sent)), expected));
