import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { openTestPanel, type TestPanel } from '../admin/testing/test-panel.ts';
import { createMenus, type Menus } from './menus.ts';
import { readMenu } from './read-menu.ts';

let panel: TestPanel;
let menus: Menus;

const PAGE = { label: 'Products', link_type: 'page', page_identifier: 'products', is_active: '1' };

/** `Products(Sensors Switches) Blog` */
const labelsOf = (location: 'header' | 'footer'): string | undefined => {
  const read = readMenu(panel.database)(location, panel.content.view());
  return read
    ?.map(({ label, children }) =>
      children.length === 0 ? label : `${label}(${children.map((child) => child.label).join(' ')})`,
    )
    .join(' ');
};

const makeMenu = (labels: readonly string[]): { readonly id: number; readonly items: readonly number[] } => {
  const { id } = menus.create({ name: 'Main', location: 'header' });
  const item = { linkType: 'url', url: '/x', page: '', opensNewTab: false, isActive: true } as const;
  return { id, items: labels.map((label) => menus.addItem(id, { ...item, label })) };
};

suite('menus', () => {
  before(async () => {
    panel = await openTestPanel();
    menus = createMenus(panel.database, panel.bluejay.now);
  });
  after(async () => panel[Symbol.asyncDispose]());
  beforeEach(() => {
    for (const { id } of menus.list()) menus.remove(id);
    panel.changes.length = 0;
    panel.entries.length = 0;
  });

  test('an editor makes a menu, adds an entry of each kind, and visitors see it', async () => {
    assert.equal(labelsOf('header'), undefined);
    const made = await panel.post('editor', '/admin/navigation', { name: 'Main', location: 'header' });
    assert.equal(made.statusCode, 303);
    const address = String(made.headers.location);
    assert.equal((await panel.post('editor', `${address}/items`, PAGE)).statusCode, 303);
    await panel.post('editor', `${address}/items`, {
      label: 'Docs',
      link_type: 'url',
      url: 'https://example.com/docs',
      open_new_tab: '1',
      is_active: '1',
    });
    await panel.post('editor', `${address}/items`, { label: 'Hidden', link_type: 'url', url: '/hidden' });
    await panel.post('editor', `${address}/items`, { label: 'Nothing below', link_type: 'dropdown', is_active: '1' });
    assert.deepEqual(readMenu(panel.database)('header', panel.content.view()), [
      { label: 'Products', href: '/products', opensNewTab: false, children: [] },
      { label: 'Docs', href: 'https://example.com/docs', opensNewTab: true, children: [] },
    ]);
    const view = panel.content.view();
    readMenu(panel.database)('footer', view);
    assert.deepEqual(view.tags(), ['navigation']);
    assert.equal(
      panel.changes.every(({ tags }) => tags.includes('navigation')),
      true,
    );
    assert.equal(panel.changes.length, 5);
    assert.match(panel.entries.at(-1)?.description ?? '', /Added “Nothing below” to the menu “Main”\./);
  });

  const wrong = [
    { name: 'no label', fields: { ...PAGE, label: '' }, message: 'Give it a label' },
    { name: 'a page that is not there', fields: { ...PAGE, page_identifier: 'secret' }, message: 'Choose a page' },
    {
      name: 'a script as its address',
      fields: { ...PAGE, link_type: 'url', url: 'javascript:alert(1)' },
      message: 'Give an address',
    },
    {
      name: 'another host without a scheme',
      fields: { ...PAGE, link_type: 'url', url: '//evil.example' },
      message: 'Give an address',
    },
    { name: 'no address', fields: { ...PAGE, link_type: 'url' }, message: 'Give an address' },
  ];
  for (const { name, fields, message } of wrong)
    test(`an entry with ${name} is refused, and what was typed stays`, async () => {
      const { id, items } = makeMenu(['First']);
      for (const address of [`/admin/navigation/${id}/items`, `/admin/navigation/items/${items[0]}`]) {
        const { statusCode, body } = await panel.post('editor', address, fields);
        assert.equal(statusCode, 400);
        assert.match(body, new RegExp(message));
        if (fields.label !== '') assert.match(body, /value="Products"/);
      }
      assert.equal(labelsOf('header'), 'First');
    });

  test('a place has one menu', async () => {
    makeMenu([]);
    const { statusCode, body } = await panel.post('editor', '/admin/navigation', { name: 'Another', location: 'header' });
    assert.equal(statusCode, 400);
    assert.match(body, /“Main” stands there already/);
    assert.equal((await panel.post('editor', '/admin/navigation', { name: 'Another', location: 'nowhere' })).statusCode, 400);
  });

  test('entries move by buttons that need no script', async () => {
    const { id, items } = makeMenu(['A', 'B', 'C']);
    const move = async (index: number, to: string) =>
      panel.post('editor', `/admin/navigation/items/${items[index]}/move`, { move: to });
    const answer = await move(1, 'indent');
    assert.deepEqual([answer.statusCode, answer.headers.location], [303, `/admin/navigation/${id}#item-${items[1]}`]);
    assert.equal(labelsOf('header'), 'A(B) C');
    await move(2, 'indent');
    await move(2, 'up');
    assert.equal(labelsOf('header'), 'A(C B)');
    await move(2, 'outdent');
    await move(2, 'up');
    assert.equal(labelsOf('header'), 'C A(B)');
    assert.equal((await move(2, 'sideways')).statusCode, 303);
    assert.equal(labelsOf('header'), 'C A(B)');
    const fragment = await panel.post(
      'editor',
      `/admin/navigation/items/${items[0]}/move`,
      { move: 'up' },
      { 'hx-request': 'true' },
    );
    assert.match(fragment.body, /^<ol class="menu-items">/);
  });

  test('an order is taken as a whole or not at all', async () => {
    const { id, items } = makeMenu(['A', 'B', 'C']);
    const [a, b, c] = items;
    const reorder = (body: unknown) => panel.json('editor', `/admin/navigation/${id}/reorder`, body);
    const taken = await reorder([
      { id: c, parent_id: null, order: 0 },
      { id: a, parent_id: c, order: 0 },
      { id: b, parent_id: null, order: 1 },
    ]);
    assert.deepEqual([taken.statusCode, taken.json()], [200, { status: 'ok' }]);
    assert.equal(labelsOf('header'), 'C(A) B');
    const other = menus.create({ name: 'Other', location: 'footer' });
    const foreign = menus.addItem(other.id, {
      label: 'F',
      linkType: 'url',
      url: '/',
      page: '',
      opensNewTab: false,
      isActive: true,
    });
    for (const body of [
      [
        { id: a, parent_id: b, order: 0 },
        { id: b, parent_id: a, order: 0 },
        { id: c, parent_id: null, order: 0 },
      ],
      [
        { id: a, parent_id: null, order: 0 },
        { id: b, parent_id: null, order: 1 },
        { id: foreign, parent_id: null, order: 2 },
      ],
      [{ id: a, parent_id: null, order: 0 }],
      'nothing',
    ]) {
      const refused = await reorder(body);
      assert.equal(refused.statusCode, 400);
      assert.equal(typeof refused.json().error, 'string');
    }
    assert.equal(labelsOf('header'), 'C(A) B');
  });

  test('an entry goes with what is below it, a menu with all of its entries', async () => {
    const { id, items } = makeMenu(['A', 'B']);
    await panel.post('editor', `/admin/navigation/items/${items[1]}/move`, { move: 'indent' });
    assert.match((await panel.get('editor', `/admin/navigation/${id}`)).body, /Delete with the 1 below/);
    assert.equal((await panel.delete('editor', `/admin/navigation/items/${items[0]}`, { 'hx-request': 'true' })).statusCode, 200);
    assert.equal(labelsOf('header'), '');
    assert.equal((await panel.delete('editor', `/admin/navigation/${id}`)).statusCode, 204);
    assert.equal(labelsOf('header'), undefined);
    for (const address of [`/admin/navigation/${id}`, `/admin/navigation/items/${items[0]}`, '/admin/navigation/abc'])
      assert.equal((await panel.post('editor', `${address}/delete`)).statusCode, 404, address);
  });

  test('a visitor of the panel who may not publish edits no menu', async () => {
    const { id, items } = makeMenu(['A']);
    for (const role of ['author', 'viewer'] as const) {
      assert.equal((await panel.get(role, `/admin/navigation/${id}`)).statusCode, 403);
      assert.equal((await panel.post(role, `/admin/navigation/items/${items[0]}/delete`)).statusCode, 403);
      assert.equal((await panel.json(role, `/admin/navigation/${id}/reorder`, [])).statusCode, 403);
    }
    assert.equal(labelsOf('header'), 'A');
  });
});
