/** The screens of menus: all of them, and the editor of one. Every button works without a script. */
import type { Session } from '../accounts/session.ts';
import type { AdminFrame } from '../admin/admin-page.ts';
import type { FieldProblem } from '../content/draft.ts';
import { attribute, html, type Html } from '../html/html.ts';
import { movedBy, type Move } from './arrangement.ts';
import { type Item, type ItemDraft, LINK_TYPES, type Menu, MENU_LOCATIONS, MENU_PAGES, targetOf } from './menu.ts';

export type MenuEntered = { readonly name: string; readonly location: string };

export const renderMenus = (options: {
  readonly csrf: Html;
  readonly menus: readonly (Menu & { readonly items: number })[];
  readonly entered?: MenuEntered;
  readonly problems?: readonly FieldProblem[];
}): Html => {
  const { csrf, menus, entered = { name: '', location: '' }, problems = [] } = options;
  return html`<p class="intro">Links of the header, the footer and the menu of phones. Where no menu is made, the settings of the header and the footer count.</p>
${
  menus.length === 0
    ? html`<div class="empty"><p>There are no menus yet. Make the first one below: choose where it stands.</p></div>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="Menus"><table class="records"><thead><tr><th scope="col">Menu</th><th scope="col">Where it stands</th><th scope="col">Entries</th></tr></thead>
<tbody>${menus.map((menu) => html`<tr><th scope="row"><a href="/admin/navigation/${menu.id}">${menu.name}</a></th><td data-label="Where it stands">${locationLabel(menu)}</td><td data-label="Entries">${menu.items}</td></tr>`)}</tbody></table></div>`
}
<section class="box" aria-labelledby="new-menu"><h2 id="new-menu">New menu</h2>
<form method="post" action="/admin/navigation">${csrf}${menuFields(entered, problems)}<button class="button button-primary" type="submit">Make the menu</button></form></section>`;
};

export type EditorOptions = {
  readonly admin: AdminFrame;
  readonly session: Session;
  readonly menu: Menu;
  readonly items: readonly Item[];
  /** What was refused: of which form (`settings`, `new`, or an item's id), with what was entered. */
  readonly refused?: {
    readonly form: 'settings' | 'new' | number;
    readonly entered: ItemDraft | MenuEntered;
    readonly problems: readonly FieldProblem[];
  };
};

const EMPTY: ItemDraft = { label: '', linkType: 'page', url: '', page: '', opensNewTab: false, isActive: true };

export const renderEditor = (options: EditorOptions): Html => {
  const { admin, session, menu, refused } = options;
  const csrf = admin.csrfInput(session);
  const problemsOf = (form: 'settings' | 'new') => (refused?.form === form ? refused.problems : []);
  const entered = refused?.form === 'settings' && 'name' in refused.entered ? refused.entered : menu;
  const added = refused?.form === 'new' && 'label' in refused.entered ? refused.entered : EMPTY;
  return html`<div class="menu-editor" data-menu-editor="${menu.id}">
<p class="intro">Drag entries by their handle, or use the buttons; with the keyboard, Alt and an arrow key move the entry that is focused.</p>
<div data-menu-items>${renderItems(options)}</div>
<p class="visually-hidden" role="status" data-menu-status></p>
</div>
<section class="box" aria-labelledby="new-item"><h2 id="new-item">New entry</h2>
<form method="post" action="/admin/navigation/${menu.id}/items">${csrf}${itemFields('new', added, problemsOf('new'))}<button class="button button-primary" type="submit">Add the entry</button></form></section>
<section class="box" aria-labelledby="menu-settings"><h2 id="menu-settings">Menu</h2>
<form method="post" action="/admin/navigation/${menu.id}/settings">${csrf}${menuFields(entered, problemsOf('settings'))}<button class="button" type="submit">Save</button></form>
<details class="danger-zone"><summary>Delete this menu</summary><form method="post" action="/admin/navigation/${menu.id}/delete">${csrf}<p>Its entries go with it, and the settings of the header or footer count again.</p><button class="button button-danger" type="submit">Delete “${menu.name}”</button></form></details></section>`;
};

/** The list alone: also what a script gets after a move. */
export const renderItems = (options: EditorOptions): Html => {
  const { items } = options;
  if (items.length === 0) return html`<div class="empty"><p>This menu is empty. Add its first entry below.</p></div>`;
  const below = (parent: number | null) => items.filter(({ parentId }) => parentId === parent);
  return html`<ol class="menu-items">${below(null).map((item) => {
    const children = below(item.id);
    return renderItem(
      options,
      item,
      html`${children.length > 0 && html`<ol>${children.map((child) => renderItem(options, child, html``))}</ol>`}`,
    );
  })}</ol>`;
};

