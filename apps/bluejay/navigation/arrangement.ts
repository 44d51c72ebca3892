/** The order and nesting of a menu's items, as somebody wants it: understood, checked, and moved by one step. Pure. */
import { inMenuOrder, type Item } from './menu.ts';

/** Where an item stands. The order of places is the order of the menu: each parent, then its children. */
export type Place = { readonly id: number; readonly parentId: number | null };

export type Move = 'up' | 'down' | 'indent' | 'outdent';

export const MOVES: readonly Move[] = ['up', 'down', 'indent', 'outdent'];

type Placed = Pick<Item, 'id' | 'parentId'>;

/**
 * Understands `[{"id": 3, "parent_id": null, "order": 0}, …]`, the whole menu. A text says what is wrong with it: not a list, an
 * item that is missing, foreign or twice there, one below itself, or deeper than two levels.
 */
export const parseArrangement = (items: readonly Placed[], sent: unknown): readonly Place[] | string => {
  if (!Array.isArray(sent)) return 'a list of {"id", "parent_id", "order"} is expected';
  const wanted = sent.map(parseEntry);
  if (!wanted.every((entry) => entry !== undefined))
    return 'every entry needs an id, a parent_id (or null) and an order, as whole numbers';
  const byId = new Map(wanted.map((entry) => [entry.id, entry]));
  if (byId.size !== wanted.length) return 'an item is there twice';
  const known = new Set(items.map(({ id }) => id));
  const foreign = wanted.find(({ id }) => !known.has(id));
  if (foreign !== undefined) return `item ${foreign.id} is not of this menu`;
  const missing = items.find(({ id }) => !byId.has(id));
  if (missing !== undefined) return `item ${missing.id} is missing`;
  for (const { id, parentId } of wanted) {
    if (parentId === null) continue;
    const parent = byId.get(parentId);
    if (parentId === id) return `item ${id} would be below itself`;
    if (parent === undefined) return `item ${parentId} is not of this menu`;
    // A loop is a parent that has a parent, too.
    if (parent.parentId !== null) return `item ${id} would be deeper than two levels`;
  }
  const inOrder = wanted.toSorted((one, other) => one.order - other.order);
  return placesOf(inOrder);
};

/** The menu after one step; undefined where there is no such step: the first one up, a third level. */
export const movedBy = (items: readonly Placed[], id: number, move: Move): readonly Place[] | undefined => {
  const item = items.find((one) => one.id === id);
  if (item === undefined) return undefined;
  const siblings = items.filter(({ parentId }) => parentId === item.parentId);
  const index = siblings.indexOf(item);
  const others = items.filter((one) => one !== item);
  switch (move) {
    case 'up':
    case 'down': {
      const neighbour = siblings[move === 'up' ? index - 1 : index + 1];
      if (neighbour === undefined) return undefined;
      const exchanged = items.map((one) => (one === item ? neighbour : one === neighbour ? item : one));
      return placesOf(exchanged);
    }
    case 'indent': {
      const parent = siblings[index - 1];
      const hasChildren = items.some(({ parentId }) => parentId === id);
      if (item.parentId !== null || parent === undefined || hasChildren) return undefined;
      // At the end of the list it is the last of its new siblings.
      return placesOf([...others, { id, parentId: parent.id }]);
    }
    case 'outdent': {
      const parent = others.findIndex((one) => one.id === item.parentId);
      if (parent === -1) return undefined;
      return placesOf(others.toSpliced(parent + 1, 0, { id, parentId: null }));
    }
  }
};

const placesOf = (items: readonly Placed[]): readonly Place[] => inMenuOrder(items).map(({ id, parentId }) => ({ id, parentId }));

const parseEntry = (entry: unknown): (Place & { readonly order: number }) | undefined => {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { id, parent_id: parentId = null, order } = entry as Readonly<Record<string, unknown>>;
  if (!isWhole(id) || !isWhole(order) || !(parentId === null || isWhole(parentId))) return undefined;
  return { id, parentId, order };
};

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
