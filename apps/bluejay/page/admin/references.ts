/** Other records: chips in an order, and a search for many. The select behind it is what is sent, in the order of its options. */
import { announceChange, csrfToken, element } from './element.ts';
import { createSearchBox, type Proposal } from './search-box.ts';

export const startReferences = (root: ParentNode): void => {
  for (const select of root.querySelectorAll<HTMLSelectElement>('select[data-references]')) startChips(select);
  for (const select of root.querySelectorAll<HTMLSelectElement>('select[data-reference]')) startSearch(select);
};

type Found = { readonly id: number; readonly title: string };

const startChips = (select: HTMLSelectElement): void => {
  const { type = '', one = 'record', creates } = select.dataset;
  const most = Number(select.dataset['max'] ?? Number.POSITIVE_INFINITY);
  const chips = element('ol', { class: 'chips' });
  const status = element('p', { class: 'visually-hidden', role: 'status' });
  const chosen = (): HTMLOptionElement[] => [...select.selectedOptions];

  const show = (): void => {
    chips.replaceChildren(...chosen().map((option, index, all) => chipOf(option, index, all.length)));
    box.input.disabled = chosen().length >= most;
    box.input.placeholder = box.input.disabled ? `No more than ${most}` : 'Search …';
  };
  const changed = (text: string): void => {
    show();
    status.textContent = text;
    announceChange(select);
  };
  const add = ({ id, title }: Found): void => {
    const option = element('option', { value: String(id), text: title });
    option.selected = true;
    for (const other of select.querySelectorAll(`option[value="${id}"]`)) other.remove();
    const last = chosen().at(-1);
    if (last === undefined) select.prepend(option);
    else last.after(option);
    option.selected = true;
    changed(`“${title}” was added.`);
    box.input.focus();
  };
  const remove = (option: HTMLOptionElement): void => {
    option.selected = false;
    select.append(option);
    changed(`“${option.text}” was taken out.`);
    box.input.focus();
  };
  const moveTo = (option: HTMLOptionElement, index: number): void => {
    const others = chosen().filter((one) => one !== option);
    const next = others[index];
    if (next === undefined) others.at(-1)?.after(option);
    else next.before(option);
    option.selected = true;
    changed(`“${option.text}” is at place ${chosen().indexOf(option) + 1} of ${chosen().length}.`);
  };
  const focusButton = (index: number, name: string): void => {
    const chip = chips.children[index];
    const button = chip?.querySelector<HTMLButtonElement>(`[data-chip="${name}"]:not(:disabled)`);
    (button ?? chip?.querySelector<HTMLButtonElement>('button:not(:disabled)'))?.focus();
  };

  let dragged: HTMLOptionElement | undefined;
  const chipOf = (option: HTMLOptionElement, index: number, count: number): HTMLElement => {
    const button = (name: string, label: string, text: string, isOff: boolean, run: () => void): HTMLElement =>
      element('button', {
        type: 'button',
        class: 'chip-button',
        'data-chip': name,
        'aria-label': `${label}: ${option.text}`,
        text,
        disabled: isOff,
        onclick: run,
      });
    const chip = element(
      'li',
      { class: 'chip', draggable: 'true' },
      element('span', { class: 'chip-title', text: option.text }),
      button('earlier', 'Move earlier', '←', index === 0, () => {
        moveTo(option, index - 1);
        focusButton(index - 1, 'earlier');
      }),
      button('later', 'Move later', '→', index === count - 1, () => {
        moveTo(option, index + 1);
        focusButton(index + 1, 'later');
      }),
      button('out', 'Take out', '×', false, () => remove(option)),
    );
    chip.addEventListener('dragstart', (event) => {
      dragged = option;
      event.dataTransfer?.setData('text/plain', option.text);
    });
    chip.addEventListener('dragover', (event) => {
      if (dragged !== undefined) event.preventDefault();
    });
    chip.addEventListener('drop', (event) => {
      if (dragged === undefined) return;
      event.preventDefault();
      moveTo(dragged, index);
      dragged = undefined;
    });
    chip.addEventListener('dragend', () => {
      dragged = undefined;
    });
    return chip;
  };

  const box = createSearchBox({
    id: select.id,
    label: `Add a ${one.toLowerCase()}`,
    propose: async (typed) => {
      const found = await ask(
        type,
        typed,
        chosen().map(({ value }) => value),
      );
      const proposals = found.map((record): Proposal => ({ label: record.title, choose: () => add(record) }));
      const isNew =
        typed !== '' &&
        ![...found.map(({ title }) => title), ...chosen().map(({ text }) => text)].some((title) => isSame(title, typed));
      if (creates === undefined || !isNew) return proposals;
      const choose = (): void => {
        make(type, typed).then(add, (error: unknown) => {
          status.textContent = error instanceof Error ? error.message : 'It could not be made.';
          status.classList.remove('visually-hidden');
        });
      };
      return [...proposals, { label: `Make “${typed}”`, choose }];
    },
  });
  replaceSelect(select, element('div', { class: 'references' }, chips, box.root, status), box.input);
  show();
};

const startSearch = (select: HTMLSelectElement): void => {
  const { type = '', one = 'record' } = select.dataset;
  const present = element('span', { class: 'reference-present' });
  const clear = element('button', { type: 'button', class: 'button button-small', text: 'Take out' });
  const show = (): void => {
    present.textContent = select.value === '' ? 'none' : (select.selectedOptions[0]?.text ?? '');
    clear.hidden = select.value === '';
  };
  const set = (id: string, title: string): void => {
    if (![...select.options].some(({ value }) => value === id)) select.append(element('option', { value: id, text: title }));
    select.value = id;
    show();
    announceChange(select);
  };
  const box = createSearchBox({
    id: select.id,
    label: `Choose a ${one.toLowerCase()}`,
    propose: async (typed) =>
      (await ask(type, typed, [])).map(({ id, title }): Proposal => ({ label: title, choose: () => set(String(id), title) })),
  });
  clear.addEventListener('click', () => {
    set('', '');
    box.input.focus();
  });
  replaceSelect(select, element('div', { class: 'references' }, element('p', {}, present, ' ', clear), box.root), box.input);
  show();
};

/** The label and what describes the select are the search box's from now on. */
const replaceSelect = (select: HTMLSelectElement, better: HTMLElement, input: HTMLInputElement): void => {
  for (const name of ['aria-describedby', 'aria-invalid']) {
    const value = select.getAttribute(name);
    if (value !== null) input.setAttribute(name, value);
  }
  const label = select.labels[0];
  if (label !== undefined) {
    const text = label.textContent?.replace('*', '').trim() ?? '';
    input.setAttribute('aria-label', `${text}: ${input.getAttribute('aria-label') ?? ''}`);
    label.htmlFor = input.id;
  }
  select.hidden = true;
  select.after(better);
};

const ask = async (type: string, typed: string, without: readonly string[]): Promise<readonly Found[]> => {
  const query = new URLSearchParams({ q: typed, without: without.join(',') });
  const response = await fetch(`/admin/references/${type}?${query.toString()}`, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`the search answers ${response.status}`);
  return ((await response.json()) as { records: readonly Found[] }).records;
};

const make = async (type: string, title: string): Promise<Found> => {
  const headers = { Accept: 'application/json', 'X-CSRF-Token': csrfToken() };
  const body = new URLSearchParams({ title, _csrf: csrfToken() });
  const response = await fetch(`/admin/references/${type}`, { method: 'POST', headers, body });
  const answer = (await response.json()) as Found & { readonly message?: string };
  if (!response.ok) throw new Error(answer.message ?? `“${title}” could not be made.`);
  return answer;
};

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
