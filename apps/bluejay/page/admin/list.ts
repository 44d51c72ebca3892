/** What a script adds to lists: filters that apply at once, all rows chosen at once, and an order made by dragging. */
import { send } from './send.ts';

export const startList = (root: ParentNode): void => {
  for (const select of root.querySelectorAll<HTMLSelectElement>('select[data-submits]'))
    select.addEventListener('change', () => select.form?.requestSubmit());
  for (const form of root.querySelectorAll<HTMLFormElement>('form.bulk-form')) startChoosing(form);
  for (const rows of root.querySelectorAll<HTMLElement>('tbody[data-orders]')) startOrdering(root, rows);
};

const startChoosing = (form: HTMLFormElement): void => {
  const all = form.querySelector<HTMLInputElement>('input[data-chooses-all]');
  const count = form.querySelector<HTMLElement>('[data-chosen-count]');
  const boxes = [...form.querySelectorAll<HTMLInputElement>('input[name="id"]')];
  if (all === null || boxes.length === 0) return;
  all.hidden = false;
  const show = (): void => {
    const chosen = boxes.filter(({ checked }) => checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    if (count !== null) count.textContent = chosen === 0 ? '' : `${chosen} chosen`;
  };
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  form.addEventListener('change', show);
  // A page that comes back from the history has its boxes ticked.
  show();
};

const rowsOf = (body: HTMLElement): HTMLElement[] => [...body.querySelectorAll<HTMLElement>(':scope > tr')];
const buttonOf = (row: HTMLElement | undefined, way: 'up' | 'down'): HTMLButtonElement | null =>
  row?.querySelector<HTMLButtonElement>(`button[value$=":${way}"]`) ?? null;

const startOrdering = (root: ParentNode, body: HTMLElement): void => {
  const form = root.querySelector<HTMLFormElement>('form[data-order]');
  if (form === null) return;
  const status = document.createElement('p');
  status.className = 'visually-hidden';
  status.setAttribute('role', 'status');
  form.append(status);
  // What is at the edge of the page may still move to the page beside it: then the button sends the form.
  const isFirstPage = buttonOf(rowsOf(body)[0], 'up')?.disabled === true;
  const isLastPage = buttonOf(rowsOf(body).at(-1), 'down')?.disabled === true;

  const save = async (row: HTMLElement): Promise<void> => {
    const rows = rowsOf(body);
    for (const [index, one] of rows.entries()) {
      const [up, down] = [buttonOf(one, 'up'), buttonOf(one, 'down')];
      if (up !== null) up.disabled = isFirstPage && index === 0;
      if (down !== null) down.disabled = isLastPage && index === rows.length - 1;
    }
    try {
      await send(form.dataset['order'] ?? '', new URLSearchParams({ ids: rows.map(({ dataset }) => dataset['id']).join(',') }));
      status.textContent = `${row.dataset['name']} is now ${rows.indexOf(row) + 1} of ${rows.length}`;
    } catch {
      // The list has changed in the meantime: what is there now is the truth.
      location.reload();
    }
  };

  body.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button[name="move"]') : null;
    const row = button?.closest<HTMLElement>('tr');
    if (!button || !row) return;
    const isUp = button.value.endsWith(':up');
    const neighbour = isUp ? row.previousElementSibling : row.nextElementSibling;
    if (neighbour === null) return;
    event.preventDefault();
    if (isUp) neighbour.before(row);
    else neighbour.after(row);
    void save(row);
    // At the end its button cannot be pressed any more; the other one can.
    (button.disabled ? buttonOf(row, isUp ? 'down' : 'up') : button)?.focus();
  });

  startDragging(body, (row) => void save(row));
};

const startDragging = (body: HTMLElement, dropped: (row: HTMLElement) => void): void => {
  let dragged: HTMLElement | undefined;
  let before: Element | null = null;
  body.addEventListener('pointerdown', ({ target }) => {
    // Only by its handle: text in a row can still be marked.
    const row = target instanceof Element ? target.closest('.handle')?.closest<HTMLElement>('tr') : undefined;
    for (const one of rowsOf(body)) one.draggable = one === row;
  });
  body.addEventListener('dragstart', (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('tr') : null;
    if (row?.draggable !== true) return;
    dragged = row;
    before = row.nextElementSibling;
    row.classList.add('is-dragged');
    event.dataTransfer?.setData('text/plain', row.dataset['id'] ?? '');
  });
  body.addEventListener('dragover', (event) => {
    const over = event.target instanceof Element ? event.target.closest<HTMLElement>('tr') : null;
    if (dragged === undefined || over === null || over === dragged) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(dragged);
    else over.after(dragged);
  });
  body.addEventListener('drop', (event) => event.preventDefault());
  body.addEventListener('dragend', () => {
    const row = dragged;
    dragged = undefined;
    row?.classList.remove('is-dragged');
    if (row !== undefined && row.nextElementSibling !== before) dropped(row);
  });
};
