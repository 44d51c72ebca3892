/** What a script adds to the editor of menus: moves without loading the page, Alt and arrows, and dragging. */
import { load, send } from './send.ts';

const KEYS: Readonly<Record<string, string>> = { ArrowUp: 'up', ArrowDown: 'down', ArrowRight: 'indent', ArrowLeft: 'outdent' };
/** Whoever drags so far to the right means "below this one", in pixels. */
const INDENT_PX = 64;

export const startNavigation = (root: ParentNode): void => {
  for (const select of root.querySelectorAll<HTMLSelectElement>('select[data-link-type]')) startLinkType(select);
  for (const editor of root.querySelectorAll<HTMLElement>('[data-menu-editor]')) startEditor(editor);
};

/** Only what the kind of link needs is asked for. */
const startLinkType = (select: HTMLSelectElement): void => {
  const show = (): void => {
    for (const input of select.form?.querySelectorAll<HTMLElement>('[data-for-link-type]') ?? []) {
      const field = input.closest<HTMLElement>('.field');
      if (field !== null) field.hidden = input.dataset['forLinkType'] !== select.value;
    }
  };
  select.addEventListener('change', show);
  show();
};

const startEditor = (editor: HTMLElement): void => {
  const address = `/admin/navigation/${editor.dataset['menuEditor']}`;
  const list = editor.querySelector<HTMLElement>('[data-menu-items]');
  const status = editor.querySelector<HTMLElement>('[data-menu-status]');
  if (list === null) return;

  const show = (fragment: string): void => {
    list.innerHTML = fragment;
    for (const select of list.querySelectorAll<HTMLSelectElement>('select[data-link-type]')) startLinkType(select);
  };
  const say = (text: string): void => {
    if (status !== null) status.textContent = text;
  };

  const move = async (id: string, to: string): Promise<void> => {
    try {
      show(await send(`/admin/navigation/items/${id}/move`, new URLSearchParams({ move: to })));
      const item = list.querySelector<HTMLElement>(`[data-item="${id}"]`);
      const buttons = [...(item?.querySelectorAll<HTMLButtonElement>(':scope > .menu-item button[name="move"]') ?? [])];
      // Where that button cannot be pressed any more, another one of the same entry keeps the focus.
      (buttons.find(({ value, disabled }) => value === to && !disabled) ?? buttons.find(({ disabled }) => !disabled))?.focus();
      say(placeOf(item));
    } catch (error) {
      say(error instanceof Error ? error.message : 'Not moved.');
    }
  };

  list.addEventListener('submit', (event) => {
    if (!(event.target instanceof HTMLFormElement) || !event.target.matches('.menu-item-moves')) return;
    const id = event.target.closest<HTMLElement>('[data-item]')?.dataset['item'];
    const to = event.submitter instanceof HTMLButtonElement ? event.submitter.value : undefined;
    if (id === undefined || to === undefined) return;
    event.preventDefault();
    void move(id, to);
  });
  list.addEventListener('keydown', (event) => {
    const to = KEYS[event.key];
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-item]') : null;
    if (!event.altKey || to === undefined || item === null) return;
    event.preventDefault();
    const button = item.querySelector<HTMLButtonElement>(`:scope > .menu-item button[value="${to}"]`);
    if (button?.disabled === false) void move(item.dataset['item'] ?? '', to);
  });
  startDragging(list, async (item) => {
    try {
      await send(`${address}/reorder`, arrangementOf(list));
      say(placeOf(item));
    } catch (error) {
      say(error instanceof Error ? error.message : 'Not moved.');
    }
    // Which buttons can be pressed has changed; and after a refusal, everything.
    show(await load(address));
  });
};

const itemsIn = (parent: Element): HTMLElement[] => [...parent.querySelectorAll<HTMLElement>(':scope > ol > [data-item]')];

const placeOf = (item: HTMLElement | null): string => {
  const parent = item?.parentElement?.closest<HTMLElement>('[data-item]');
  const siblings = [...(item?.parentElement?.children ?? [])];
  const within = parent ? ` below ${labelOf(parent)}` : '';
  return item ? `${labelOf(item)} is now ${siblings.indexOf(item) + 1} of ${siblings.length}${within}` : '';
};

const labelOf = (item: HTMLElement): string => item.querySelector('.menu-item-label')?.textContent ?? '';

const arrangementOf = (list: HTMLElement): readonly object[] => {
  const entry = (item: HTMLElement, parent: HTMLElement | null, order: number) => ({
    id: Number(item.dataset['item']),
    parent_id: parent === null ? null : Number(parent.dataset['item']),
    order,
  });
  return itemsIn(list).flatMap((item, order) => [
    entry(item, null, order),
    ...itemsIn(item).map((child, index) => entry(child, item, index)),
  ]);
};

const startDragging = (list: HTMLElement, dropped: (item: HTMLElement) => Promise<void>): void => {
  let dragged: HTMLElement | undefined;
  list.addEventListener('pointerdown', ({ target }) => {
    const item = target instanceof Element ? target.closest('.handle')?.closest<HTMLElement>('[data-item]') : undefined;
    for (const one of list.querySelectorAll<HTMLElement>('[data-item]')) one.draggable = one === item;
  });
  list.addEventListener('dragstart', (event) => {
    const item = event.target instanceof HTMLElement && event.target.matches('[data-item]') ? event.target : undefined;
    if (item?.draggable !== true) return;
    dragged = item;
    item.classList.add('is-dragged');
    event.dataTransfer?.setData('text/plain', item.dataset['item'] ?? '');
  });
  list.addEventListener('dragover', (event) => {
    const over = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-item]') : null;
    if (dragged === undefined || over === null || dragged.contains(over)) return;
    event.preventDefault();
    place(dragged, over, event);
  });
  list.addEventListener('drop', (event) => event.preventDefault());
  list.addEventListener('dragend', () => {
    const item = dragged;
    dragged = undefined;
    item?.classList.remove('is-dragged');
    if (item !== undefined) void dropped(item);
  });
};

/** Beside the entry that the pointer is over, or below it: there are two levels, and what has entries below it stays on the first. */
const place = (dragged: HTMLElement, over: HTMLElement, { clientX, clientY }: MouseEvent): void => {
  const parent = over.parentElement?.closest<HTMLElement>('[data-item]') ?? null;
  const hasChildren = itemsIn(dragged).length > 0;
  if (parent !== null && hasChildren) return;
  const row = over.querySelector('.menu-item')?.getBoundingClientRect();
  if (row === undefined) return;
  const isLower = clientY > row.top + row.height / 2;
  if (parent === null && !hasChildren && isLower && clientX - row.left > INDENT_PX) {
    const inner = over.querySelector(':scope > ol') ?? over.appendChild(document.createElement('ol'));
    inner.prepend(dragged);
  } else if (isLower) over.after(dragged);
  else over.before(dragged);
};
