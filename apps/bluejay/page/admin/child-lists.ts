/** Rows of a record: added, copied, moved, removed and put back, by pointer and by keyboard. They are numbered as they stand. */
import { announceChange } from './element.ts';
import { startMediaFields } from './media-field.ts';

/** What stands for the number of a row in the template of a new one. */
const NEW_ROW = '__n__';

export const startChildLists = (root: ParentNode): void => {
  for (const list of root.querySelectorAll<HTMLElement>('[data-child-list]')) startChildList(list);
};

const startChildList = (list: HTMLElement): void => {
  const rows = list.querySelector<HTMLElement>('[data-rows]');
  const template = list.querySelector<HTMLTemplateElement>('template[data-row-template]');
  const add = list.querySelector<HTMLButtonElement>('[data-row-add]');
  const undo = list.querySelector<HTMLButtonElement>('[data-row-undo]');
  const status = list.querySelector<HTMLElement>('[data-rows-status]');
  if (rows === null || template === null || add === null || undo === null || status === null) return;
  const one = list.dataset['one'] ?? 'row';
  const most = Number(list.dataset['max']);
  let removed: { readonly row: HTMLElement; readonly before: Element | null } | undefined;

  const changed = (text: string): void => {
    numberAll(list, rows);
    add.disabled = rowsOf(rows).length >= most;
    status.textContent = add.disabled ? `${text} There can be no more than ${most}.` : text;
    announceChange(rows);
  };
  const insert = (before: Element | null, original: HTMLElement | undefined): void => {
    if (rowsOf(rows).length >= most) return;
    const row = template.content.querySelector<HTMLElement>('[data-row]')?.cloneNode(true);
    if (!(row instanceof HTMLElement)) return;
    rows.insertBefore(row, before);
    if (original !== undefined) fill(row, original);
    startRow(row);
    startMediaFields(row);
    row.querySelector('details')?.setAttribute('open', '');
    changed(original === undefined ? `A ${one} was added.` : `The ${one} was duplicated.`);
    row.dispatchEvent(new CustomEvent('bluejay:row', { bubbles: true }));
    focusFirst(row);
  };
  const move = (row: HTMLElement, by: -1 | 1): void => {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (other === null) return;
    const focused = document.activeElement;
    if (by < 0) other.before(row);
    else other.after(row);
    if (focused instanceof HTMLElement) focused.focus();
    changed(`Moved to place ${rowsOf(rows).indexOf(row) + 1} of ${rowsOf(rows).length}.`);
  };
  const remove = (row: HTMLElement): void => {
    const next = row.nextElementSibling;
    removed = { row, before: next };
    const neighbour = next ?? row.previousElementSibling;
    row.remove();
    undo.hidden = false;
    changed(`“${titleOf(list, row)}” was removed.`);
    (neighbour?.querySelector<HTMLElement>('[data-row-remove]') ?? add).focus();
  };
  const startRow = (row: HTMLElement): void => {
    row.querySelector<HTMLElement>('[data-row-buttons]')?.removeAttribute('hidden');
    row.querySelector('[data-row-remove-plain]')?.remove();
    row.querySelector('[data-row-up]')?.addEventListener('click', () => move(row, -1));
    row.querySelector('[data-row-down]')?.addEventListener('click', () => move(row, 1));
    row.querySelector('[data-row-copy]')?.addEventListener('click', () => insert(row.nextElementSibling, row));
    row.querySelector('[data-row-remove]')?.addEventListener('click', () => remove(row));
    row.addEventListener('keydown', (event) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
      event.preventDefault();
      move(row, event.key === 'ArrowUp' ? -1 : 1);
    });
    row.addEventListener('input', () => {
      const title = row.querySelector('[data-row-title]');
      if (title !== null) title.textContent = titleOf(list, row);
    });
  };

  for (const row of rowsOf(rows)) startRow(row);
  add.hidden = false;
  add.addEventListener('click', () => insert(null, undefined));
  undo.addEventListener('click', () => {
    if (removed === undefined) return;
    const { row, before } = removed;
    rows.insertBefore(row, before?.parentNode === rows ? before : null);
    removed = undefined;
    undo.hidden = true;
    changed(`“${titleOf(list, row)}” is back.`);
    focusFirst(row);
  });
};

const rowsOf = (rows: HTMLElement): readonly HTMLElement[] =>
  [...rows.children].filter((row): row is HTMLElement => row instanceof HTMLElement && row.dataset['row'] !== undefined);

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Those that are sent, but the row's own id: a copy is a new row. */
const controlsOf = (row: HTMLElement): readonly Control[] =>
  [...row.querySelectorAll<Control>('input[name], select[name], textarea[name]')].filter(
    ({ name }) => !/\.(?:id|remove)$/.test(name),
  );

const fill = (row: HTMLElement, original: HTMLElement): void => {
  const controls = controlsOf(row);
  for (const [index, from] of controlsOf(original).entries()) {
    const control = controls[index];
    if (control === undefined) continue;
    if (isTickable(control) && isTickable(from)) control.checked = from.checked;
    else if (control instanceof HTMLSelectElement && from instanceof HTMLSelectElement)
      control.replaceChildren(
        ...[...from.options].map((option) => new Option(option.text, option.value, false, option.selected)),
      );
    else control.value = from.value;
  }
  const shown = [...row.querySelectorAll('[data-media-present]')];
  for (const [index, present] of [...original.querySelectorAll('[data-media-present]')].entries())
    shown[index]?.replaceChildren(...[...present.childNodes].map((node) => node.cloneNode(true)));
};

const isTickable = (control: Control): control is HTMLInputElement =>
  control instanceof HTMLInputElement && (control.type === 'checkbox' || control.type === 'radio');

const titleOf = (list: HTMLElement, row: HTMLElement): string => {
  const title = list.dataset['title'] ?? '';
  const input = controlsOf(row).find(({ name }) => name.endsWith(`.${title}`));
  const value = input instanceof HTMLSelectElement ? input.selectedOptions[0]?.text : input?.value;
  return value === undefined || value.trim() === '' ? `New ${list.dataset['one'] ?? 'row'}` : value;
};

/** Radio buttons of two rows meet under one name while names change, and only one of them would stay ticked. */
const numberAll = (list: HTMLElement, rows: HTMLElement): void => {
  const ticked = [...rows.querySelectorAll<HTMLInputElement>('input[type="radio"]:checked')];
  for (const [index, row] of rowsOf(rows).entries()) number(list, row, index);
  for (const radio of ticked) radio.checked = true;
};

const NUMBERED = ['name', 'id', 'for', 'aria-describedby', 'aria-labelledby', 'data-count-of'];

const number = (list: HTMLElement, row: HTMLElement, index: number): void => {
  const begin = new RegExp(`^((?:in-)?child[.-]${list.dataset['childList'] ?? ''}[.-])(?:\\d+|${NEW_ROW})(?=[.-])`);
  for (const element of row.querySelectorAll('*'))
    for (const attribute of NUMBERED) {
      const value = element.getAttribute(attribute);
      if (value === null) continue;
      const numbered = value
        .split(' ')
        .map((part) => part.replace(begin, `$1${index}`))
        .join(' ');
      if (numbered !== value) element.setAttribute(attribute, numbered);
    }
};

const focusFirst = (row: HTMLElement): void => {
  const first = [
    ...row.querySelectorAll<HTMLElement>('input, textarea, select, [contenteditable="true"], [data-media-choose]'),
  ].find((element) => element.getClientRects().length > 0);
  (first ?? row.querySelector<HTMLElement>('summary'))?.focus();
};
