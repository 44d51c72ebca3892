/** An input that proposes what matches, with the keys of a combo box: arrows, Enter, Escape. */
import { element } from './element.ts';

export type Proposal = { readonly label: string; readonly choose: () => void };

export type SearchBoxOptions = {
  readonly id: string;
  readonly label: string;
  /** What matches what was typed ('' too). Rejects when it cannot be asked. */
  readonly propose: (typed: string) => Promise<readonly Proposal[]>;
};

export type SearchBox = { readonly root: HTMLElement; readonly input: HTMLInputElement };

/** As long as somebody types nothing is asked. */
const QUIET_MS = 150;

export const createSearchBox = ({ id, label, propose }: SearchBoxOptions): SearchBox => {
  const list = element('ul', { id: `${id}-list`, role: 'listbox', class: 'proposals', 'aria-label': label, hidden: true });
  const input = element('input', {
    id: `${id}-search`,
    type: 'search',
    role: 'combobox',
    autocomplete: 'off',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': list.id,
    'aria-label': label,
    placeholder: 'Search …',
  });
  const status = element('p', { class: 'visually-hidden', role: 'status' });
  let proposals: readonly Proposal[] = [];
  let active = -1;
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const close = (): void => {
    asked += 1;
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const choose = (index: number): void => {
    const proposal = proposals[index];
    if (proposal === undefined) return;
    input.value = '';
    close();
    proposal.choose();
  };
  const mark = (index: number): void => {
    active = index;
    for (const [at, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(at === index));
    input.setAttribute('aria-activedescendant', `${id}-option-${index}`);
    list.children[index]?.scrollIntoView({ block: 'nearest' });
  };
  const open = async (): Promise<void> => {
    const question = ++asked;
    try {
      const found = await propose(input.value.trim());
      // The answer to an earlier question may come after that to a later one.
      if (question !== asked) return;
      proposals = found;
      status.textContent = found.length === 0 ? 'Nothing found.' : `${found.length} found.`;
    } catch {
      if (question !== asked) return;
      proposals = [];
      status.textContent = 'The search does not answer.';
    }
    list.replaceChildren(...proposals.map((proposal, index) => optionOf(proposal, index)));
    list.hidden = proposals.length === 0;
    active = -1;
    input.setAttribute('aria-expanded', String(!list.hidden));
    input.removeAttribute('aria-activedescendant');
  };
  const optionOf = ({ label: text }: Proposal, index: number): HTMLElement =>
    element('li', {
      id: `${id}-option-${index}`,
      role: 'option',
      'aria-selected': 'false',
      text,
      // Before the input loses the focus and the list closes.
      onmousedown: (event) => {
        event.preventDefault();
        choose(index);
      },
    });

  input.addEventListener('input', (event) => {
    // What is searched for is no part of the form.
    event.stopPropagation();
    clearTimeout(timer);
    timer = setTimeout(() => void open(), QUIET_MS);
  });
  input.addEventListener('change', (event) => event.stopPropagation());
  input.addEventListener('focus', () => void open());
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    const { length } = proposals;
    if (event.key === 'Enter') {
      // Never the form's: it would be saved by choosing something.
      event.preventDefault();
      if (!list.hidden) choose(active === -1 ? 0 : active);
    } else if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !event.altKey) {
      event.preventDefault();
      if (list.hidden) void open();
      else if (length > 0) mark((active + (event.key === 'ArrowDown' ? 1 : active === -1 ? 0 : -1) + length) % length);
    }
  });
  return { root: element('div', { class: 'search-box' }, input, list, status), input };
};