const BUTTONS: readonly { readonly move: Move; readonly label: string; readonly sign: string }[] = [
  { move: 'up', label: 'Up', sign: '↑' },
  { move: 'down', label: 'Down', sign: '↓' },
  { move: 'indent', label: 'Indent', sign: '→' },
  { move: 'outdent', label: 'Outdent', sign: '←' },
];

const renderItem = (options: EditorOptions, item: Item, children: Html): Html => {
  const { admin, session, items, refused } = options;
  const csrf = admin.csrfInput(session);
  const problems = refused?.form === item.id ? refused.problems : [];
  const entered = refused?.form === item.id && 'label' in refused.entered ? refused.entered : item;
  const count = items.filter(({ parentId }) => parentId === item.id).length;
  return html`<li data-item="${item.id}" id="item-${item.id}">
<div class="menu-item">
<span class="handle" aria-hidden="true">⠿</span>
<span class="menu-item-label">${item.label}</span>
<span class="menu-item-target">${targetOf(item) ?? 'opens what is below'}</span>
${!item.isActive && html`<span class="badge badge-archived">Hidden</span>`}${item.opensNewTab && html`<span class="badge">New tab</span>`}
<form class="menu-item-moves" method="post" action="/admin/navigation/items/${item.id}/move">${csrf}${BUTTONS.map(
    ({ move, label, sign }) =>
      html`<button type="submit" class="button button-small" name="move" value="${move}" aria-label="${label}: ${item.label}" title="${label}"${attribute('disabled', movedBy(items, item.id, move) === undefined)}>${sign}</button>`,
  )}</form>
<details class="menu-item-edit"${attribute('open', problems.length > 0)}><summary>Edit<span class="visually-hidden"> ${item.label}</span></summary>
<form method="post" action="/admin/navigation/items/${item.id}">${csrf}${itemFields(String(item.id), entered, problems)}<button class="button button-primary" type="submit">Save</button></form>
<form method="post" action="/admin/navigation/items/${item.id}/delete">${csrf}<button class="button button-danger" type="submit">Delete${count > 0 && ` with the ${count} below`}</button></form>
</details>
</div>
${children}</li>`;
};

const menuFields = ({ name, location }: MenuEntered, problems: readonly FieldProblem[]): Html => html`
${field('Name', 'menu-name', problem(problems, 'name'), html`<input type="text" id="menu-name" name="name" value="${name}" maxlength="80" required${invalid(problems, 'name', 'menu-name')}>`)}
${field('Where it stands', 'menu-location', problem(problems, 'location'), html`<select id="menu-location" name="location"${invalid(problems, 'location', 'menu-location')}>${MENU_LOCATIONS.map(({ value, label }) => option(value, label, location))}</select>`)}`;

const itemFields = (key: string, item: ItemDraft, problems: readonly FieldProblem[]): Html => {
  const id = (name: string): string => `item-${key}-${name}`;
  return html`<div class="fields">
${field('Label', id('label'), problem(problems, 'label'), html`<input type="text" id="${id('label')}" name="label" value="${item.label}" maxlength="80" required${invalid(problems, 'label', id('label'))}>`)}
${field('Leads to', id('type'), undefined, html`<select id="${id('type')}" name="link_type" data-link-type>${LINK_TYPES.map(({ value, label }) => option(value, label, item.linkType))}</select>`)}
${field('Page', id('page'), problem(problems, 'page'), html`<select id="${id('page')}" name="page_identifier" data-for-link-type="page"${invalid(problems, 'page', id('page'))}>${MENU_PAGES.map(({ value, label }) => option(value, label, item.page))}</select>`)}
${field('Address', id('url'), problem(problems, 'url'), html`<input type="text" id="${id('url')}" name="url" value="${item.url}" maxlength="2000" placeholder="/products or https://…" data-for-link-type="url"${invalid(problems, 'url', id('url'))}>`)}
<label class="check"><input type="checkbox" name="open_new_tab" value="1"${attribute('checked', item.opensNewTab)}> Opens in a new tab</label>
<label class="check"><input type="checkbox" name="is_active" value="1"${attribute('checked', item.isActive)}> Shown</label>
</div>`;
};

const field = (label: string, id: string, message: string | undefined, input: Html): Html =>
  html`<div class="field"><label for="${id}">${label}</label>${input}${message !== undefined && html`<p class="field-problem" id="${id}-problem">${message}</p>`}</div>`;

const problem = (problems: readonly FieldProblem[], name: string): string | undefined =>
  problems.find(({ field: at }) => at === name)?.message;

const invalid = (problems: readonly FieldProblem[], name: string, id: string): Html =>
  problem(problems, name) === undefined ? html`` : html` aria-invalid="true" aria-describedby="${id}-problem"`;

const option = (value: string, label: string, chosen: string): Html =>
  html`<option value="${value}"${attribute('selected', value === chosen)}>${label}</option>`;

const locationLabel = ({ location }: Menu): string => MENU_LOCATIONS.find(({ value }) => value === location)?.label ?? location;
